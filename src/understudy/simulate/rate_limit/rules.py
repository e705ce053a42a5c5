"""The limits of an endpoint as they are written → what the stage works with."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from understudy.load.hints import nearest
from understudy.match.per import compile_source
from understudy.model import LimitHeaders, LimitReply, RateLimit, each_limit
from understudy.request import Request
from understudy.simulate.content import Constant, Respond, compile_content
from understudy.simulate.kit import Kit, Place
from understudy.simulate.rate_limit.algorithms import Count, compile_count
from understudy.state.view import OWNER_END
from understudy.steps import Reply

MAX_SHOWN = 64
"""Characters of a client's name that are kept as they are; of a longer one, its digest."""
TEMPLATE_NAMES = ("rate_limit",)


class Limit(NamedTuple):
    """A compiled limit, as one endpoint has it.

    `name` is what headers call it, `source` what the log does. `key` gives the row in which a request is
    counted. `counter` and `window_s` are None for concurrency. `respond` makes the reply that is
    written; None: the usual one.
    """

    name: str
    source: str
    key: Callable[[Request], str]
    quota: int
    window_s: float | None
    most: int
    cost: int
    counter: Count | None
    rule: str
    headers: LimitHeaders
    respond: Respond | None

    @property
    def described(self) -> str:
        """What it lets through, in words."""
        many = "1 request" if self.quota == 1 else f"{self.quota} requests"
        return f"{many} at a time" if self.window_s is None else f"{many} in {self.window_s:g} s"


def compile_limits(written: object, endpoint: str, kit: Kit, place: Place) -> tuple[Limit, ...]:
    """The limits of an endpoint, in the order they are written. Those with a problem are left out."""
    limits: list[Limit] = []
    several = isinstance(written, list)
    for number, one in enumerate(each_limit(written)):
        at = (*place, number) if several else place
        name = one.name
        if name is None:
            own = [limit.source for limit in limits].count("endpoint") + 1
            label = "default" if own == 1 else f"default-{own}"
            found = _limit(
                one, one.cost, label, "endpoint", f"endpoint {endpoint} {number}", endpoint, kit, at
            )
        else:
            found = _shared(one, name, endpoint, kit, at)
        if found is not None and found.source in [limit.source for limit in limits if name is not None]:
            kit.problem(at, f"the limit {name} stands twice here: once is enough, with the `cost` of both")
        elif found is not None:
            limits.append(found)
    return tuple(limits)


def check_shared(kit: Kit) -> None:
    """Tell the mistakes in the limits that endpoints share, once."""
    if _Checked in kit.shared:
        return
    kit.shared[_Checked] = _Checked()
    for name, written in kit.config.rate_limits.items():
        one = written if isinstance(written, RateLimit) else RateLimit(limit=written)
        _mistakes(one, kit, ("rate_limits", name))
        _reply(one, kit, ("rate_limits", name))


class _Checked:
    """Stands for having done it."""


def _shared(one: RateLimit, name: str, endpoint: str, kit: Kit, place: Place) -> Limit | None:
    """The limit of that name."""
    known = kit.config.rate_limits
    at = (*place, "limit") if one != RateLimit(limit=name) else place
    if name not in known:
        near = nearest(name, list(known))
        kit.problem(
            at,
            f"there is no limit {name!r} under `rate_limits`, only {', '.join(known)}"
            if known
            else f"there is no limit {name!r}: `rate_limits`, at the top of the config, has none yet;"
            " a rate is written as 10/s",
            suggestion=f'"{near}"' if near else None,
        )
        return None
    if _mistakes(one, kit, place):
        return None
    written = known[name]
    shared = written if isinstance(written, RateLimit) else RateLimit(limit=written)
    cost = one.cost * shared.cost
    if one.cost > 1 and cost > shared.capacity:
        kit.problem(
            (*place, "cost"),
            f"a request that counts for {cost} is never let through: {name} lets at most {shared.capacity}"
            " through at once",
        )
        return None
    problems_before = len(kit.problems)
    source = f"rate_limits {name}"
    found = _limit(shared, cost, name, source, source, endpoint, kit, ("rate_limits", name))
    del kit.problems[problems_before:]  # `check_shared` has told them
    return found


def _limit(
    written: RateLimit,
    cost: int,
    name: str,
    source: str,
    row: str,
    endpoint: str,
    kit: Kit,
    place: Place,
) -> Limit | None:
    if _mistakes(written, kit, place):
        return None
    timed = written.algorithm != "concurrency"
    return Limit(
        name,
        source,
        compile_key(row, written.pers, endpoint),
        written.quota,
        written.length_s if timed else None,
        written.capacity,
        cost,
        compile_count(written) if timed else None,
        f"{written.algorithm} {written.quota}/{written.length_s:g}s {written.capacity} {written.aligned}",
        written.shown,
        _reply(written, kit, place),
    )


def _mistakes(written: RateLimit, kit: Kit, place: Place) -> bool:
    """Tell which of its keys do not go together; whether there are any."""
    mistakes = list(written.mistakes())
    for key, message in mistakes:
        kit.problem((*place, key), message)
    return bool(mistakes)


def _reply(written: RateLimit, kit: Kit, place: Place) -> Respond | None:
    """What makes the reply to a request above the limit."""
    response = written.response
    if not isinstance(response, LimitReply):
        return None
    respond = compile_content(response, kit, (*place, "response"), TEMPLATE_NAMES)
    if isinstance(respond, Constant) and not isinstance(respond.steps[0], Reply):
        kit.problem((*place, "response", "file"), "a file that is sent for a refused request is at most 1 MB")
        return None
    return respond


# --- what has a count of its own ----------------------------------------------------------------------------


def compile_key(row: str, pers: tuple[str, ...], endpoint: str) -> Callable[[Request], str]:
    """What gives the row in which a request is counted."""
    reads = [_source(per, endpoint) for per in pers]
    if not reads:
        return lambda request: row
    return lambda request: OWNER_END.join([row, *[_bounded(read(request)) for read in reads]])


def _source(per: str, endpoint: str) -> Callable[[Request], str]:
    if per == "endpoint":
        return lambda request: endpoint
    if per == "path":
        return lambda request: request.path
    if per == "bearer":
        return _token
    return compile_source(per)


def _token(request: Request) -> str:
    """A digest of the bearer token: tokens are secrets, and stores are files."""
    scheme, _, token = (request.header("authorization") or "").partition(" ")
    return _digest(token.strip()) if scheme.lower() == "bearer" else ""


def _bounded(value: str) -> str:
    """A name from a client as part of a key: short, and without what separates the parts."""
    return value if len(value) <= MAX_SHOWN and value.isascii() and value.isprintable() else _digest(value)


def _digest(value: str) -> str:
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
