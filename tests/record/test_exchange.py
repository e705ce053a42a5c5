from typing import get_args

from understudy.record.exchange import FAILURE_KINDS, Chunk, FailureKind, RecordedReply, RecordedRequest


def test_the_whole_address():
    asked = RecordedRequest(method="GET", origin="https://api.example.com", target="/a?b=1")
    assert asked.url == "https://api.example.com/a?b=1"


def test_a_stream_has_the_times_of_its_pieces():
    assert not RecordedReply(status=200).is_stream
    assert RecordedReply(status=200, body=b"ab", chunks=(Chunk(1.0, 1), Chunk(5.0, 1))).is_stream


def test_the_kinds_of_failures_are_listed():
    assert get_args(FailureKind) == FAILURE_KINDS
