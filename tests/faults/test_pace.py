import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.kit import APP, EMPTY, REPLY, heads, moment, sent, struck
from understudy.faults import pace
from understudy.steps import Body, Close, FileBody, HangUp, Head, Paced, Reply, RunApp, SendFile, Wait, Write

KINDS = [
    "dribble",
    {"kind": "bandwidth", "bytes_per_s": 100},
    "fragment",
    {"kind": "slicer", "average_size": 4},
    {"kind": "slicer", "average_size": 4, "size_variation": 3},
]


def timeline(steps):
    """When each chunk of a body comes, in seconds from the first step: (time, bytes)."""
    now, chunks = 0.0, []
    for step in steps:
        if isinstance(step, Wait):
            now += step.seconds
            continue
        for number, piece in enumerate(sent([step])):
            if number:
                now += step.gap_s
            chunks.append((now, len(piece)))
    return chunks


@pytest.mark.parametrize("written", KINDS, ids=str)
def test_all_of_it_comes(written):
    steps = struck(written, (REPLY, Close()))

    assert heads(steps) == [Head(REPLY)]
    assert b"".join(sent(steps)) == REPLY.body
    assert steps[-1] == Close()
    assert struck(written, (REPLY, Close())) == steps


@pytest.mark.parametrize("written", KINDS, ids=str)
def test_what_has_no_body(written):
    for steps, at in [((EMPTY,), moment()), ((REPLY,), moment("HEAD"))]:
        came = struck(written, steps, at)
        assert timeline([step for step in came if not isinstance(step, Reply)]) == []
        assert not any(isinstance(step, Wait) for step in came)


@pytest.mark.parametrize("written", KINDS, ids=str)
def test_an_applications_reply_is_left(written):
    app = (RunApp(APP, "", None),)

    assert struck(written, app) == app


# --- dribble ------------------------------------------------------------------------------------------


def test_pieces_of_the_same_size_over_a_time():
    written = {"kind": "dribble", "chunks": 4, "over_ms": 3000}

    assert struck(written) == (Head(REPLY), Paced(Body(REPLY.body), 4, 1.0))
    assert struck(written, (SendFile(REPLY, "f", 2, 10),)) == (
        Head(REPLY),
        Paced(FileBody("f", 2, 6), 3, 1.0),
        Wait(1.0),
        Paced(FileBody("f", 8, 4), 2, 1.0),
    )


@given(st.integers(1, 200), st.integers(1, 300), st.integers(0, 5000))
def test_as_many_pieces_as_asked_the_last_in_time(size, chunks, over_ms):
    steps = struck({"kind": "dribble", "chunks": chunks, "over_ms": over_ms}, (Reply(200, (), b"x" * size),))
    line = timeline(steps)

    assert len(line) == min(chunks, size)
    assert sum(count for _, count in line) == size
    assert max(count for _, count in line) - min(count for _, count in line) <= 1
    assert line[0][0] == 0
    if len(line) > 1:
        assert line[-1][0] == pytest.approx(over_ms / 1000)


def test_a_body_that_another_fault_has_cut():
    steps = (Head(REPLY), Body(b"abcde"), Wait(10), Body(b"fghij"), HangUp())

    line = timeline(struck({"kind": "dribble", "chunks": 4, "over_ms": 3000}, steps))

    assert sum(count for _, count in line) == 10
    assert line[-1][0] >= 10


# --- bandwidth ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [{"bytes_per_s": 10_000}, {"rate": 10}])
def test_a_rate(keys):
    reply = Reply(200, (), b"x" * 1000)
    steps = struck({"kind": "bandwidth", **keys}, (reply,))

    assert steps == (
        Paced(Head(reply), 200, 0.02),
        Wait(pytest.approx(0.02)),
        Paced(Body(b"x" * 1000), 200, 0.02),
    )


@given(st.integers(1, 10**6), st.floats(1, 1e9), st.integers(1, 5))
def test_the_body_takes_as_long_as_it_must(size, rate, parts):
    body = [FileBody("f", 0, size)] * parts
    steps = struck({"kind": "bandwidth", "bytes_per_s": rate}, (Head(EMPTY), *body))
    time_s = 0.0
    for step in steps[1:]:
        if isinstance(step, Wait):
            assert step.seconds >= 0
            time_s += step.seconds
        else:
            time_s += (-(-size // step.chunk_bytes) - 1) * step.gap_s

    assert time_s == pytest.approx(size * parts / rate)


def test_a_slow_rate_is_a_byte_at_a_time():
    assert struck({"kind": "bandwidth", "bytes_per_s": 2})[1:] == (Wait(0.5), Paced(Body(REPLY.body), 1, 0.5))


def test_of_two_rates_the_slower_holds():
    once = struck({"kind": "bandwidth", "bytes_per_s": 1000})

    steps = struck({"kind": "bandwidth", "bytes_per_s": 100_000}, once)
    assert steps[0] == Paced(Head(REPLY), 20, pytest.approx(0.02))
    steps = struck({"kind": "bandwidth", "bytes_per_s": 100}, once)
    assert steps[0] == Paced(Head(REPLY), 2, pytest.approx(0.02))


# --- fragment and slicer ----------------------------------------------------------------------------------


def test_head_and_body_in_pieces():
    assert struck("fragment") == (
        Paced(Head(REPLY), 1, 0.001),
        Wait(0.001),
        Paced(Body(REPLY.body), 1, 0.001),
    )
    assert struck({"kind": "fragment", "chunk_bytes": 9, "gap_ms": 0}, (Write(b"ab"), HangUp())) == (
        Paced(Write(b"ab"), 9, 0.0),
        HangUp(),
    )


def test_fragments_of_a_limited_rate():
    steps = struck("fragment", struck({"kind": "bandwidth", "bytes_per_s": 100}))

    assert steps[-1] == Paced(Body(REPLY.body), 1, pytest.approx(0.01))


def test_slices_of_the_same_size():
    assert struck({"kind": "slicer", "average_size": 4, "delay": 5000}) == (
        Paced(Head(REPLY), 4, 0.005),
        Wait(0.005),
        Paced(Body(REPLY.body), 4, 0.005),
    )


def test_slices_of_drawn_sizes():
    written = {"kind": "slicer", "average_size": 10, "size_variation": 4, "delay": 5000}
    reply = Reply(200, (), bytes(10_000))
    steps = struck(written, (reply,))
    sizes = [len(piece) for piece in sent(steps)]

    assert sum(sizes) == 10_000
    assert set(sizes[:-1]) == set(range(6, 15))
    assert 9.5 < sum(sizes) / len(sizes) < 10.5
    assert steps[:3] == (Paced(Head(reply), 10, 0.005), Wait(0.005), Body(bytes(sizes[0])))
    assert sum(isinstance(step, Wait) for step in steps) == len(sizes)
    assert struck(written, (reply,), moment(n=1)) != steps
    assert struck(written, (SendFile(reply, "f", 0, 99),))[-1] == Paced(FileBody("f", 0, 99), 10, 0.005)


def test_there_is_an_end_to_drawing(monkeypatch):
    monkeypatch.setattr(pace, "MAX_SLICES", 3)
    written = {"kind": "slicer", "average_size": 10, "size_variation": 4}

    steps = struck(written, (Reply(200, (), bytes(1000)),))

    assert len(steps) == 5
    assert (steps[-1].chunk_bytes, steps[-1].gap_s) == (10, 0.0)
    assert sum(map(len, sent(steps))) == 1000
