import argparse
import io
import json
from time import time
from urllib.request import urlopen

import pytest

from tests.record.kit import exchange
from understudy import MockServer
from understudy.cli import recordings_prune
from understudy.cli.recordings_prune import to_go, unused_in
from understudy.errors import UnderstudyError


def test_what_is_older():
    all = [exchange(id="a", recorded_at=10), exchange(id="b", recorded_at=20)]

    assert [(one.exchange.id, one.why) for one in to_go(all, oldest=20)] == [("a", "it is older")]


def test_what_was_not_used():
    all = [exchange(id="a"), exchange(id="b")]

    assert [(one.exchange.id, one.why) for one in to_go(all, unused=frozenset("b"))] == [
        ("b", "it was not used")
    ]


def test_what_is_there_twice():
    all = [
        exchange({"a": 1}, id="a", headers=[("Date", "x")]),
        exchange({"a": 1}, id="b", headers=[("Date", "y")], recorded_at=5),
        exchange({"a": 2}, id="c"),
        exchange({"a": 1}, id="d", target="/d"),
        exchange(reply=False, id="e"),
        exchange(reply=False, id="f"),
    ]

    found = [(one.exchange.id, one.why) for one in to_go(all, duplicates=True)]
    assert found == [("b", "the same as a"), ("f", "the same as e")]


@pytest.fixture
def ask_for(recordings):
    """A server that replays, and has been asked for a path."""
    with MockServer(recordings) as server:

        def ask(path):
            with urlopen(server.url + path) as reply:
                reply.read()
            return server.url

        yield ask


def test_a_server_says_what_was_not_used(ask_for, recordings):
    url = ask_for("/a")
    expected = {"api.example.com/get-a~2", "api.example.com/get-b"}
    assert unused_in(url, None, recordings) == expected
    with pytest.raises(UnderstudyError, match="has no folder of recordings 'others': it has recordings"):
        unused_in(url, None, recordings.with_name("others"))

    code, out, _ = run(recordings, "--unused-in", f"{url}/", "--yes")
    assert (code, out.splitlines()[-1]) == (0, "2 of 3 recordings removed")
    assert names(recordings) == ["get-a.json"]


def test_a_server_that_only_records_uses_nothing(recordings, echo):
    config = recordings.with_name("config.json")
    config.write_text(json.dumps({"proxy": echo.url, "record": {"mode": "record"}}))
    with (
        MockServer(config) as server,
        pytest.raises(UnderstudyError, match="does not replay recordings: its mode is record"),
    ):
        unused_in(server.url, None, recordings)


def test_a_server_without_recordings(echo, recordings):
    with pytest.raises(UnderstudyError, match="has no folder of recordings 'recordings': it has none"):
        unused_in(echo.url, None, recordings)


def run(*arguments):
    parser = argparse.ArgumentParser()
    recordings_prune.add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    code = recordings_prune.run(parser.parse_args(list(map(str, arguments))), out, err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def recordings(tmp_path):
    from understudy.record import folder

    with folder.FolderWriter(tmp_path / "recordings") as writer:
        writer.write(exchange({"a": 1}, target="/a", recorded_at=1000))
        writer.write(exchange({"a": 1}, target="/a", recorded_at=time()))
        writer.write(exchange({"b": 1}, target="/b", recorded_at=time()))
    return tmp_path / "recordings"


def names(path):
    return sorted(file.name for file in path.rglob("*.json"))


def test_nothing_goes_without_yes(recordings):
    before = names(recordings)

    assert run(recordings, "--older-than", "90d") == (
        0,
        "api.example.com/get-a  it is older\n1 of 3 recordings would go (--yes removes them)\n",
        "",
    )
    assert names(recordings) == before
    _, out, _ = run(recordings, "--duplicates", "--json")
    assert json.loads(out) == {
        "would_remove": [{"id": "api.example.com/get-a~2", "why": "the same as api.example.com/get-a"}],
        "of": 3,
    }


def test_with_yes_they_go(recordings):
    assert run(recordings, "--duplicates", "--yes")[1].endswith("1 of 3 recordings removed\n")
    assert names(recordings) == ["get-a.json", "get-b.json"]
    assert run(recordings, "--duplicates", "--yes")[1] == "0 of 2 recordings removed\n"


def test_mistakes(recordings, tmp_path):
    assert "which ones?" in run(recordings)[2]
    assert "is no age" in run(recordings, "--older-than", "soon")[2]
    code, _, err = run(tmp_path / "gone", "--duplicates")
    assert (code, "\n  there is no such folder\n" in err) == (2, True)
    code, _, err = run(recordings, "--unused-in", "http://127.0.0.1:1")
    assert code == 2
    assert "no Understudy answers at" in err
