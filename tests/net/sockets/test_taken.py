"""A connection is handed to another protocol, and only then; what came behind the request goes along."""

import pytest

from tests.net.kit import REPLY, REQUEST, Rig
from understudy.journal import CLIENT_CLOSED_DURING_REPLY, CUT, RESET, SENT
from understudy.net.sockets.taken import Taken
from understudy.steps import HangUp, Plan, ReplaySocket, Reset, Wait

OFFER = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"


class Other:
    """Another protocol, that notes what it is told."""

    def __init__(self, monkeypatch, keeps_half=False):
        self.told = []
        self.keeps_half = keeps_half
        self.could = None
        monkeypatch.setattr("understudy.net.sockets.replay.replay", self.begin)

    def begin(self, connection, step):
        self.connection = connection
        self.could = connection.can_be_taken
        if not self.could:
            connection.answer_instead(REPLY)
            return
        connection.answering(REPLY)
        connection.transport.write(b"101!")
        connection.take_over(
            Taken(self.told.append, self.ended, self.lost, self.writable, lambda: self.told.append("stop"))
        )

    def ended(self):
        self.told.append("eof")
        return self.keeps_half

    def lost(self, error):
        self.told.append(("lost", error))

    def writable(self):
        self.told.append("writable")


@pytest.fixture
def other(monkeypatch):
    return Other(monkeypatch)


def rig(monkeypatch, *steps):
    rig = Rig(monkeypatch)
    plan = rig.plan(*steps, ReplaySocket(None, None), endpoint="one")
    plans = [plan, Plan((REPLY,), REPLY), Plan((REPLY,), REPLY)]
    monkeypatch.setattr("understudy.net.http1.decide", lambda *_: plans.pop(0))
    return rig


@pytest.mark.parametrize("offer", [OFFER])
def test_bytes_go_to_whom_the_connection_was_handed(monkeypatch, other, offer):
    one = rig(monkeypatch)
    one.feed(offer)
    one.feed(b"GET / HTTP/1.1\r\n\r\n")
    one.feed(b"\0")
    assert other.told == [b"GET / HTTP/1.1\r\n\r\n", b"\0"]
    assert one.transport.sent == b"101!"
    assert one.entries == []
    other.connection.hand_back()
    assert one.outcomes == [SENT]
    assert (one.transport.ended, one.released) == ("closed", 1)
    one.feed(b"more")
    assert len(other.told) == 2


def test_bytes_behind_the_request_go_along(monkeypatch, other):
    one = rig(monkeypatch)
    one.feed(OFFER + b"behind")
    assert other.told == [b"behind"]


def test_bytes_that_come_while_it_is_not_known_whose_they_are_go_along(monkeypatch, other):
    one = rig(monkeypatch, Wait(1))
    one.feed(OFFER + b"a")
    one.feed(b"b")
    assert (other.told, one.transport.sent) == ([], b"")
    one.loop.fire()
    assert other.told == [b"ab"]
    one.feed(b"c")
    assert other.told == [b"ab", b"c"]


def test_where_the_offer_is_declined_they_are_http(monkeypatch):
    one = Rig(monkeypatch)
    plans = [Plan((Wait(1), REPLY), REPLY), Plan((REPLY,), REPLY), Plan((REPLY,), REPLY)]
    monkeypatch.setattr("understudy.net.http1.decide", lambda *_: plans.pop(0))
    one.feed(OFFER + REQUEST[:5])
    one.feed(REQUEST[5:] + REQUEST)
    assert one.transport.sent == b""
    one.loop.fire()
    assert one.transport.sent.count(b"HTTP/1.1 200 OK") == 3
    one.feed(REQUEST[:3])
    assert one.connection.state == "head"


def test_no_more_is_read_ahead_than_a_bound(monkeypatch, other):
    one = rig(monkeypatch, Wait(1))
    one.feed(OFFER)
    one.feed(bytes(70_000))
    assert one.transport.reading is False
    one.loop.fire()
    assert one.transport.reading is True
    assert other.told == [bytes(70_000)]


def test_a_request_that_offers_nothing_keeps_the_connection(monkeypatch, other):
    one = rig(monkeypatch)
    one.feed(REQUEST + REQUEST)
    assert other.could is False
    assert one.transport.sent.count(b"HTTP/1.1 200 OK") == 2


def test_a_request_before_one_that_offers_keeps_the_connection(monkeypatch, other):
    one = rig(monkeypatch, Wait(1))
    one.feed(REQUEST + OFFER)
    one.loop.fire()
    assert other.could is False
    assert one.transport.sent.count(b"HTTP/1.1 200 OK") == 2


def test_a_request_in_the_queue_is_handed_over_when_it_is_its_turn(monkeypatch, other):
    one = Rig(monkeypatch)
    plans = [Plan((Wait(1), REPLY), REPLY), Plan((ReplaySocket(None, None),), REPLY)]
    monkeypatch.setattr("understudy.net.http1.decide", lambda *_: plans.pop(0))
    one.feed(REQUEST + OFFER + b"x")
    one.feed(b"y")
    one.loop.fire()
    assert other.told == [b"xy"]
    assert one.transport.sent.endswith(b"abcdef101!")


def test_writing_and_the_end_are_told(monkeypatch, other):
    one = rig(monkeypatch)
    one.feed(OFFER)
    one.connection.pause_writing()
    assert one.connection.is_paused
    one.connection.resume_writing()
    assert one.connection.eof_received() is False
    error = ConnectionResetError()
    one.lose(error)
    assert other.told == ["writable", "eof", ("lost", error)]
    assert one.outcomes == [CLIENT_CLOSED_DURING_REPLY]
    assert one.released == 1


@pytest.mark.parametrize("keeps_half", [True, False])
def test_an_end_that_came_before_is_told(monkeypatch, keeps_half):
    other = Other(monkeypatch, keeps_half)
    one = rig(monkeypatch, Wait(1))
    one.feed(OFFER + b"x")
    one.connection._eof = True  # while an application answers, or a file is sent
    one.loop.fire()
    assert other.told == [b"x", "eof"]
    assert one.transport.ended == ("" if keeps_half else "closed")


def test_a_stop_of_the_server_is_told(monkeypatch, other):
    one = rig(monkeypatch)
    one.feed(OFFER)
    one.stop()
    assert other.told == ["stop"]
    assert one.transport.ended == ""


def test_a_client_that_does_not_read_is_cut_off(monkeypatch, other):
    one = rig(monkeypatch)
    one.feed(OFFER)
    one.connection.check_time(one.connection.since + 10_000)
    assert one.transport.ended == "", "a socket may last"
    one.connection.pause_writing()
    one.connection.check_time(one.connection.since + 10_000)
    assert one.transport.ended == "aborted"


@pytest.mark.parametrize(("step", "outcome", "end"), [(Reset(), RESET, "aborted"), (HangUp(), CUT, "closed")])
def test_steps_end_it(monkeypatch, other, step, outcome, end):
    one = rig(monkeypatch)
    one.feed(OFFER)
    other.connection.hand_back(step)
    assert (one.outcomes, one.transport.ended, one.released) == ([outcome], end, 1)


def test_what_still_comes_may_be_thrown_away_for_a_while(monkeypatch, other):
    one = rig(monkeypatch)
    one.feed(OFFER)
    other.connection.hand_back(linger=True)
    one.feed(b"late")
    assert (one.transport.half_closed, one.transport.ended, other.told) == (True, "", [])
    one.connection.check_time(one.connection.since + 3)
    assert one.transport.ended == "closed"
