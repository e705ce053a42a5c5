import contextlib
import os
from itertools import count

import pytest

from understudy.net.upstream.seen import MAX_IN_MEMORY_BYTES, SeenBody
from understudy.record.exchange import BodyInFile, Chunk


@pytest.fixture
def seen(tmp_path):
    numbers = count()
    return lambda most=1 << 30: SeenBody(lambda: tmp_path / f"spool-{next(numbers)}", most)


def test_a_small_body_stays_in_memory(seen, tmp_path):
    body = seen()
    body.add(b"abc", 1.0)
    body.add(b"def", 1.5)
    assert body.payload() == b"abcdef"
    assert body.stream == ()
    assert not list(tmp_path.iterdir())


def test_a_large_one_goes_to_a_file(seen):
    body = seen()
    piece = b"x" * 300_000
    for _ in range(10):
        body.add(piece)
    payload = body.payload()
    assert isinstance(payload, BodyInFile)
    assert payload.size == 3_000_000 > MAX_IN_MEMORY_BYTES
    assert payload.path.read_bytes() == piece * 10


def test_what_is_too_large_is_given_up(seen, tmp_path):
    body = seen(2_000_000)
    for _ in range(3):
        body.add(b"x" * 900_000)
    assert body.is_lost
    assert body.size == 2_700_000
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is always full")
def test_nothing_stays_on_a_full_disk(tmp_path):
    full = tmp_path / "spool"
    full.symlink_to("/dev/full")
    body = SeenBody(lambda: full, 1 << 30)
    for _ in range(MAX_IN_MEMORY_BYTES // 1000):
        body.add(b"x" * 1000)
    with pytest.raises(OSError, match="No space"):
        body.add(b"x" * 1000)
    with contextlib.suppress(OSError):  # what is held is written once more
        body.drop()
    assert not full.is_symlink()
    body.drop()


def test_the_times_of_a_stream_are_kept(seen):
    body = seen()
    for at_ms in (5.0, 5.4, 30.0, 60.0):
        body.add(b"ab", at_ms)
    assert body.stream == (Chunk(5.0, 4), Chunk(30.0, 2), Chunk(60.0, 2))


def test_a_file_that_was_handed_over_is_not_dropped(seen):
    body = seen()
    body.add(b"x" * 2_000_000)
    payload = body.payload()
    body.drop()
    assert payload.path.stat().st_size == 2_000_000
