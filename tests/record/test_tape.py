"""A folder of recordings while it is used, without any connection."""

from dataclasses import replace

import pytest

from tests.record.exchanges import exchange
from understudy.errors import UnderstudyError
from understudy.model import Record
from understudy.model.convert import convert
from understudy.record.exchange import BodyInFile, SocketMessage
from understudy.record.folder import Folder, FolderWriter, read_folder
from understudy.record.redact import Redactor
from understudy.record.tape import HEAVY_BYTES, Tape, with_settings
from understudy.request import Request


def asked(target="/users/42"):
    request = Request("GET", target.encode())
    request.path = target.partition("?")[0]
    return request


@pytest.fixture
def tape_of(tmp_path):
    def make(*exchanges, mode="once", **record):
        tape = Tape(convert(record, Record), tmp_path / "kept", mode, has_target=True)
        if exchanges:
            with FolderWriter(tmp_path / "kept") as writer:
                tape.fill([writer.write(one) for one in exchanges])
        return tape

    return make


def keep(tape, seen, mode="once", request=None, space=""):
    """What the net does with a request that was sent on."""
    work = tape.keeper(mode, request or asked(seen.request.target), space).ended(seen)
    if work is not None:
        work()()


def body_of(found):
    return found.exchange.reply.body


def on_disk(tape):
    return {one.id: one.reply.body for one in read_folder(tape.folder).exchanges}


def test_what_is_kept_answers_and_is_on_the_disk(tape_of):
    tape, changes = tape_of(), []
    tape.changed = lambda: changes.append(1)
    keep(tape, exchange(body=b'{"id":1}'))
    assert body_of(tape.take(asked(), "")) == b'{"id":1}'
    assert list(on_disk(tape).values()) == [b'{"id":1}']
    assert tape.as_json() == {
        "folder": "recordings",
        "mode": "once",
        "exchanges": 1,
        "added": 1,
        "unused": [],
        "drift": 0,
    }
    assert changes == [1]


def test_secrets_are_neither_kept_nor_answered_with(tape_of):
    tape = tape_of()
    secret = "sk_" + "live_51H8x2Kd9QmZr7LpWv3TnYbEa"
    keep(tape, exchange(headers=((b"X-Api-Key", secret.encode()),)))
    [file] = list(tape.folder.rglob("*.json"))
    assert secret not in file.read_text()
    assert secret.encode() not in dict(tape.take(asked(), "").exchange.reply.headers)[b"X-Api-Key"]


def test_refresh_takes_the_places_in_order_and_then_adds(tape_of):
    tape = tape_of(exchange(body=b'"1"'), exchange(body=b'"2"'), mode="refresh")
    for body in (b'"3"', b'"4"', b'"5"'):
        keep(tape, exchange(body=body), "refresh")
    assert sorted(on_disk(tape).values()) == [b'"3"', b'"4"', b'"5"']
    tape.switch("refresh")
    keep(tape, exchange(body=b'"6"'), "refresh")
    assert b'"3"' not in on_disk(tape).values()
    assert len(tape.shelf) == 3


def test_one_refresh_takes_the_place_whose_turn_it_is(tape_of):
    tape = tape_of(exchange(body=b'"1"'), exchange(body=b'"2"'), mode="replay")
    assert body_of(tape.take(asked(), "")) == b'"1"'
    keep(tape, exchange(body=b'"3"'), "refresh")
    tape.shelf.rewind()
    assert [body_of(tape.take(asked(), "")) for _ in range(2)] == [b'"1"', b'"3"']


def test_diff_compares_in_the_order_of_recording(tape_of):
    tape = tape_of(exchange(body=b'"1"'), exchange(body=b'"2"'), mode="diff")
    for body in (b'"1"', b'"2"', b'"2"'):
        keep(tape, exchange(body=body), "diff")
    assert tape.as_json()["drift"] == 0
    keep(tape, exchange(body=b"3"), "diff")
    assert tape.as_json()["drift"] == 1
    keep(tape, exchange("/new"), "diff")
    assert tape.as_json()["drift"] == 2
    assert tape.as_json()["unused"] == []


def test_diff_leaves_no_files_behind(tape_of):
    tape = tape_of(mode="diff")
    spooled = tape.keeper("diff", asked(), "").spool()
    assert spooled.exists()
    assert not spooled.is_relative_to(tape.folder)
    spooled.write_bytes(b"x")
    seen = exchange(body=b"")
    seen = replace(seen, reply=replace(seen.reply, body=BodyInFile(spooled, 1)))
    keep(tape, seen, "diff")
    assert not spooled.exists()
    assert not tape.folder.exists()


@pytest.mark.parametrize(("size", "is_later"), [(10, False), (HEAVY_BYTES + 1, True)])
def test_what_takes_long_is_given_away(tape_of, size, is_later):
    tape = tape_of()
    work = tape.keeper("once", asked(), "").ended(exchange(body=b"x" * size))
    assert (work is not None) is is_later
    if work is not None:
        assert len(tape.shelf) == 0
        settle = work()
        assert len(tape.shelf) == 0, "known only when the loop's thread says so"
        settle()
    assert len(tape.shelf) == 1


def test_many_messages_are_given_away(tape_of):
    tape = tape_of()
    few = tuple(SocketMessage(1.0, "server", "text", b"") for _ in range(10))
    assert tape.keeper("once", asked(), "").ended(exchange("/few", messages=few)) is None
    work = tape.keeper("once", asked(), "").ended(exchange("/many", messages=few * 200))
    assert work is not None
    work()()
    assert len(tape.shelf) == 2


def test_nobody_waits_for_a_thread_that_writes(tape_of):
    tape = tape_of()
    with tape._lock:
        assert tape.keeper("once", asked(), "").ended(exchange()) is not None


def test_a_folder_that_cannot_be_written_to(tape_of):
    tape = tape_of()
    tape.folder.write_text("in the way")
    with pytest.raises(UnderstudyError, match="kept"):
        keep(tape, exchange())
    assert tape.as_json()["added"] == 0


@pytest.mark.parametrize("mode", ["once", "diff"])
@pytest.mark.parametrize("fails", ["redact", "write"])
def test_what_cannot_be_kept_leaves_no_files(tape_of, monkeypatch, mode, fails):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    tape = tape_of()
    keeper = tape.keeper(mode, asked(), "")
    bodies = [keeper.spool(), keeper.spool()]
    for path in bodies:
        path.write_bytes(b"x" * 100)
    seen = exchange(body=b"")
    seen = replace(
        seen,
        request=replace(seen.request, body=BodyInFile(bodies[0], 100)),
        reply=replace(seen.reply, body=BodyInFile(bodies[1], 100)),
    )
    if fails == "redact":
        monkeypatch.setattr(Redactor, "exchange", full)
    else:
        monkeypatch.setattr(tape, "compare" if mode == "diff" else "store", full)
    with pytest.raises(OSError, match="No space"):
        keeper._work(seen)
    assert not any(path.exists() for path in bodies)


@pytest.mark.parametrize(
    ("has_target", "is_file", "possible"),
    [
        (True, False, {"replay", "record", "once", "refresh", "spy", "diff", "passthrough"}),
        (True, True, {"replay", "spy", "diff", "passthrough"}),
        (False, False, {"replay"}),
        (False, True, {"replay"}),
    ],
)
def test_possible_modes(tmp_path, has_target, is_file, possible):
    folder = tmp_path / "kept"
    if is_file:
        folder.write_text("{}")
    tape = Tape(Record(), folder, "replay", has_target=has_target)
    modes = ("replay", "record", "once", "refresh", "spy", "diff", "passthrough")
    assert {mode for mode in modes if tape.may(mode)} == possible


def test_switching_begins_anew(tape_of):
    tape = tape_of(exchange(body=b'"1"'), exchange(body=b'"2"'), mode="replay")
    tape.take(asked(), "")
    tape.switch("replay")
    assert body_of(tape.take(asked(), "")) == b'"2"'
    tape.switch("spy")
    assert (tape.switched, body_of(tape.take(asked(), ""))) == ("spy", b'"1"')
    tape.reset()
    assert (tape.mode, tape.switched, body_of(tape.take(asked(), ""))) == ("replay", None, b'"1"')


# --- from program to program --------------------------------------------------------------------------------


def next_of(tape, *, mode=None, read=True, **record):
    new = Tape(convert(record, Record), tape.folder, mode or tape.configured, has_target=True)
    if read and tape.folder.exists():
        new.fill(read_folder(tape.folder).exchanges)
    assert tape.is_forerunner(new)
    return new


def test_what_was_added_meanwhile_goes_over(tape_of):
    old = tape_of()
    new = next_of(old)
    keep(old, exchange())
    new.take_over(old)
    assert (len(new.shelf), new.added) == (1, 1)
    assert body_of(new.take(asked(), ""))


def test_what_was_removed_by_hand_does_not(tape_of):
    old = tape_of()
    keep(old, exchange())
    [file] = list(old.folder.rglob("*.json"))
    file.unlink()
    new = next_of(old)
    new.take_over(old)
    assert len(new.shelf) == 0


def test_the_newer_of_two_goes_over(tape_of):
    old = tape_of(exchange(body=b'"old"', recorded_at=1.0), mode="refresh")
    new = next_of(old)
    keep(old, exchange(body=b'"new"', recorded_at=2.0), "refresh")
    new.take_over(old)
    assert body_of(new.take(asked(), "")) == b'"new"'
    [file] = list(old.folder.rglob("*.json"))
    file.write_text(file.read_text().replace('"new"', '"by hand"'))
    newest = next_of(new)
    newest.take_over(new)
    assert body_of(newest.take(asked(), "")) == b'"by hand"'


def test_positions_and_usage_go_over(tape_of):
    old = tape_of(exchange(body=b'"1"'), exchange(body=b'"2"'), exchange("/b"), mode="replay")
    old.take(asked(), "")
    old.take(asked(), "x")
    old.take(asked(), "x")
    new = next_of(old)
    new.take_over(old)
    assert body_of(new.take(asked(), "")) == b'"2"'
    assert len(new.as_json()["unused"]) == 1


def test_what_was_switched_goes_over_unless_the_config_changes(tape_of):
    old = tape_of(mode="once")
    old.switch("diff")
    new = next_of(old)
    new.take_over(old)
    assert (new.mode, new.switched) == ("diff", "diff")
    other = next_of(new, mode="spy")
    other.take_over(new)
    assert (other.mode, other.switched) == ("spy", None)
    without = Tape(Record(), old.folder, "once", has_target=False)
    without.take_over(old)
    assert without.mode == "once", "what is not possible any more"


def test_the_report_goes_over_unless_other_things_are_ignored(tape_of):
    old = tape_of(exchange(), mode="diff")
    keep(old, exchange(body=b'{"id":"x"}'), "diff")
    same, other = next_of(old), next_of(old, ignore=["$.id"])
    same.take_over(old)
    other.take_over(old)
    assert (same.as_json()["drift"], other.as_json()["drift"]) == (1, 0)


def test_who_is_on_the_way_meanwhile_is_kept_by_the_next(tape_of):
    old = tape_of()
    keeper = old.keeper("once", asked(), "")
    new = next_of(old)
    new.take_over(old)
    old.retire(new)
    assert keeper.ended(exchange()) is None
    assert (len(old.shelf), len(new.shelf), new.added) == (0, 1, 1)


def test_peers_know_what_one_adds(tape_of):
    one = tape_of()
    other = next_of(one)
    one.peers, other.peers = (other,), (one,)
    keep(one, exchange())
    assert (len(other.shelf), other.as_json()["unused"]) == (1, [])


# --- settings -----------------------------------------------------------------------------------------------


def test_a_folder_says_what_the_config_does_not():
    own = convert({"then": "cycle", "latency": "recorded", "speed": 5}, Record)
    folder = Folder((), settings=own)
    made = with_settings(convert({"folder": "x", "latency": "fitted"}, Record), folder)
    assert (made.folder, made.then, made.latency, made.speed) == ("x", "cycle", "fitted", 5)
    assert with_settings(Record(), Folder(())) == Record()
