"""The stages of `cache`: headers on what was made, answers to conditions on it, and replies that are kept."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from understudy.errors import UnderstudyError
from understudy.model import Cache, Endpoint
from understudy.request import Request
from understudy.simulate.cache.conditional import (
    FAILED,
    NOT_MODIFIED,
    PROCEED,
    SAFE,
    Outcome,
    Validators,
    any_date,
    date_text,
    evaluate,
    is_conditional,
)
from understudy.simulate.cache.stored import Key, Stored, StoredReplies
from understudy.simulate.content import header_bytes
from understudy.simulate.exchange import Exchange, Finish, Stage
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.steps import Header, Reply, SendFile, Step, json_reply

_METADATA = frozenset(
    {b"content-type", b"content-language", b"content-encoding", b"content-range", b"content-disposition"}
)
"""Headers about a body, which a 304 does not have (RFC 9110 section 15.4.5)."""


class CacheError(UnderstudyError):
    """A template that was to give a date, or an entity tag, gave something else."""


class _Rules(NamedTuple):
    """A compiled `cache`. `etag` and `modified` give what is written, None if it is made otherwise."""

    headers: tuple[Header, ...]
    makes_etag: str
    etag: Callable[[], str] | None
    modified: Callable[[float], int] | None
    expires_s: int | None
    vary: tuple[str, ...]
    store_s: float | None
    templated: bool

    @property
    def changing(self) -> bool:
        """Whether the headers differ from reply to reply."""
        return self.templated or self.expires_s is not None or self.store_s is not None


def add_cache(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the stages of `cache`."""
    written = endpoint.cache
    if written is UNSET or written is False:
        return
    if written is True:
        spec = Cache()
    elif isinstance(written, Cache):
        spec = written
    else:
        spec = Cache(max_age_s=int(written))
    rules = _rules(spec, kit, (*place, "cache"))
    if rules.store_s is not None:
        replies = kit.shared.setdefault(StoredReplies, StoredReplies())
        assert isinstance(replies, StoredReplies)
        parts.kept.append(_from_store(rules, replies, name, kit.constant_headers))
        parts.after.append(_finish(rules, kit.constant_headers, replies, name))
    else:
        parts.after.append(_finish(rules, kit.constant_headers))
    if rules.etag is not None or rules.modified is not None:
        parts.kept.append(_precondition(rules, kit.constant_headers))


def _rules(spec: Cache, kit: Kit, place: Place) -> _Rules:
    headers: list[Header] = []
    if spec.control:
        headers.append((b"Cache-Control", spec.control.encode()))
    if spec.vary:
        headers.append((b"Vary", ", ".join(spec.vary).encode()))
    makes_etag = spec.etag if isinstance(spec.etag, str) else "auto" if spec.etag else ""
    etag, etag_templated = _etag(makes_etag, kit, place)
    modified, modified_templated = _modified(spec.last_modified, kit, place)
    expires_s = None
    if spec.expires:
        expires_s = 0 if spec.max_age_s is UNSET else spec.max_age_s
    return _Rules(
        tuple(headers),
        makes_etag,
        etag,
        modified,
        expires_s,
        tuple(one.lower() for one in spec.vary),
        None if spec.store_s is UNSET else spec.store_s,
        etag_templated or modified_templated,
    )


def _etag(written: str, kit: Kit, place: Place) -> tuple[Callable[[], str] | None, bool]:
    """What gives an entity tag that is written in the config, and whether it is a template."""
    if written in {"", "auto", "weak"}:
        return None, False
    problems_before = len(kit.problems)
    compiled = kit.text(written, "etag", place)
    if len(kit.problems) > problems_before:
        return None, False
    if callable(compiled):
        return lambda: _quoted(compiled()), True
    try:
        fixed = _quoted(compiled)
    except CacheError as error:
        kit.problem((*place, "etag"), str(error))
        return None, False
    return lambda: fixed, False


def _quoted(text: str) -> str:
    """An entity tag in quotes, unless it has them already (RFC 9110 section 8.8.3)."""
    weak, tag = ("W/", text[2:]) if text.startswith('W/"') else ("", text)
    if len(tag) > 1 and tag.startswith('"') and tag.endswith('"'):
        tag = tag[1:-1]
    if not all(character == "!" or "#" <= character <= "~" for character in tag):
        raise CacheError(f"{text!r} cannot be an ETag: it has characters other than !, # to ~")
    return f'{weak}"{tag}"'


def _modified(written: bool | str, kit: Kit, place: Place) -> tuple[Callable[[float], int] | None, bool]:
    """What gives the time of the last change, and whether it is a template."""
    if written is False:
        return None, False
    if written is True:
        first: list[int] = []  # when it answered first since it was loaded

        def since_loaded(now: float) -> int:
            if not first:
                first.append(int(now))
            return first[0]

        return since_loaded, False
    problems_before = len(kit.problems)
    compiled = kit.text(str(written), "last_modified", place)
    if len(kit.problems) > problems_before:
        return None, False
    if callable(compiled):
        return lambda now: _date(compiled()), True
    try:
        fixed = _date(compiled)
    except CacheError as error:
        kit.problem((*place, "last_modified"), str(error))
        return None, False
    return lambda now: fixed, False


def _date(text: str) -> int:
    found = any_date(text)
    if found is None:
        raise CacheError(f"{text!r} is not a date: write one as in HTTP, ISO 8601 or unix seconds")
    return found


# --- what was made ------------------------------------------------------------------------------------------


def _finish(
    rules: _Rules, cors: tuple[Header, ...], replies: StoredReplies | None = None, name: str = ""
) -> Finish:
    """Adds the headers, keeps the reply where that is wanted, and answers the request's conditions."""
    made: tuple[tuple[Step, ...], tuple[Step, ...]] | None = None  # for steps that are always the same

    async def finish(exchange: Exchange, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        nonlocal made
        request = exchange.request
        safe = request.method in SAFE
        if made is not None and made[0] is steps and safe:
            described = made[1]
        else:
            if rules.templated:
                await exchange.prepare()
            described = _described(rules, steps, request.method, exchange.now)
            if safe and not rules.changing:
                made = (steps, described)
        first = described[0]
        reply = first.reply if isinstance(first, SendFile) else first
        if replies is not None and not safe and isinstance(reply, Reply) and 200 <= reply.status < 400:
            replies.forget((name, exchange.space))  # RFC 9111 section 4.4
        if not isinstance(reply, Reply) or not safe or not 200 <= reply.status < 300:
            return described
        if replies is not None and first is reply and len(described) == 1 and request.method == "GET":
            _keep(rules, replies, name, exchange, reply)
        outcome = _outcome(request, reply)
        return described if outcome.status == PROCEED else (_answer(outcome, reply, cors),)

    return finish


def _described(rules: _Rules, steps: tuple[Step, ...], method: str, now: float) -> tuple[Step, ...]:
    """The steps with what `cache` says of them. What the reply says itself is left alone."""
    first = steps[0]
    reply = first.reply if isinstance(first, SendFile) else first
    if not isinstance(reply, Reply):
        return steps
    has = {key.lower() for key, _ in reply.headers}
    extra = [header for header in rules.headers if header[0].lower() not in has or header[0] == b"Vary"]
    if rules.expires_s is not None and b"expires" not in has:
        extra.append((b"Expires", date_text(int(now) + rules.expires_s)))
    if method in SAFE and 200 <= reply.status < 300:
        if rules.makes_etag and b"etag" not in has:
            tag = rules.etag() if rules.etag is not None else _tag_of(first, rules.makes_etag)
            extra.append((b"ETag", header_bytes(tag)))
        if rules.modified is not None and b"last-modified" not in has:
            # never later than the reply itself (RFC 9110 section 8.8.2.1)
            extra.append((b"Last-Modified", date_text(min(rules.modified(now), int(now)))))
    if not extra:
        return steps
    told = reply.with_headers(tuple(extra))
    if isinstance(first, SendFile):
        return (SendFile(told, first.path, first.offset, first.length), *steps[1:])
    return (told, *steps[1:])


def _tag_of(step: Step, how: str) -> str:
    """An entity tag from the bytes of the body; for a file that is not in memory from its size and time."""
    if isinstance(step, SendFile):
        try:
            status = step.path.stat()
        except OSError as error:
            raise CacheError(f"the body file cannot be read: {error.strerror or error}") from None
        tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}-{step.offset:x}"'
    else:
        assert isinstance(step, Reply), "only these have a body"
        tag = f'"{blake2b(step.body, digest_size=12).hexdigest()}"'
    return f"W/{tag}" if how == "weak" else tag


def _outcome(request: Request, reply: Reply) -> Outcome:
    """What the request's conditions come to for this reply."""
    if not is_conditional(request):
        return Outcome(PROCEED)
    etag = modified = None
    for name, value in reply.headers:
        lower = name.lower()
        if lower == b"etag":
            etag = value.decode("latin-1")
        elif lower == b"last-modified":
            modified = any_date(value.decode("latin-1"))
    return evaluate(request, Validators(etag, modified))


def _answer(outcome: Outcome, reply: Reply, cors: tuple[Header, ...]) -> Reply:
    """304 with what a cache needs to know, or 412."""
    if outcome.status == FAILED:
        return _refused(outcome, tuple(one for one in reply.headers if one[0].lower() == b"etag") + cors)
    has_tag = any(name.lower() == b"etag" for name, _ in reply.headers)
    headers = tuple(
        (name, value)
        for name, value in reply.headers
        if name.lower() not in _METADATA and not (has_tag and name.lower() == b"last-modified")
    )
    return Reply(NOT_MODIFIED, headers, b"", dated=reply.dated)


def _refused(outcome: Outcome, headers: tuple[Header, ...]) -> Reply:
    return json_reply(FAILED, {"error": "Precondition failed", "condition": outcome.header}, headers)


# --- before anything changes --------------------------------------------------------------------------------


def _precondition(rules: _Rules, cors: tuple[Header, ...]) -> Stage:
    """Refuses a change of what the client does not have, where the config says what there is.

    Requests that change nothing are answered when the reply is there.
    """

    async def stage(exchange: Exchange) -> Reply | None:
        request = exchange.request
        if request.method in SAFE or not is_conditional(request):
            return None
        if rules.templated:
            await exchange.prepare()
        etag = rules.etag() if rules.etag is not None else None
        modified = rules.modified(exchange.now) if rules.modified is not None else None
        outcome = evaluate(request, Validators(etag, modified))
        if outcome.status == PROCEED:
            return None
        tag: tuple[Header, ...] = () if etag is None else ((b"ETag", etag.encode()),)
        return _refused(outcome, tag + cors)

    return stage


# --- replies that are kept ----------------------------------------------------------------------------------


def _key(rules: _Rules, name: str, exchange: Exchange) -> Key:
    """Under what a reply is kept: all that it may depend on. Nobody gets a reply made for another login.

    The method is not in it: what a GET was answered answers a HEAD (RFC 9111 section 4).
    """
    request = exchange.request
    varying = (*rules.vary, "authorization")
    claims = "" if exchange.claims is None else msgspec.json.encode(exchange.claims).decode()
    return (
        name,
        exchange.space,
        exchange.owner,
        claims,  # as a cookie or another header may have told who it is
        request.target,
        *(request.header(one) or "" for one in varying),
    )


def _directives(request: Request) -> set[str]:
    """What the client says about caching (RFC 9111 section 5.2.1)."""
    written = request.header("cache-control") or ""
    return {part.strip().lower() for part in written.split(",")}


def _from_store(rules: _Rules, replies: StoredReplies, name: str, cors: tuple[Header, ...]) -> Stage:
    """Answers with the reply that was kept, and how old it is."""

    async def stage(exchange: Exchange) -> Reply | None:
        request, plan = exchange.request, exchange.plan
        if request.method not in SAFE or plan.violations:
            return None
        if not _directives(request).isdisjoint({"no-cache", "max-age=0"}):
            return None
        stored = replies.get(_key(rules, name, exchange), exchange.now)
        if stored is None:
            return None
        age = str(int(exchange.now - stored.made)).encode()
        reply = stored.reply.with_headers(((b"Age", age),))
        outcome = _outcome(request, reply)
        return reply if outcome.status == PROCEED else _answer(outcome, reply, cors)

    return stage


def _keep(rules: _Rules, replies: StoredReplies, name: str, exchange: Exchange, reply: Reply) -> None:
    assert rules.store_s is not None, "there is a store only then"
    if "*" in rules.vary or exchange.plan.violations or "no-store" in _directives(exchange.request):
        return
    if not reply.dated:  # it goes on saying when it was made
        date = (b"Date", date_text(exchange.now))
        reply = Reply(reply.status, (*reply.headers, date), reply.body, dated=True)
    now = exchange.now
    replies.put(_key(rules, name, exchange), Stored(reply, now, now + rules.store_s))
