import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.kit import APP, EMPTY, REPLY, moment, struck
from understudy.faults.body import HTML, read_json
from understudy.steps import Body, FileBody, Head, Paced, Reply, RunApp, SendFile

HOWS = ["cut", "comma", "html", "nan", "utf8"]
FILE = SendFile(REPLY, "f", 0, 9)


def body_after(written, body, at=None):
    (reply,) = struck(written, (Reply(200, REPLY.headers, body),), at)
    assert (reply.status, reply.headers, reply.length) == (200, REPLY.headers, len(reply.body))
    return reply.body


# --- empty_body ----------------------------------------------------------------------------------------


def test_nothing_in_it():
    assert body_after("empty_body", b"abc") == b""
    (reply,) = struck("empty_body", (FILE,))
    assert (reply.length, reply.body, reply.headers) == (0, b"", REPLY.headers)
    (head,) = struck("empty_body", (Head(FILE.reply), Paced(FileBody("f", 0, 9), 1, 1)))
    assert head.reply.length == 0
    app = (RunApp(APP, "", None),)
    assert struck("empty_body", app) == app


# --- invalid_json ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "body", "spoilt"),
    [
        ("cut", b'{"a": 1}', b'{"a"'),
        ("cut", b"12345", b"12345e"),
        ("cut", b"1", b""),
        ("cut", b"{}     ", b"{"),
        ("comma", b'{"a": 1}\n', b'{"a": 1,}'),
        ("comma", b"[]", b"[,]"),
        ("comma", b"true", b"true,"),
        ("html", b"{}", HTML),
        ("nan", b'{"a": {"b": [1, 2]}, "c": 3}', b'{"a":{"b":[NaN,2]},"c":3}'),
        ("nan", b'{"a": {}}', b'{"a":NaN}'),
        ("nan", b"[]", b"NaN"),
        ("nan", b"no json", b"NaN"),
        ("nan", b"[" * 100_000, b"NaN"),
        ("utf8", b'{"a": 1}', b'{"\xffa": 1}'),
        ("utf8", b"1", b"\xff1"),
    ],
)
def test_no_json(how, body, spoilt):
    assert body_after({"kind": "invalid_json", "how": how}, body) == spoilt


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(values, st.sampled_from(HOWS), st.sampled_from([None, 2]))
def test_it_never_is_json(value, how, indent):
    spoilt = body_after({"kind": "invalid_json", "how": how}, json.dumps(value, indent=indent).encode())

    with pytest.raises(ValueError):
        read_json(spoilt)


@pytest.mark.parametrize("written", [{"kind": "invalid_json", "how": how} for how in HOWS] + ["corrupt"])
def test_bodies_that_are_not_known(written):
    for steps in [(FILE,), (RunApp(APP, "", None),)]:
        assert struck(written, steps) == steps
    (reply,) = struck(written, (Reply(304, (), b""),))
    assert reply.body == b""


# --- corrupt -------------------------------------------------------------------------------------------


@given(st.binary(max_size=200), st.integers(1, 300))
def test_so_many_other_bytes(body, count):
    spoilt = body_after({"kind": "corrupt", "bytes": count}, body)

    assert len(spoilt) == len(body)
    assert sum(a != b for a, b in zip(body, spoilt, strict=True)) == min(count, len(body))
    assert spoilt == body_after({"kind": "corrupt", "bytes": count}, body)


def test_each_request_has_other_bytes():
    assert len({body_after("corrupt", bytes(100), moment(n=n)) for n in range(20)}) == 20
    assert struck("corrupt", (EMPTY,)) == (EMPTY,)


def test_in_pieces():
    head, first, second = struck(
        {"kind": "corrupt", "bytes": 4}, (Head(REPLY), Body(b"ab"), Paced(Body(b"cd"), 1, 1))
    )

    assert head.reply.length == 4
    assert (len(first.data), len(second.step.data)) == (2, 2)
    assert not set(first.data) & set(b"ab")
