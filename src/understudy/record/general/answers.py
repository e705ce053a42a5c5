"""Replies as answers of a config: what is repeated or new each time is a template, all else as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from understudy.formats.har.apart import likeness
from understudy.formats.har.bodies import NOT_PLAIN, answer_body
from understudy.formats.har.entries import without_usual_type
from understudy.formats.har.headers import about, is_dropped, is_elsewhere, kept_headers
from understudy.formats.imported import Rule, literal
from understudy.record.exchange import Failed
from understudy.record.general.echo import Echoes, with_path
from understudy.record.general.nodes import BODY, HEADER, ITEM, Node, is_larger, shown, walk
from understudy.record.general.rules import Book
from understudy.record.general.sample import Sample
from understudy.record.general.volatile import Found, Place, Spoken, differing, fresh
from understudy.render.lexer import is_template
from understudy.steps import BODILESS

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods of requests that change nothing (RFC 9110 section 9.2.1)."""

Headers = dict[str, list[str]]
Answer = dict[str, Any]
"""The keys of an endpoint that answer. `faults` among them are those of a recorded failure."""


class _Write(NamedTuple):
    """What is written in the place of a value, where that is so."""

    template: Callable[[Sample, Any], str]
    fits: Callable[[Sample, Any], bool]


def answers_of(
    samples: Sequence[Sample], label: str, book: Book, hosts: Collection[str]
) -> list[Answer | None]:
    """For each exchange of one method and path the answer; None for one that is left out by a rule.

    `label` names them for rules, and `hosts` are the servers that were recorded.
    """
    maker = _Maker(label, book, hosts)
    replies = [one for one in samples if one.status]
    by_status: dict[int, list[Sample]] = defaultdict(list)
    for one in replies:
        by_status[one.status].append(one)
    made = {id(one): answer for group in by_status.values() for one, answer in maker.answers(group)}
    return [maker.failed(one, made.get(id(one))) for one in samples]


class _Maker:
    def __init__(self, label: str, book: Book, hosts: Collection[str]) -> None:
        self._label = label
        self._book = book
        self._hosts = hosts

    def answers(self, samples: list[Sample]) -> list[tuple[Sample, Answer]]:
        """The answers of replies with one status."""
        headers = {id(one): self._headers(one) for one in samples}
        spoken = [(one, _places(one, headers[id(one)])) for one in samples]
        writes = self._writes(spoken, f"{self._label} {samples[0].status}")
        return [(one, self._answer(one, headers[id(one)], writes)) for one in samples]

    # ---- what becomes a template

    def _writes(self, spoken: list[Spoken], where: str) -> dict[Node, _Write]:
        values: dict[Node, list[tuple[Sample, Any]]] = defaultdict(list)
        for sample, places in spoken:
            for node, _, value in places:
                values[node].append((sample, value))
        echoes = Echoes([sample for sample, _ in spoken])
        writes: dict[Node, _Write] = {}
        for node, several in values.items():
            if any(node[: len(above)] == above for above in writes):  # a part of what is repeated as a whole
                continue
            place = f"{where} {shown(node)}"
            write = self._known(place, several, echoes) or self._echo(place, node, several, echoes)
            if write is None and not isinstance(several[0][1], dict | list):
                found = fresh(several)
                write = self._volatile(place, found) if found is not None else None
            if write is not None:
                writes[node] = write
        for node, found in self._differing(spoken, writes).items():
            write = self._volatile(f"{where} {shown(node)}", found)
            if write is not None:
                writes[node] = write
        return writes

    def _known(self, place: str, values: list[tuple[Sample, Any]], echoes: Echoes) -> _Write | None:
        """What a rule of before says."""
        for kind in ("echo", "volatile"):
            rule = self._book.known(kind, place)
            if rule is None or not is_template(rule.what):
                continue
            held = [one for one in values if echoes.fits(rule.what, *one) is not False]
            why = (
                rule.why
                if len(held) == len(values)
                else f"{_first_line(rule)}; but not in all that was recorded"
            )
            self._book.add(kind, place, rule.what, why, [one for one, _ in held])
            if "request.path" in rule.what:
                return _path_write()
            what = rule.what

            def fits(sample: Sample, value: Any, what: str = what) -> bool:
                is_data = isinstance(value, dict | list) and not what.startswith("{{ body")
                return not is_data and echoes.fits(what, sample, value) is not False

            return _Write(lambda sample, value, what=what: what, fits)  # type: ignore[misc]
        return None

    def _echo(
        self, place: str, node: Node, values: list[tuple[Sample, Any]], echoes: Echoes
    ) -> _Write | None:
        samples = [sample for sample, _ in values]
        if all(with_path(value, sample) is not None for sample, value in values):
            why = "the reply has the path of the request in it"
            if self._book.add("echo", place, "{{ request.path }}", why, samples):
                return _path_write()
        found = echoes.found(node, values)
        if found is None or not self._book.add("echo", place, found[0], found[1], samples):
            return None
        template = found[0]
        return _Write(lambda sample, value: template, lambda sample, value: True)

    def _volatile(self, place: str, found: Found) -> _Write | None:
        if not self._book.add("volatile", place, found.template, found.why, found.samples):
            return None
        return _Write(lambda sample, value: found.template, found.fits)

    def _differing(self, spoken: list[Spoken], writes: dict[Node, _Write]) -> dict[Node, Found]:
        changes = spoken[0][0].request.method not in SAFE
        groups: list[list[Spoken]] = []
        alike: dict[Any, list[Spoken]] = defaultdict(list)
        for one in spoken:
            alike[likeness(one[0].request)].append(one)
        if changes:
            groups.append(spoken)
        groups += alike.values()
        found: dict[Node, Found] = {}
        for group in groups:
            for node, row in differing(group, {*writes, *found}, self._label, changes=changes).items():
                found.setdefault(node, row)
        return found

    # ---- one answer

    def _headers(self, sample: Sample) -> Headers:
        """The headers that are sent again, as they were but for links and cookies."""
        dropped = is_dropped if self._keeps_few([sample]) else _is_of_message
        at = datetime.fromtimestamp(sample.at, UTC) if 0 < sample.at < 1e11 else None
        kept = kept_headers(sample.headers, self._hosts, at, dropped=dropped, as_template=str)
        found = {
            name: [str(one) for one in (value if isinstance(value, list) else [value])]
            for name, value in kept.items()
        }
        for name in found:
            if name.lower() == "location" and 300 <= sample.status < 400:
                found[name] = [self._onward(one, sample) for one in found[name]]
        coding = [value for name, value in sample.headers if name.lower() == "content-encoding"]
        if coding and sample.body and _is_coded(sample):
            found["Content-Encoding"] = [", ".join(coding)]
        return found

    def _keeps_few(self, samples: list[Sample]) -> bool:
        names = sorted({name.lower() for one in samples for name, _ in one.headers if is_dropped(name)})
        names = [name for name in names if not _is_of_message(name)]
        if not names:
            return True
        return self._book.add(
            "headers", "", "not sent again", "of the recorded server or the moment", samples
        )

    def _onward(self, local: str, sample: Sample) -> str:
        """A redirect's address; one to the same path on another host leads there, as here it would lead
        back."""
        written = next(value for name, value in sample.headers if name.lower() == "location")
        is_back = local.partition("#")[0].encode("utf-8", "replace") == sample.request.raw_target
        return written if is_back and is_elsewhere(written, sample.exchange.request.url) else local

    def _answer(self, sample: Sample, headers: Headers, writes: dict[Node, _Write]) -> Answer:
        answer: Answer = {"status": sample.status} if sample.status != 200 else {}
        body = self._body(sample, writes)
        texts: dict[str, Any] = {}
        for name, values in headers.items():
            node = (HEADER, name.lower())
            written = [_written(one, node, sample, writes) for one in values]
            texts[name] = written[0] if len(written) == 1 else written
        texts = without_usual_type(texts, body)
        if texts:
            answer["headers"] = texts
        return answer | body

    def _body(self, sample: Sample, writes: dict[Node, _Write]) -> Answer:
        if sample.status in BODILESS or sample.request.method == "HEAD":
            return {}
        if sample.json is NOT_PLAIN or is_larger(sample.json):
            return answer_body(sample.body, sample.kind, False)
        body = answer_body(sample.body, sample.kind, False)
        if "response" not in body:
            return body
        return {"response": _templated(sample.json, (BODY,), sample, writes)}

    def failed(self, sample: Sample, answer: Answer | None) -> Answer | None:
        """The answer for an exchange that may have failed."""
        failed = sample.exchange.failed
        if failed is None:
            return answer
        size = len(sample.body)
        fault = fault_of(failed, size if sample.status else None)
        kind = fault if isinstance(fault, str) else fault["kind"]
        where = f"{self._label} {failed.kind}"
        if not self._book.add("fault", where, kind, failed.message or failed.kind, [sample]):
            return answer
        return {**(answer or {}), "faults": [fault]}


def _is_of_message(name: str) -> bool:
    return about(name) == "message"


def fault_of(failed: Failed, received: int | None) -> Any:
    """The fault for a failure. `received` is how many bytes of the body had come; None if not even the head
    had."""
    if received is not None:
        cut = {"after_bytes": max(0, received - 1)}
        match failed.kind:
            case "timeout":
                return {"kind": "stall", **cut}
            case "reset":
                return {"kind": "reset", **cut}
        return {"kind": "truncate", **cut}
    match failed.kind:
        case "timeout":
            return "hang"
        case "reset":
            return "reset"
        case "closed":
            return "empty_reply"
    # before there was a connection: a gateway in front of the server says 502 (RFC 9110 section 15.6.3)
    return {"kind": "error", "status": 502, "body": {"error": failed.message or failed.kind}}


def _first_line(rule: Rule) -> str:
    return rule.why.partition("; but not in all")[0]


def _is_coded(sample: Sample) -> bool:
    """Whether the body of a reply that has a coding could not be decoded."""
    reply = sample.exchange.reply
    if reply is None:
        return False
    if isinstance(reply.body, bytes):
        return reply.body == sample.body
    return reply.body.size == len(sample.body)


def _places(sample: Sample, headers: Headers) -> list[Place]:
    """The values of a reply: its headers, those that are there once, and its JSON."""
    places: list[Place] = []
    for name, values in headers.items():
        for number, value in enumerate(values):
            node = (HEADER, name.lower())
            places.append((node, (*node, number), value))
    if sample.json is not NOT_PLAIN and sample.request.method != "HEAD" and not is_larger(sample.json):
        places += walk(sample.json)
    elif sample.body:
        places.append(
            ((BODY, ""), (BODY, ""), sample.body.decode("latin-1"))
        )  # not looked into, but compared
    return [one for one in places if one[0] != (BODY, "") or sample.status not in BODILESS]


def _path_write() -> _Write:
    def template(sample: Sample, value: Any) -> str:
        found = with_path(value, sample)
        assert found is not None, "asked before"
        return f"{literal(found[0])}{{{{ request.path }}}}{literal(found[1])}"

    return _Write(template, lambda sample, value: with_path(value, sample) is not None)


def _written(value: Any, node: Node, sample: Sample, writes: dict[Node, _Write]) -> Any:
    """A value as it stands in the config."""
    write = writes.get(node)
    if write is not None and write.fits(sample, value):
        return write.template(sample, value)
    return literal(value) if isinstance(value, str) else value


def _templated(value: Any, node: Node, sample: Sample, writes: dict[Node, _Write]) -> Any:
    made = _written(value, node, sample, writes)
    if made is not value or not isinstance(value, dict | list):
        return made
    if isinstance(value, dict):
        return {key: _templated(item, (*node, key), sample, writes) for key, item in value.items()}
    return [_templated(item, (*node, ITEM), sample, writes) for item in value]
