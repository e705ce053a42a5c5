"""Recorded exchanges by what was asked, handed out in the order of recording."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Literal, NamedTuple

from understudy.model.record import RecordMatch
from understudy.record.exchange import RecordedExchange, RecordedRequest
from understudy.record.matching.keys import (
    BODY,
    METHOD,
    RANGE,
    Key,
    Keys,
    as_get,
    as_recorded,
    as_unsent,
    as_whole,
)
from understudy.record.matching.miss import Miss, Shelved, shelved
from understudy.request import Request

Then = Literal["repeat", "cycle", "error"]
Redaction = Callable[[RecordedRequest], RecordedRequest]

MAX_POSITIONS = 65_536
"""Requests in spaces whose position is remembered; the one that was not asked for the longest begins anew."""
CUT = frozenset(("GET", "HEAD", None))
"""Methods for which `Range` has a meaning (RFC 9110 section 14.2); None where they do not count."""
MAX_REDACTED = 4096
"""Keys of requests with secrets that are remembered with the key that they have without."""


class Found(NamedTuple):
    """A recorded answer. `is_only`: the same request will always get this one, so that what is made of it
    may be kept, until the shelf changes."""

    exchange: RecordedExchange
    is_only: bool


class _Slot:
    """What was recorded for one key, in the order of recording."""

    __slots__ = ("entries", "key")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.entries: list[Shelved] = []


class Shelf:
    """Finds the recorded answers for requests.

    Repeated requests get their answers in the order in which the exchanges were given; then, by `then`, the
    last again, all from the first, or none. Each space has its own position. `redact` is what was done to
    requests before they were recorded: identity if nothing was.

    A request is looked for as it came first, and only if that finds nothing, without its secrets: a request
    that has any cannot be equal to one that was recorded without.
    """

    def __init__(self, match: RecordMatch, then: Then, redact: Redaction) -> None:
        """Raises ConditionError if `match.ignore_body` has what is no JSONPath."""
        self._keys = Keys(match)
        self._then: Then = then
        self._redact = redact
        self._next = 0
        self._entries: dict[str, Shelved] = {}
        self._slots: dict[Key, _Slot] = {}
        self._heads: dict[Key, int] = {}  # keys without the body, and how many slots have each
        self._positions: dict[tuple[str, Key], int] = {}
        self._redacted: dict[Key, Key] = {}
        self.used: set[str] = set()
        """Ids of the exchanges that were taken, whatever the space."""

    # --- what is on it --------------------------------------------------------------------------------------

    @property
    def exchanges(self) -> tuple[RecordedExchange, ...]:
        """All exchanges, in the order of recording."""
        return tuple(entry.exchange for entry in self._ordered())

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, id: str) -> RecordedExchange | None:
        """The exchange with this id."""
        entry = self._entries.get(id)
        return None if entry is None else entry.exchange

    def like(self, exchange: RecordedExchange) -> tuple[RecordedExchange, ...]:
        """What was recorded for the same request, in the order of recording. Raises OSError."""
        key = self._keys.of_recorded(exchange.request)
        slot = self._slots.get(key) or self._slots.get(as_unsent(key))
        return () if slot is None else tuple(entry.exchange for entry in slot.entries)

    def fill(self, exchanges: Iterable[RecordedExchange]) -> None:
        """Have exactly these. Positions begin anew. Raises OSError if a body's file cannot be read."""
        entries: dict[str, Shelved] = {}
        for number, exchange in enumerate(exchanges):
            name = exchange.id or f"\0{number}"
            entries[name] = shelved(number, name, self._keys.of_recorded(exchange.request), exchange)
        self._entries = entries
        self._next = len(entries) and 1 + max(entry.number for entry in entries.values())
        self.used &= entries.keys()
        self._arrange()

    def add(self, exchange: RecordedExchange) -> None:
        """Have one more, as the last. Raises OSError if its body's file cannot be read."""
        if exchange.id and exchange.id in self._entries:
            self.replace(exchange)
            return
        key = self._keys.of_recorded(exchange.request)
        number, self._next = self._next, self._next + 1
        name = exchange.id or f"\0{number}"
        self._put(shelved(number, name, key, exchange))

    def replace(self, exchange: RecordedExchange) -> None:
        """Put an exchange in the place of the one with its id. Raises KeyError if there is none."""
        key = self._keys.of_recorded(exchange.request)
        before = self._entries[exchange.id]
        after = shelved(before.number, before.name, key, exchange)
        if key == before.key:
            entries = self._slots[key].entries
            entries[entries.index(before)] = after
            self._entries[after.name] = after
        else:
            self._drop(before)
            self._put(after)

    def remove(self, id: str) -> None:
        """Take an exchange off. Raises KeyError if there is none with this id."""
        self._drop(self._entries[id])
        self.used.discard(id)

    def rekey(self, match: RecordMatch, then: Then) -> None:
        """Compare by other rules from now on. Positions begin anew. Raises ConditionError and OSError, and
        changes nothing then."""
        keys = Keys(match)
        entries = {
            name: entry._replace(key=keys.of_recorded(entry.exchange.request))
            for name, entry in self._entries.items()
        }
        self._keys, self._then, self._entries = keys, then, entries
        self._arrange()

    # --- asking ---------------------------------------------------------------------------------------------

    def find(self, request: Request, space: str) -> Found | Miss:
        """What `take` would give, without taking it."""
        slot = self._slot(request)
        if slot is None:
            return self._miss(request, None)
        number = self._number(slot, request, self._taken(slot, request, space))
        return self._miss(request, slot) if number is None else self._found(slot, number)

    def take(self, request: Request, space: str) -> Found | Miss:
        """The answer that is next for a request in a space."""
        slot = self._slot(request)
        if slot is None:
            return self._miss(request, None)
        entries = slot.entries
        if len(entries) == 1 and self._then != "error" and entries[0].fits(request):
            # nothing to count: the common case
            self.used.add(entries[0].name)
            return self._found(slot, 0)
        number = self._number(slot, request, self._taken(slot, request, space))
        if not self._is_part_of(slot, request):
            self._move(slot, space, number)
        if number is None:
            return self._miss(request, slot)
        self.used.add(entries[number].name)
        return self._found(slot, number)

    def took(self, id: str, space: str) -> None:
        """A request of a space has got the exchange with this id from elsewhere: as if it had been taken."""
        entry = self._entries[id]
        self.used.add(entry.name)
        if self._then == "error":
            slot = self._slots[entry.key]
            place = (space, entry.key)
            self._positions[place] = max(self._positions.pop(place, 0), slot.entries.index(entry) + 1)

    def take_over(self, old: Shelf) -> None:
        """Go on where another one is: what was taken there, was taken here."""
        self.used |= old.used & self._entries.keys()
        for (space, key), taken in old._positions.items():
            slot, before = self._slots.get(key), old._slots.get(key)
            if slot is not None and before is not None:
                gone = {entry.name for entry in before.entries[:taken]}
                self._positions[space, key] = sum(entry.name in gone for entry in slot.entries)

    def has(self, request: Request) -> bool:
        """Whether anything was recorded for a request, taken or not."""
        return self._slot(request) is not None

    def may_have(self, request: Request) -> bool:
        """Whether anything could be recorded for a request of which only the head is there."""
        heads = self._heads
        if not heads:
            return False
        twin = Request(request.method, request.raw_target, request.raw_headers)
        twin.path = request.path
        key = self._keys.of(twin)
        if key[:BODY] in heads:
            return True
        bare = self._without_secrets(twin, key)
        return bare[:BODY] in heads or any(one[:BODY] in heads for one in self._wider(key, bare))

    def rewind(self, space: str | None = None) -> None:
        """Begin anew with the first answers: in one space, or in all."""
        if space is None:
            self._positions.clear()
        else:
            self._positions = {place: n for place, n in self._positions.items() if place[0] != space}

    def unused(self) -> tuple[RecordedExchange, ...]:
        """The exchanges that were never taken, in the order of recording."""
        return tuple(entry.exchange for entry in self._ordered() if entry.name not in self.used)

    # --- inside ---------------------------------------------------------------------------------------------

    def _taken(self, slot: _Slot, request: Request, space: str) -> int:
        """How many entries come before the one whose turn it is. A part is of the whole that was handed out
        last: of the next one it would not fit to what the client has."""
        taken = self._positions.get((space, slot.key), 0)
        return max(0, taken - 1) if self._is_part_of(slot, request) else taken

    def _move(self, slot: _Slot, space: str, number: int | None) -> None:
        """This entry was handed out; or none, if nothing was left."""
        place = (space, slot.key)
        taken = self._positions.pop(place, 0)
        self._positions[place] = taken if number is None else number + 1
        if len(self._positions) > MAX_POSITIONS:
            del self._positions[next(iter(self._positions))]

    def _is_part_of(self, slot: _Slot, request: Request) -> bool:
        """Whether a request asks for a part of what was recorded as a whole (RFC 9110 section 14.2)."""
        if request.method != "GET" or request.header(RANGE) is None:
            return False
        return as_whole(slot.key, self._keys.headers) is None

    def _ordered(self) -> list[Shelved]:
        return sorted(self._entries.values(), key=_number_of)

    def _arrange(self) -> None:
        """Put all entries into their slots."""
        self._slots = {}
        self._heads = {}
        self._positions.clear()
        self._redacted.clear()
        for entry in self._ordered():
            self._slot_of(entry.key).entries.append(entry)

    def _slot_of(self, key: Key) -> _Slot:
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = _Slot(key)
            self._heads[key[:BODY]] = self._heads.get(key[:BODY], 0) + 1
        return slot

    def _put(self, entry: Shelved) -> None:
        self._entries[entry.name] = entry
        slot = self._slot_of(entry.key)
        if not slot.entries or slot.entries[-1].number < entry.number:
            slot.entries.append(entry)
            return
        insort(slot.entries, entry, key=_number_of)
        index = slot.entries.index(entry)
        if index < len(slot.entries) - 1:
            self._shift_positions(slot, index, 1)

    def _drop(self, entry: Shelved) -> None:
        del self._entries[entry.name]
        slot = self._slots[entry.key]
        index = slot.entries.index(entry)
        slot.entries.remove(entry)
        self._shift_positions(slot, index, -1)
        if not slot.entries:
            del self._slots[entry.key]
            head = entry.key[:BODY]
            self._heads[head] -= 1
            if not self._heads[head]:
                del self._heads[head]

    def _shift_positions(self, slot: _Slot, index: int, by: int) -> None:
        """Keep what is next where it is, though an entry before it came or went."""
        for place, taken in self._positions.items():
            if place[1] == slot.key and index < taken:
                self._positions[place] = taken + by

    def _slot(self, request: Request) -> _Slot | None:
        slots = self._slots
        if not slots:
            return None
        key = self._keys.of(request)
        slot = slots.get(key)
        if slot is not None:
            return slot
        bare = self._without_secrets(request, key)
        slot = slots.get(bare)
        if slot is not None:
            return slot
        return next((slots[one] for one in self._wider(key, bare) if one in slots), None)

    def _wider(self, *keys: Key) -> Iterator[Key]:
        """Keys whose answers have in them what was asked for: HEAD gets what GET does (RFC 9110 section
        9.3.2), and a part may be cut from the whole (section 14.2), or the whole be sent. What was answered
        before its body was there, is so whatever the body."""
        for key in keys:
            get = as_get(key)
            if get is not None:
                yield get
            for one in (key, get):
                whole = None if one is None or one[METHOD] not in CUT else as_whole(one, self._keys.headers)
                if whole is not None:
                    yield whole
        for key in keys:
            yield as_unsent(key)

    def _without_secrets(self, request: Request, key: Key) -> Key:
        bare = self._redacted.get(key)
        if bare is None:
            asked = as_recorded(request)
            redacted = self._redact(asked)
            bare = key if redacted is asked or redacted == asked else self._keys.of_recorded(redacted)
            if len(self._redacted) >= MAX_REDACTED:
                del self._redacted[next(iter(self._redacted))]
            self._redacted[key] = bare
        return bare

    def _number(self, slot: _Slot, request: Request, taken: int) -> int | None:
        """Which entry comes after so many were taken, of those that fit; None if none does."""
        entries = slot.entries
        if taken < len(entries) and entries[taken].fits(request):
            return taken
        ahead, behind = range(taken, len(entries)), range(min(taken, len(entries)))
        again = {"repeat": behind[::-1], "cycle": behind, "error": behind[:0]}[self._then]
        return next((number for number in chain(ahead, again) if entries[number].fits(request)), None)

    def _found(self, slot: _Slot, number: int) -> Found:
        entry = slot.entries[number]
        # whether a 304 fits is also a matter of headers that are in no key
        is_only = len(slot.entries) == 1 and self._then != "error" and entry.condition is None
        return Found(entry.exchange, is_only)

    def _miss(self, request: Request, slot: _Slot | None) -> Miss:
        entries = () if slot is None else slot.entries
        recorded = tuple(entry.exchange for entry in entries if entry.fits(request))
        return Miss(self._keys, self._redact, self._entries.values(), request, recorded)


def _number_of(entry: Shelved) -> int:
    return entry.number
