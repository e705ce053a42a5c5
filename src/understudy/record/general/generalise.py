"""All of it in order: from exchanges to a config, and the rules that led there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from understudy.errors import Problem
from understudy.formats.har.hosts import at_host, cors_of, is_host, ranks
from understudy.formats.imported import Rule
from understudy.match.path import PathPattern
from understudy.record.exchange import RecordedExchange
from understudy.record.general.answers import answers_of
from understudy.record.general.endpoints import Made, endpoints_of
from understudy.record.general.paths import Segments, templates_of
from understudy.record.general.rules import Book, Key, Wishes, numbered
from understudy.record.general.sample import Sample, in_order, read_samples


class General(NamedTuple):
    """Endpoints for what was recorded. `config` is plain data as a user would write it, `comments` are a line
    for each endpoint, and `rules` say how it came to be."""

    rules: tuple[Rule, ...]
    config: dict[str, Any]
    warnings: tuple[Problem, ...] = ()
    comments: tuple[str, ...] = ()


NO_WISHES = Wishes()


def generalise(exchanges: Sequence[RecordedExchange], wishes: Wishes = NO_WISHES) -> General:
    """Endpoints that answer the recorded requests as they were answered, and others like them.

    Exchanges count by their times, in whatever order they are given. Raises UnknownRule for a wish that names
    none.
    """
    ordered = in_order(list(exchanges))
    off: set[Key] = set()
    if wishes.without:
        off = numbered(wishes, _made(ordered, wishes, ()).rules)
    return _made(ordered, wishes, off)


def _made(exchanges: list[RecordedExchange], wishes: Wishes, off: Iterable[Key]) -> General:
    warnings: list[Problem] = []
    samples = read_samples(exchanges, warnings)
    if wishes.hosts:
        samples = [one for one in samples if any(is_host(one.host, wanted) for wanted in wishes.hosts)]
    if not wishes.assets:
        samples = [one for one in samples if not one.is_asset]
    book = Book(wishes, off)
    made = _endpoints(samples, book, wishes)
    if any(one.by_credential and "responses" in one.endpoint for one in made):
        message = (
            "requests that only a credential tells apart are answered in turn: credentials are not written"
        )
        warnings.append(Problem(message))
    cors = cors_of(one.headers for one in samples)
    return General(
        rules=book.rules(),
        config={**({"cors": cors} if cors else {}), "endpoints": [one.endpoint for one in made]},
        warnings=tuple(warnings),
        comments=tuple(_comment(one) for one in made),
    )


def _endpoints(samples: list[Sample], book: Book, wishes: Wishes) -> list[Made]:
    """All endpoints, in the order of the first request of each method and path."""
    hosts = frozenset(one.host for one in samples)
    rank = ranks((one.host, one.is_call) for one in samples)
    templates: dict[str, dict[Segments, str]] = {
        host: templates_of([one for one in samples if one.host == host], book)
        for host in sorted(hosts, key=rank.__getitem__)
    }
    groups: dict[tuple[str, str], dict[str, list[Sample]]] = {}
    for one in samples:
        path = templates[one.host][one.segments]
        place = groups.setdefault((one.request.method, path), {})
        place.setdefault(one.host, []).append(one)
    found: list[Made] = []
    for (method, path), by_host in groups.items():
        # who has most of the API answers whoever asks; the others, asked before it, only under their name
        *others, main = sorted(by_host, key=rank.__getitem__, reverse=True)
        made = _written(by_host[main], method, path, "", hosts, book, wishes)
        for host in others:
            other = _written(by_host[host], method, path, host, hosts, book, wishes)
            if [one.endpoint for one in other] != [one.endpoint for one in made]:
                why = f"{main} has the same path with other replies"
                book.add("host", f"{method} {path}", f"only for {host}", why, by_host[host])
                found += [one._replace(endpoint=at_host(one.endpoint, host)) for one in other]
        found += made
    return found


def _written(
    samples: list[Sample],
    method: str,
    path: str,
    host: str,
    hosts: Collection[str],
    book: Book,
    wishes: Wishes,
) -> list[Made]:
    """The endpoints of one host, method and path."""
    pattern = PathPattern(path)
    for one in samples:
        one.request.params = pattern.values(one.request.path)
    label = f"{method} {path}" + (f" at {host}" if host else "")
    answers = answers_of(samples, label, book, hosts)
    both = [(one, answer) for one, answer in zip(samples, answers, strict=True) if answer is not None]
    if not both:
        return []
    return endpoints_of([one for one, _ in both], [answer for _, answer in both], path, label, book, wishes)


def _comment(one: Made) -> str:
    count = len(one.samples)
    paths = list(dict.fromkeys(sample.request.path for sample in one.samples))
    if "{" not in str(one.endpoint["path"]):
        return f"recorded {count} times" if count > 1 else ""
    shown = ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
    return f"recorded as {shown}" + (f", {count} times" if count > len(paths) else "")
