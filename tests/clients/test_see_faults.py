"""What the pages of faults say that clients see, is what clients see."""

import json
import re

import pytest

from tests.clients.see_faults import KINDS, SEEN, plain, see_all, with_httpx, with_requests

CLIENTS = {"requests": with_requests, "httpx": with_httpx}


def test_all_kinds_were_seen_by_several_clients():
    seen = json.loads(SEEN.read_text(encoding="utf-8"))
    assert list(seen) == KINDS
    assert all(len(each) >= 5 for each in seen.values())


def test_it_is_still_so():
    """As far as versions of the clients leave it alone: statuses, and the names of exceptions."""
    committed = json.loads(SEEN.read_text(encoding="utf-8"))
    seen = see_all(CLIENTS)
    wanted = {kind: {name: short(committed[kind][name]) for name in CLIENTS} for kind in KINDS}
    assert {kind: {name: short(text) for name, text in each.items()} for kind, each in seen.items()} == wanted


def short(text):
    """A text without what exceptions say."""
    return re.sub(r"(\w+): .*", r"\1", text)


@pytest.mark.parametrize(
    ("text", "plainer"),
    [
        ("GET http://127.0.0.1:1234/a failed", "GET http://server/a failed"),
        ("HTTPConnectionPool(host='127.0.0.1', port=1234): Read timed out.", "Read timed out."),
        ("<urllib3.connection.HTTPConnection object at 0x7f12>: no", "<HTTPConnection>: no"),
        ("Operation timed out after 2003 milliseconds", "Operation timed out in time"),
        ("read tcp 127.0.0.1:1->127.0.0.1:2: read: reset", "read read: reset"),
        ("a\n  b\x07", "a b\\x07"),
        ("x" * 200, "x" * 159 + "…"),
    ],
)
def test_texts_are_the_same_everywhere(text, plainer):
    assert plain(text) == plainer
