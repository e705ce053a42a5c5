import io

import pytest

from understudy import MockServer
from understudy.cli.console import ConsoleLog, banner, plausible_path, pretty_line
from understudy.journal import CLIENT_CLOSED, SENT, Entry
from understudy.match import PathPattern
from understudy.model import RegexPath
from understudy.request import Request
from understudy.steps import Injected, Plan, Reply


def entry(target=b"/a", status=200, outcome=SENT, **plan):
    reply = Reply(status, (), b"") if status else None
    return Entry(1, 0.0, Request("GET", target), Plan((), reply, **plan), 1, "", 0.0123, outcome, 0)


def test_a_line_says_what_happened_and_why():
    line = pretty_line(entry(endpoint="x", latency_s=0.01, faults=("failure",), status=500))
    assert line.endswith("  500  GET    /a  12.3 ms, 10 ms simulated, failure injected")
    assert pretty_line(entry(status=404)).endswith("no endpoint")
    assert "---" in pretty_line(entry(outcome=CLIENT_CLOSED))
    assert "\x1b[32m200\x1b[0m" in pretty_line(entry(), color=True)


def test_a_line_says_who_let_it_go_wrong():
    def line(*injected, faults=()):
        return pretty_line(entry(endpoint="x", injected=injected, faults=faults))

    assert line(Injected("error", "profile slow")).endswith(", error injected (profile slow)")
    assert line(Injected("error", "profile slow", stage="2")).endswith(
        "error injected (profile slow, stage 2)"
    )
    own = line(Injected("reset", "endpoint"), Injected("failure", "failure_rate"), Injected("x", "x"))
    assert own.endswith("ms, reset injected, failure injected, x injected")
    both = line(Injected("error", "live 1"), faults=("error", "odd"))
    assert both.endswith("ms, odd injected, error injected (live 1)")
    assert "\x1b" not in line(Injected("error", "live \x1b[2J", stage="\x1b"))


def test_a_line_says_where_an_answer_came_from():
    assert pretty_line(entry(endpoint="x", source="recorded")).endswith("ms, recorded")
    assert pretty_line(entry(endpoint="x", source="upstream")).endswith("ms, upstream")
    missed = entry(endpoint="x", source="no recording", error="never recorded", status=404)
    assert pretty_line(missed).endswith("ms, never recorded")


def test_nothing_from_outside_controls_the_terminal():
    assert "\x1b" not in pretty_line(entry(b"/\x1b[2J"))


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/users/{id}", "/users/1"),
        ("/users/{name}", "/users/name"),
        ("/x/{n:int}/{u:uuid}/{d:date}", "/x/1/123e4567-e89b-42d3-a456-426614174000/2026-01-31"),
        ("/v*/ping", "/vany/ping"),
        ("/static/**", "/static/any/path"),
        ("**", "/any/path"),
        ("/f/{rest:path}", "/f/some/path"),
    ],
)
def test_plausible_paths_are_taken_by_their_own_pattern(path, example):
    assert plausible_path(path) == example
    assert PathPattern(path).match(example) is not None


def test_a_regex_is_shown_as_it_is():
    assert "^/x$" in plausible_path(RegexPath(regex="^/x$"))


def test_the_banner_lists_what_the_config_adds():
    session = {"session": {"users": {"ada": "pw"}, "login": "/in"}}
    with MockServer({"auth": {"schemes": {"web": session}}, "endpoints": [{"path": "/a"}]}) as server:
        lines = banner(server._server, "a.yaml", generated_token=False).splitlines()
        assert [line.split() for line in lines[1:4]] == [
            ["GET", f"{server.url}/a"],
            ["POST", f"{server.url}/in"],
            ["POST", f"{server.url}/logout"],
        ]


def test_the_banner_says_which_document_is_served_and_where_its_page_is(tmp_path):
    (tmp_path / "pets.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths: {/pets: {get: {responses: {}}}}\n"
    )
    with MockServer(tmp_path / "pets.yaml") as server:
        lines = banner(server._server, "pets.yaml", generated_token=False).splitlines()
        assert [line.split() for line in lines[1:3]] == [
            ["GET", f"{server.url}/pets"],
            f"docs {server.url}/docs of pets.yaml, OpenAPI 3.1: {server.url}/openapi.yaml".split(),
        ]


def test_a_flood_is_counted_instead_of_printed(echo):
    out = io.StringIO()
    console = ConsoleLog(echo._server, out, "pretty")
    console._scheduled = True  # as if a flush were on its way
    try:
        for _ in range(1000):
            console._note(entry())
        console.flush()
    finally:
        echo._server.journal.listeners = ()
    lines = out.getvalue().splitlines()
    assert len(lines) == 201
    assert lines[0] == "... 800 more requests, all of them in /__logs"
