"""Headers as a user's Python sees them: looked up in any case, and a name may stand several times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping

Pairs = Iterable[tuple[str, str]]


class Headers(Mapping[str, str]):
    """Headers of a request.

    `headers["x-id"]` is a header's value, several of one name being joined by a comma (RFC 9110 section 5.2);
    `getall` gives them one by one, `pairs` gives all in their order.
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Pairs = ()) -> None:
        self._pairs = list(pairs)

    def __getitem__(self, name: str) -> str:
        values = self.getall(name)
        if not values:
            raise KeyError(name)
        return ("; " if name.lower() == "cookie" else ", ").join(values)

    def __iter__(self) -> Iterator[str]:
        return iter({name.lower(): name for name, _ in reversed(self._pairs)}.values())

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self._pairs})

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.getall(name))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._pairs!r})"

    def getall(self, name: str) -> list[str]:
        """The values of all headers of that name."""
        wanted = name.lower()
        return [value for key, value in self._pairs if key.lower() == wanted]

    def pairs(self) -> list[tuple[str, str]]:
        """All names and values, in order."""
        return list(self._pairs)


class MutableHeaders(Headers, MutableMapping[str, str]):
    """Headers of a response: setting a name replaces all of that name, `add` puts one more behind."""

    __slots__ = ()

    def __setitem__(self, name: str, value: str | list[str]) -> None:
        self.pop(name, None)
        for item in value if isinstance(value, list | tuple) else [value]:
            self.add(name, item)

    def __delitem__(self, name: str) -> None:
        wanted = name.lower()
        kept = [pair for pair in self._pairs if pair[0].lower() != wanted]
        if len(kept) == len(self._pairs):
            raise KeyError(name)
        self._pairs = kept

    def add(self, name: str, value: object) -> None:
        """One more header, whether or not there is one of that name."""
        self._pairs.append((name, str(value)))
