"""What the benchmark of proxies starts, and what it makes of the figures."""

import json
from typing import Any

import pytest
from bench.contenders import PEER, UNDERSTUDY, YARDSTICK

from bench import contenders, proxying, report, servers, shapes, targets

OURS = proxying.OURS


def rated(server: str, variant: str, rate: float, group: str = UNDERSTUDY) -> dict[str, Any]:
    numbers = {"p50_ms": 1.0, "p99_ms": 2.0, "errors": 0, "memory_mb": 40.0, "version": "1"}
    return {
        "server": server,
        "group": group,
        "variant": variant,
        "rates": [rate] * 3,
        "rate": rate,
        **numbers,
    }


def large(variant: str, above: float) -> dict[str, Any]:
    size = proxying.LARGE_BYTES
    return {
        "server": OURS,
        "group": UNDERSTUDY,
        "variant": variant,
        "above_idle_mb": above,
        "passed": size,
    } | {
        "recorded": size,
        "version": "1",
    }


SECTION: dict[str, Any] = {
    "rows": [
        rated(proxying.NGINX, proxying.PASS, 20_000, YARDSTICK),
        rated(OURS, proxying.PASS, 10_000),
        rated(proxying.MITMPROXY, proxying.PASS, 500, YARDSTICK),
        rated(OURS, proxying.REPLAY, 80_000),
        rated(OURS, proxying.STATIC, 80_000),
        rated(OURS, proxying.REPLAY_PLAIN, 45_000),
        rated("Understudy, memo off", proxying.STATIC_PLAIN, 50_000),
        {"server": proxying.WIREMOCK, "group": PEER, "variant": proxying.PASS, "unavailable": "needs java"},
        large("1 GB download", 12.0),
        large("1 GB upload", 30.0),
    ]
}


def reached() -> list[tuple[str, bool | None]]:
    found = [target.read(SECTION) for target in targets.TARGETS if target.section == "proxying"]
    return [(one.text, one.ok) for one in found]


def test_the_targets_are_read_from_the_rows():
    assert reached() == [
        ("20.00 ×", True),
        ("not measured", None),
        ("0.50 ×", None),
        ("1.00 ×, memo off 0.90 ×", True),
        ("1 GB download: 12 MB, 1 GB upload: 30 MB", True),
    ]


def test_the_report_shows_all_of_it():
    text = report.proxied(SECTION)
    assert "| passed on | **Understudy** | 10,000 |" in text
    assert "1 GB upload" in text
    assert "WireMock, passed on" in text
    assert "needs java" in text


HERE = [way for way in proxying.WAYS if way.who not in (proxying.MITMPROXY, proxying.WIREMOCK)]
"""Those for which nothing has to be installed."""


@pytest.mark.parametrize("way", HERE, ids=lambda way: f"{way.who}, {way.what}")
def test_each_way_has_a_command(way, tmp_path):
    command = way.contender("http://127.0.0.1:9", tmp_path / "recorded").command(
        shapes.STATIC, tmp_path, 8123
    )
    assert "8123" in command or "-c" in command
    if way.who == proxying.NGINX:
        assert "server 127.0.0.1:9; keepalive" in (tmp_path / "nginx.conf").read_text()
    if way.what == proxying.RECORD:
        assert json.loads((tmp_path / "config.json").read_text())["record"]["mode"] == "record"


def test_what_is_recorded_is_replayed(tmp_path):
    real = servers.start(contenders.understudy(), shapes.STATIC, tmp_path / "real", None)
    try:
        recording = proxying._recorded(real, tmp_path / "recorded")
    finally:
        real.stop()
    replay = next(way for way in proxying.WAYS if way.what == proxying.REPLAY)
    server = servers.start(replay.contender(real.url, recording), shapes.STATIC, tmp_path / "replay", None)
    try:
        status, body = servers.ask(server, shapes.STATIC.probe("x"))
    finally:
        server.stop()
    assert (status, json.loads(body)) == (200, shapes.STATIC_REPLY)
