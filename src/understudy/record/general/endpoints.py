"""Endpoints for the exchanges of one method and path: which conditions they need, and what they answer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from understudy.formats.har.apart import NAMED, Feature, Told, Wanted, tell_apart
from understudy.match.path import PathPattern
from understudy.record.general.answers import Answer
from understudy.record.general.rules import Book, Wishes
from understudy.record.general.sample import Sample
from understudy.record.general.timing import latency_of, stream_of


class Made(NamedTuple):
    """An endpoint, and the exchanges that it was made of."""

    endpoint: dict[str, Any]
    samples: tuple[Sample, ...]
    by_credential: bool = False


def endpoints_of(
    samples: Sequence[Sample], answers: Sequence[Answer], path: str, label: str, book: Book, wishes: Wishes
) -> list[Made]:
    """The endpoints of one host, method and path, those for a few requests before those for all others."""
    texts = [json.dumps(answer) for answer in answers]
    by_text = dict(zip(texts, answers, strict=True))
    method = samples[0].request.method
    wanted = Wanted(PathPattern(path), wishes.headers, _kept(book, label))
    told = tell_apart([one.request for one in samples], texts, wanted)
    in_turn = [one for one in told if len(one.answers) > 1]
    if in_turn:
        taken = [samples[number] for one in in_turn for number in one.numbers]
        if not book.is_on("same", label):
            told = tell_apart([one.request for one in samples], texts, wanted._replace(each=True))
        elif any(len(one.numbers) > len(one.answers) for one in in_turn):
            book.add("same", label, "one", "equal replies to equal requests, one after the other", taken)
        most = max(len(one.answers) for one in told)
        book.add("turns", label, f"{most} replies in turn", "nothing tells their requests apart", taken)
    _tell_of_conditions(told, samples, label, book)
    found: list[Made] = []
    for one in _with_others(told, samples, label, book):
        head: dict[str, Any] = {"path": path}
        if method != "GET":
            head["method"] = method
        if one.match:
            head["match"] = one.match
        own = tuple(samples[number] for number in one.numbers)
        extra = _extra(own, label, book, wishes)
        bodies = [by_text[str(text)] for text in one.answers]
        found.append(Made({**head, **_answered(bodies, extra)}, own, one.by_credential))
    return found


def _kept(book: Book, label: str) -> frozenset[Feature]:
    """The features that a rule of before tells requests apart by."""
    rule = book.known("match", label)
    found = set()
    for word in rule.what.split(", ") if rule is not None else ():
        part, _, name = word.partition(" ")
        found.add((part, name))
    return frozenset(found)


def _tell_of_conditions(told: list[Told], samples: Sequence[Sample], label: str, book: Book) -> None:
    names: dict[str, None] = {}
    for one in told:
        for part, inner in one.match.items():
            if part in NAMED:
                names |= dict.fromkeys(f"{part} {name}" for name in inner)
            elif isinstance(inner, dict) and isinstance(inner.get("json"), dict) and "exact" not in inner:
                names |= dict.fromkeys(f"json {name}" for name in inner["json"])
            else:
                names["body "] = None
    if names:
        why = f"the fewest that tell {len(told)} kinds of requests apart"
        book.add("match", label, ", ".join(names).strip(), why, samples)


# ---- parameters of the path


def _with_others(told: list[Told], samples: Sequence[Sample], label: str, book: Book) -> list[Told]:
    """What was told apart by parameters of the path; where values that were not recorded are answered like
    one that was, that comes last and without a condition on them."""
    alike: dict[str, list[Told]] = defaultdict(list)
    plain: list[Told] = []
    for one in told:
        others_of = {part: inner for part, inner in one.match.items() if part != "params"}
        (alike[json.dumps(others_of)] if "params" in one.match else plain).append(one)
    others: list[Told] = []
    for rest, several in alike.items():
        by_answer: dict[Any, list[Told]] = defaultdict(list)
        for one in several:
            # those in turn are counted for each value by itself
            by_answer[one.answers[0] if len(one.answers) == 1 else (one.answers, one.numbers[0])].append(one)
        usual = max(by_answer, key=lambda text: _usual(text, by_answer[text], samples))
        match = json.loads(rest)
        place = f"{label} {rest}" if match else label
        if _is_general(usual, by_answer[usual]) and _add_other(by_answer[usual], samples, place, book):
            others.append(_joined(by_answer.pop(usual))._replace(match=match))
        for group in by_answer.values():
            plain += _one_of(group)
    plain.sort(key=lambda one: one.numbers[0])
    return [*plain, *others]


def _usual(text: Any, told: list[Told], samples: Sequence[Sample]) -> tuple[bool, bool, int, int]:
    first = told[0].numbers[0]
    return _is_general(text, told), 200 <= samples[first].status < 300, len(told), -first


def _is_general(text: Any, told: list[Told]) -> bool:
    """Whether an answer may be that to any value: it repeats the value, or several have it."""
    if not isinstance(text, str):
        return False
    return len(told) > 1 or "{{ params" in text or "{{ request.path" in text


def _add_other(told: list[Told], samples: Sequence[Sample], place: str, book: Book) -> bool:
    first = samples[told[0].numbers[0]]
    count = len(told)
    why = f"{count} values have this reply" if count > 1 else "the reply repeats the value"
    return book.add(
        "other", place, f"like {first.request.path}", why, [samples[one.numbers[0]] for one in told]
    )


def _joined(told: list[Told]) -> Told:
    numbers = sorted(number for one in told for number in one.numbers)
    return Told(numbers, told[0].answers, told[0].match, any(one.by_credential for one in told))


def _one_of(told: list[Told]) -> list[Told]:
    """Several values of one parameter with the same answer as one."""
    params = [one.match["params"] for one in told]
    names = {tuple(one) for one in params}
    if len(told) == 1 or len(names) != 1 or len(params[0]) != 1:
        return told
    (name,) = params[0]
    values = [one[name] for one in params]
    if not all(isinstance(value, str | int) for value in values):
        return told
    joined = _joined(told)
    return [joined._replace(match={**joined.match, "params": {name: {"one_of": values}}})]


# ---- what is answered


def _extra(samples: tuple[Sample, ...], label: str, book: Book, wishes: Wishes) -> dict[str, Any]:
    """What holds for all answers of an endpoint: how long they take, and how their bodies come."""
    extra: dict[str, Any] = {}
    if wishes.latency and (latency := latency_of(samples)) is not None:
        count = len(samples)
        shown = json.dumps(latency) if isinstance(latency, dict) else f"{latency:g} ms"
        if book.add("latency", label, shown, f"measured {count} time{'s' * (count != 1)}", samples):
            extra["latency_ms"] = latency
    stream = stream_of(samples)
    if stream is not None:
        what = ", ".join(f"{key} {value}" for key, value in stream.items() if key != "kind")
        if book.add("stream", label, f"{stream['kind']}: {what}", "the recorded body came so", samples):
            extra["faults"] = [stream]
    return extra


def _answered(answers: list[Answer], extra: dict[str, Any]) -> dict[str, Any]:
    """The keys of an endpoint that gives these answers in turn. Where one of them is a failure, it is a
    fault of the request of that number; only those that have a reply take part in the turns of
    `responses`."""
    replies: list[Answer] = []
    faults: list[dict[str, Any]] = []
    for number, one in enumerate(answers, 1):
        reply = {key: value for key, value in one.items() if key != "faults"}
        failures = one.get("faults", [])
        if reply or not failures:
            replies.append(reply)
        for fault in failures:
            written: dict[str, Any] = {"kind": fault} if isinstance(fault, str) else dict(fault)
            if len(answers) > 1:
                written["when"] = {"from_n": number}
                if number < len(answers):  # the last is repeated
                    written["when"]["to_n"] = number
            faults.append(written)
    plain = [one["kind"] if one.keys() == {"kind"} else one for one in faults]
    made = {**extra, "faults": plain} if plain else dict(extra)
    if len(replies) > 1:
        return {**made, "responses": replies}
    return {**made, **(replies[0] if replies else {})}
