import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.kit import APP, EMPTY, REPLY, moment, struck
from understudy.steps import Reply, RunApp, SendFile

HOWS = ["plain", "cut", "checksum", "corrupt"]


def spoilt(body, how, headers=()):
    (reply,) = struck({"kind": "bad_gzip", "how": how}, (Reply(200, headers, body),))
    assert reply.headers == ((b"Content-Encoding", b"gzip"),)
    assert reply.length == len(reply.body)
    return reply.body


@given(st.binary(min_size=1, max_size=300), st.sampled_from(HOWS))
def test_it_cannot_be_unpacked(body, how):
    data = spoilt(body, how)

    with pytest.raises((EOFError, OSError, zlib.error)):
        gzip.decompress(data)
    assert data == spoilt(body, how)


def test_how():
    body = b"abc" * 100

    assert spoilt(body, "plain", ((b"content-encoding", b"br"),)) == body
    assert spoilt(body, "cut")[:2] == b"\x1f\x8b"
    with pytest.raises(OSError, match="CRC"):
        gzip.decompress(spoilt(body, "checksum"))


@pytest.mark.parametrize("how", HOWS)
def test_what_has_nothing_to_unpack(how):
    for other in [EMPTY, Reply(204, (), b""), SendFile(REPLY, "f", 0, 9), RunApp(APP, "", None)]:
        assert struck({"kind": "bad_gzip", "how": how}, (other,)) == (other,)
    (reply,) = struck({"kind": "bad_gzip", "how": how}, (REPLY,), moment("HEAD"))
    assert reply.headers[-1] == (b"Content-Encoding", b"gzip")
