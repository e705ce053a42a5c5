"""Faults as they are written → their models, with every mistake said.

Faults in a config are read when they are compiled: a config without any pays nothing for their models.
"""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.faults import ALIASES
from understudy.load.diagnose import diagnose
from understudy.load.fault import Fault as Mistake
from understudy.load.fault import Keys
from understudy.load.hints import nearest
from understudy.load.words import show, show_plain
from understudy.model.convert import convert
from understudy.model.faults import KINDS, Fault

OTHER_NAMES = {  # what it may be called elsewhere, in lower case and with `_` → our kind
    **dict.fromkeys(("delay", "fixed_delay", "jitter", "lag", "sleep", "slow", "wait"), "latency"),
    **dict.fromkeys(
        ("chunk_delay", "chunked_dribble", "chunked_dribble_delay", "drip", "slow_body"), "dribble"
    ),
    **dict.fromkeys(("rate", "slow_network", "throttle", "throughput"), "bandwidth"),
    **dict.fromkeys(("loss", "packet_loss", "pause"), "stall"),
    **dict.fromkeys(("freeze", "hung", "never", "no_reply", "no_response", "stuck", "timeout_ms"), "hang"),
    **dict.fromkeys(("slow_request", "slow_upload"), "slow_read"),
    **dict.fromkeys(("abort", "exception", "fail", "failure", "http_error", "status"), "error"),
    **dict.fromkeys(("infinite_redirect", "redirect"), "redirect_loop"),
    **dict.fromkeys(("mime_type", "wrong_content_type"), "content_type"),
    **dict.fromkeys(("encoding", "wrong_charset"), "charset"),
    **dict.fromkeys(("bad_json", "broken_json", "malformed_json"), "invalid_json"),
    **dict.fromkeys(("graphql", "partial"), "graphql_errors"),
    **dict.fromkeys(("server_sent_events", "sse", "stream"), "event_stream"),
    **dict.fromkeys(("cut", "drop", "incomplete", "truncate_body", "truncated"), "truncate"),
    **dict.fromkeys(("length", "wrong_content_length", "wrong_length"), "content_length"),
    **dict.fromkeys(("bad_chunk", "chunk", "malformed"), "malformed_chunk"),
    **dict.fromkeys(("junk", "noise", "random_bytes", "random_data"), "garbage"),
    **dict.fromkeys(("corruption", "malformed_body"), "corrupt"),
    **dict.fromkeys(("compression", "gzip"), "bad_gzip"),
    **dict.fromkeys(("close", "disconnect", "drop_connection", "empty"), "empty_reply"),
    **dict.fromkeys(("connection_reset", "reset_connection", "rst", "tcp_reset"), "reset"),
    **dict.fromkeys(("half_close", "half_open"), "slow_close"),
    **dict.fromkeys(("idle_close", "keep_alive", "stale"), "stale_connection"),
    **dict.fromkeys(("fragmentation", "slice"), "fragment"),
}
ELSEWHERE = {  # what is no fault of a request → where it is written
    **dict.fromkeys(
        ("black_hole", "connection_refused", "down", "refuse", "refused", "silent", "slow_accept"),
        "`connections: {faults: […]}` at the top of the config, as no request is known yet",
    ),
    **dict.fromkeys(
        ("429", "quota", "rate_limit", "too_many_requests"), "the key `rate_limit` of the endpoint"
    ),
    "outage": "the key `outage` of the endpoint",
}
_TAGS = ("fault", "name", "toxic", "type")
"""Keys that others write for `kind`."""


def read_fault(written: Any, keys: Keys = ()) -> Fault | list[Mistake]:
    """A fault from its kind or from an object with `kind`; or all mistakes. `keys` is where it stands."""
    if isinstance(written, str):
        model = KINDS.get(written)
        if model is None:
            return [_unknown_kind(written, keys)]
        return _read({}, model, keys) if _needs_no_more(model) else [_needs_more(written, model, keys)]
    if not isinstance(written, dict):
        accepted = 'a kind such as "reset", or an object with `kind`'
        return [Mistake("expected text or an object", keys, show(written), accepted)]
    if "kind" not in written:
        return [_no_kind(written, keys)]
    kind = written["kind"]
    if not isinstance(kind, str):
        return [Mistake("expected text", (*keys, "kind"), show(kind), "a kind of fault")]
    model = KINDS.get(kind)
    return [_unknown_kind(kind, (*keys, "kind"))] if model is None else _read(written, model, keys)


def plain_kinds() -> list[str]:
    """The kinds that may be written by their name alone."""
    return [kind for kind, model in KINDS.items() if _needs_no_more(model)]


def _read(written: dict[str, Any], model: type[Fault], keys: Keys) -> Fault | list[Mistake]:
    try:
        return convert(written, model)
    except msgspec.ValidationError:
        mistakes = diagnose(written, model, keys)
    if len(mistakes) > 1:
        # that something is missing follows from the mistakes in what was to be it
        missing = {mistake.message for mistake in diagnose({}, model)}
        mistakes = [mistake for mistake in mistakes if mistake.message not in missing]
    return mistakes


def _needs_no_more(model: type[Fault]) -> bool:
    try:
        model()
    except (TypeError, ValueError):
        return False
    return True


def _needs_more(kind: str, model: type[Fault], keys: Keys) -> Mistake:
    missing = diagnose({}, model)[0]
    own = [name for name in model.__struct_encode_fields__ if name not in Fault.__struct_encode_fields__]
    message = f'"{kind}" needs more than its name: {missing.message}'
    return Mistake(message, keys, accepted=f"an object with `kind`, {', '.join(f'`{name}`' for name in own)}")


def _unknown_kind(kind: str, keys: Keys) -> Mistake:
    bare = kind.strip().lower().replace("-", "_").replace(" ", "_")
    message = f"there is no fault {show_plain(kind)}"
    if bare in ELSEWHERE:
        return Mistake(f"{message}: this is {ELSEWHERE[bare]}", keys)
    folded = {name.lower(): name for name in KINDS}
    ours = folded.get(bare) or OTHER_NAMES.get(bare)
    if ours is None:
        near = nearest(bare, [*folded, *OTHER_NAMES], 0.7)
        ours = folded.get(near or "") or OTHER_NAMES.get(near or "")
    if ours is not None:
        return Mistake(message, keys, suggestion=f'"{ours}"')
    return Mistake(message, keys, accepted=", ".join(name for name in KINDS if name not in ALIASES))


def _no_kind(written: dict[str, Any], keys: Keys) -> Mistake:
    message = 'the key "kind" is missing'
    if isinstance(written.get("attributes"), dict):
        return Mistake(
            f"{message}, and Toxiproxy's `attributes` stand here, beside it", (*keys, "attributes")
        )
    for tag in _TAGS:
        if isinstance(written.get(tag), str):
            return Mistake(
                f'{message}, which says what goes wrong: it is not "{tag}"', (*keys, tag), suggestion='"kind"'
            )
    named = [name for name in written if name in KINDS]
    if len(written) == 1 and named:
        return Mistake(message, keys, show(written), suggestion=f"{{kind: {named[0]}, …}}")
    return Mistake(message, keys, show(written), "a kind of fault")
