"""The vocabulary of connections to other servers."""

from understudy.net.upstream.base import HOP_BY_HOP, Outgoing, UpstreamError
from understudy.record.exchange import FAILURE_KINDS


def test_headers_of_one_connection_are_in_lower_case():
    assert all(name == name.lower() for name in HOP_BY_HOP)
    assert {b"connection", b"transfer-encoding", b"upgrade"} <= HOP_BY_HOP
    assert b"content-length" not in HOP_BY_HOP


def test_an_error_has_the_kind_that_is_recorded():
    error = UpstreamError("refused", "nobody there")
    assert (error.kind in FAILURE_KINDS, error.message, str(error)) == (True, "nobody there", "nobody there")


def test_a_request_has_no_body_unless_it_says_so():
    asked = Outgoing("GET", b"/", ())
    assert (asked.length, asked.upgrade) == (0, ())
