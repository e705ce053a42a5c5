import pytest

from bench import load

REPORT = """Running 3s test @ http://127.0.0.1:8000/api/users
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   172.31us  105.04us   6.41ms   97.15%
    Req/Sec   187.22k     9.87k  201.35k    70.00%
  Latency Distribution
     50%  163.00us
     75%  186.00us
     90%  219.00us
     99%    1.02ms
  560123 requests in 3.00s, 131.95MB read
Requests/sec: 186641.27
Transfer/sec:     43.97MB
"""
TROUBLE = """  Latency Distribution
     50%    1.10s
     99%    1.50m
  230 requests in 3.01s, 1.00MB read
  Socket errors: connect 1, read 2, write 3, timeout 40
  Non-2xx or 3xx responses: 500
Requests/sec:     76.41
"""


def test_a_report_is_read():
    assert load.parse(REPORT) == load.Load(
        requests=560_123, rate=186_641.27, p50_ms=0.163, p99_ms=1.02, errors=0
    )


def test_errors_and_long_latencies_are_read():
    assert load.parse(TROUBLE) == load.Load(requests=230, rate=76.41, p50_ms=1100, p99_ms=90_000, errors=546)


@pytest.mark.parametrize("text", ["", "unable to connect to 127.0.0.1:8000 Connection refused", REPORT[:300]])
def test_what_is_no_report_is_refused(text: str):
    with pytest.raises(load.LoadError, match="unreadable wrk report"):
        load.parse(text)


def test_the_command_names_the_script_and_its_arguments(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bench.load.load_core", lambda: None)
    line = load.command("http://127.0.0.1:1", 3, "query.lua", ("/api/greeting",))
    assert line[:4] == ["wrk", "-t1", "-c32", "-d3s"]
    assert line[-5:] == ["-s", str(load.LUA / "query.lua"), "http://127.0.0.1:1", "--", "/api/greeting"]


def test_the_load_is_pinned_where_there_is_a_core_for_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bench.load.load_core", lambda: 1)
    assert load.command("http://127.0.0.1:1", 3)[:4] == ["taskset", "-c", "1", "wrk"]


@pytest.mark.parametrize("name", ["query", "post", "ids", "count"])
def test_the_scripts_exist(name: str):
    assert (load.LUA / f"{name}.lua").is_file()
