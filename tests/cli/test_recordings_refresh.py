import argparse
import io

import pytest

from tests.record.kit import exchange
from understudy.cli import recordings_refresh
from understudy.cli.recordings_refresh import refreshed, wanted
from understudy.cli.target import Wrong
from understudy.record import folder


def run(*arguments):
    parser = argparse.ArgumentParser()
    recordings_refresh.add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    code = recordings_refresh.run(parser.parse_args(list(map(str, arguments))), out, err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def recordings(tmp_path):
    with folder.FolderWriter(tmp_path / "recordings") as writer:
        for one in (
            exchange({"a": 1}, target="/a", recorded_at=1, request_headers=[("X-Key", "REDACTED-x_key")]),
            exchange({"b": 1}, target="/b", recorded_at=2),
            exchange({"c": 1}, target="/c", recorded_at=3, method="POST"),
            exchange({"d": 1}, target="/d", recorded_at=4),
        ):
            writer.write(one)
    return tmp_path / "recordings"


@pytest.fixture
def target(endpoints):
    server = endpoints(
        {"path": "/a", "response": {"a": 1, "key": "{{ headers['x-key'] }}"}},
        {"path": "/b", "response": {"b": "1", "token": "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"}},
        {"path": "/c", "method": "POST", "response": {"c": 2}},
        {"path": "/d", "status": 500, "response": {}},
    )
    return f"http://127.0.0.1:{server.port}"


def bodies(path):
    return {one.id: one.reply.body for one in folder.read_folder(path).exchanges}


def test_one_is_replaced(recordings, target):
    before = bodies(recordings)

    code, out, err = run(recordings, "api.example.com/get-b", "--target", target)

    assert (code, err) == (0, "")
    assert out.startswith("api.example.com/get-b: ")
    assert "type-changed $.b" in out
    assert out.endswith("\n1 of 1 recording refreshed\n")
    after = bodies(recordings)
    assert after["api.example.com/get-b"].startswith(b'{"b":"1","token":"REDACTED-')
    assert {id for id in after if after[id] != before[id]} == {"api.example.com/get-b"}


def test_what_was_given_is_not_kept(recordings, target):
    code, out, err = run(recordings, "*/get-a", "--target", target, "--header", "X-Key: hidden-value-1")

    assert (code, err) == (0, "")
    assert "field-added $.key" in out
    kept = "".join(file.read_text() for file in recordings.rglob("*.json"))
    assert "REDACTED-x_key" in kept


def test_what_is_left_as_it_was(recordings, target):
    before = bodies(recordings)
    code, out, err = run(recordings, "*/post-c", "*/get-d", "--target", target)

    assert (code, out) == (1, "0 of 2 recordings refreshed\n")
    assert err.splitlines() == [
        "left as it was: api.example.com/post-c: POST changes something, and needs --unsafe",
        "left as it was: api.example.com/get-d: the server answered 500 (--failures takes it all the same)",
    ]
    assert bodies(recordings) == before
    assert run(recordings, "*/post-c", "*/get-d", "--target", target, "--unsafe", "--failures")[0] == 0
    assert bodies(recordings)["api.example.com/post-c"] == b'{"c":2}'


def test_a_header_without_its_secret_is_told(recordings, target):
    err = run(recordings, "*/get-a", "--target", target)[2]

    assert err == "sent without a header: api.example.com/get-a: X-Key was redacted (give it with --header)\n"


def test_who_is_refused_for_want_of_a_secret_loses_nothing(recordings, endpoints):
    server = endpoints(
        {"path": "/a", "match": {"headers": {"x-key": "right"}}, "response": {"a": 2}},
        {"path": "/a", "status": 401, "response": {"error": "no key"}},
    )
    target = f"http://127.0.0.1:{server.port}"
    before = bodies(recordings)

    code, out, err = run(recordings, "*/get-a", "--target", target)

    assert (code, out) == (1, "0 of 1 recording refreshed\n")
    assert "left as it was: api.example.com/get-a: the server answered 401 without X-Key, which" in err
    assert bodies(recordings) == before
    assert run(recordings, "*/get-a", "--target", target, "--header", "X-Key: right")[0] == 0
    assert bodies(recordings)["api.example.com/get-a"] == b'{"a":2}'
    assert run(recordings, "*/get-a", "--target", target, "--failures")[0] == 0
    assert bodies(recordings)["api.example.com/get-a"] == b'{"error":"no key"}'


def test_mistakes(recordings, target, tmp_path):
    assert run(recordings, "nonsense", "--target", target)[::2] == (
        2,
        "understudy recordings refresh: there is no recording nonsense\n",
    )
    assert "'*' for all" in run(recordings, "--target", target)[2]
    code, _, err = run(tmp_path / "gone", "x", "--target", target)
    assert (code, "\n  there is no such folder\n" in err) == (2, True)
    assert run(recordings, "*", "--target", "x")[0] == 2
    assert run(recordings, "*/get-b", "--target", target, "--ca-file", "/not/there")[0] == 2


def test_ids_and_wildcards():
    all = [exchange(id=id) for id in ("h/get-a", "h/get-a~2", "h/post-[x]")]

    assert [one.id for one in wanted(all, ["h/get-*", "h/get-a"])] == ["h/get-a", "h/get-a~2"]
    assert [one.id for one in wanted(all, ["h/post-[x]"])] == ["h/post-[x]"]
    with pytest.raises(Wrong):
        wanted(all, ["h"])


def test_the_request_stays_as_it_was_recorded():
    one = exchange({"a": 1}, id="h/a", target="/?token=REDACTED-token")
    now = exchange({"a": 2}, target="/v1/?token=real", origin="http://elsewhere", recorded_at=5)

    made = refreshed(one, now)

    assert (made.id, made.request, made.reply, made.recorded_at) == ("h/a", one.request, now.reply, 5)
