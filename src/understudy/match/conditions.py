"""`match`, compiled: a list of checks, each a field and a test of the request.

`matches` stops at the first check that fails; `explain` runs them all and says what each wanted and found.
Both read the same list, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from understudy.match.kinds import OPERATORS, Test
from understudy.match.kinds.error import ConditionError
from understudy.match.kinds.json_tree import MISSING, Finder, compile_json
from understudy.match.kinds.text import as_text
from understudy.model import BodyConditions, Condition, Match, Operators
from understudy.request import Request

ValuesTest = Callable[[list[str]], bool]
"""Whether the values of one name pass. The list is empty if the name is not there."""

MAX_CLIENTS = 4096
"""Client addresses whose networks are remembered."""


MAX_SHOWN_BYTES = 300
"""JSON that an explanation shows whole."""


class Check(NamedTuple):
    """One condition on a request: `test` decides, `found` shows what was there."""

    field: str
    expected: Any
    test: Callable[[Request], bool]
    found: Callable[[Request], Any]


class Conditions:
    """A compiled `match`. `by_client` says that it looks at more than the request's bytes.

    `by_state` says that it looks at what is remembered, and `owner` of whom.
    """

    __slots__ = ("_tests", "by_client", "by_state", "checks", "owner")

    def __init__(self, checks: list[Check], by_state: bool = False) -> None:
        self.checks = tuple(checks)
        self._tests = tuple(check.test for check in checks)
        self.by_state = by_state
        self.owner: Callable[[Request], str] | None = None
        self.by_client = any(check.field == "client" or check.field.endswith(".client") for check in checks)

    def matches(self, request: Request) -> bool:
        """Whether the request meets all conditions."""
        if self.owner is not None and request.state is not None:
            request.state.owner = self.owner(request)
        for test in self._tests:  # noqa: SIM110 - a loop costs less than a generator
            if not test(request):
                return False
        return True

    def explain(self, request: Request) -> list[dict[str, Any]]:
        """Each condition that the request does not meet: `{field, expected, found}`."""
        if self.owner is not None and request.state is not None:
            request.state.owner = self.owner(request)
        return [
            {"field": check.field, "expected": check.expected, "found": check.found(request)}
            for check in self.checks
            if not check.test(request)
        ]

    def and_state(self, checks: list[Check]) -> Conditions:
        """These conditions and more, which look at what is remembered."""
        return Conditions([*self.checks, *checks], by_state=True)


def compile_match(match: Match) -> Conditions:
    """Compile a `match`. Raises ConditionError."""
    return Conditions(_checks(match))


def _checks(match: Match) -> list[Check]:
    checks: list[Check] = []
    for part, reader in _PARTS.items():
        for name, condition in getattr(match, part).items():
            checks.append(_named(part, name, condition, reader(name)))
    if match.host is not UNSET:
        test = _condition(match.host, "host")
        checks.append(
            Check(
                "host", _plain(match.host), lambda request: test([request.host]), lambda request: request.host
            )
        )
    if match.client is not UNSET:
        checks.append(_client(match.client))
    if match.body is not UNSET:
        checks += _body(match.body)
    for number, inner in enumerate(match.all):
        checks += [
            check._replace(field=f"all[{number}].{check.field}")
            for check in _at(lambda inner=inner: _checks(inner), "all", number)  # type: ignore[misc]
        ]
    if match.any:
        checks.append(_any(match.any))
    if match.not_ is not UNSET:
        checks.append(_not(match.not_))
    return checks


def _at(work: Callable[[], Any], *keys: str | int) -> Any:
    try:
        return work()
    except ConditionError as error:
        raise error.at(*keys) from None


def _condition(condition: Condition, *keys: str | int) -> ValuesTest:
    try:
        return compile_condition(condition)
    except ConditionError as error:
        raise error.at(*keys) from None


# --- the parts of a request ---------------------------------------------------------------------------------


def _header(name: str) -> Callable[[Request], list[str]]:
    lower = name.lower()
    return lambda request: [value for key, value in request.headers if key == lower]


def _cookie(name: str) -> Callable[[Request], list[str]]:
    return lambda request: [request.cookies[name]] if name in request.cookies else []


_PARTS: dict[str, Callable[[str], Callable[[Request], list[str]]]] = {
    "query": lambda name: lambda request: request.query.get(name, []),
    "headers": _header,
    "cookies": _cookie,
    "form": lambda name: lambda request: request.form.get(name, []),
}


def _named(part: str, name: str, condition: Condition, read: Callable[[Request], list[str]]) -> Check:
    test = _condition(condition, part, name)

    def found(request: Request) -> Any:
        values = read(request)
        return values[0] if len(values) == 1 else values or None

    return Check(f"{part}.{name}", _plain(condition), lambda request: test(read(request)), found)


def _client(written: str | list[str]) -> Check:
    networks = []
    for number, text in enumerate([written] if isinstance(written, str) else written):
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError:
            keys = ("client",) if isinstance(written, str) else ("client", number)
            raise ConditionError(
                f"{text!r} is not an address or a network such as 10.0.0.0/8", keys
            ) from None
    known: dict[str, bool] = {}

    def test(request: Request) -> bool:
        inside = known.get(request.client)
        if inside is None:
            try:
                address = ip_address(request.client)
            except ValueError:
                return False
            inside = any(address in network for network in networks)
            if len(known) < MAX_CLIENTS:
                known[request.client] = inside
        return inside

    return Check("client", written, test, lambda request: request.client)


def _any(alternatives: list[Match]) -> Check:
    compiled = [
        _at(lambda inner=inner: compile_match(inner), "any", number)  # type: ignore[misc]
        for number, inner in enumerate(alternatives)
    ]
    return Check(
        "any",
        [_plain(inner) for inner in alternatives],
        lambda request: any(conditions.matches(request) for conditions in compiled),
        lambda request: [conditions.explain(request) for conditions in compiled],
    )


def _not(inner: Match) -> Check:
    compiled = _at(lambda: compile_match(inner), "not")
    return Check(
        "not",
        _plain(inner),
        lambda request: not compiled.matches(request),
        lambda request: "all of these hold",
    )


# --- the body -----------------------------------------------------------------------------------------------


def _body(written: str | BodyConditions) -> list[Check]:
    if isinstance(written, str):
        written = BodyConditions(text=written)
    checks = []
    if written.text is not UNSET:
        test = _condition(written.text, "body", "text")
        checks.append(
            Check("body.text", _plain(written.text), lambda request: test([request.text]), _shown_text)
        )
    if written.json is not UNSET:
        finder = _at(
            lambda: compile_json(written.json, exact=written.exact, ignore_order=written.ignore_order),
            "body",
            "json",
        )
        checks.append(_json(written.json, finder))
    if written.json_path is not UNSET:
        checks += [_json_path(path, condition) for path, condition in written.json_path.items()]
    if written.json_schema is not UNSET:
        checks.append(_json_schema(written.json_schema))
    if written.base64 is not UNSET:
        checks.append(_base64(written.base64))
    return checks


def _shown_text(request: Request) -> str:
    return request.text if len(request.text) <= 200 else f"{request.text[:200]}…"


def _value(request: Request) -> Any:
    """The body as JSON; MISSING if it is none."""
    try:
        return request.json()
    except ValueError:
        return MISSING


def _brief(value: Any) -> Any:
    """A value for an explanation: as it is, or the beginning of its JSON if that is long or nested deeply."""
    try:
        text = msgspec.json.encode(value)
    except RecursionError:
        return "nested too deeply to show"
    return value if len(text) <= MAX_SHOWN_BYTES else f"{text[:MAX_SHOWN_BYTES].decode(errors='replace')}…"


def _json(expected: Any, finder: Finder) -> Check:
    def found(request: Request) -> Any:
        value = _value(request)
        if value is MISSING:
            return f"not JSON: {_shown_text(request)}"
        difference = finder(value)
        if difference is None:
            return _brief(value)
        shown = "nothing" if difference.found is MISSING else _brief(difference.found)
        wanted = "nothing" if difference.expected is MISSING else difference.expected
        return {"at": difference.path, "expected": wanted, "found": shown}

    def test(request: Request) -> bool:
        value = _value(request)
        return value is not MISSING and finder(value) is None

    return Check("body.json", expected, test, found)


def _json_path(path: str, condition: Condition) -> Check:
    import jsonpath

    keys = ("body", "json_path", path)
    try:
        compiled = jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        raise ConditionError(f"this is not a JSONPath: {error}", keys) from None
    test = _condition(condition, *keys)

    def read(request: Request) -> list[str]:
        value = _value(request)
        if value is MISSING or not isinstance(value, dict | list):
            return []
        try:
            results = compiled.findall(value)
        except (jsonpath.JSONPathError, RecursionError):
            return []
        return [
            result if isinstance(result, str) else msgspec.json.encode(result).decode() for result in results
        ]

    return Check(f"body.json_path.{path}", _plain(condition), lambda request: test(read(request)), read)


def _json_schema(schema: dict[str, Any] | bool) -> Check:
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(schema, retriever=_refuse_to_fetch)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0]
        message = f"this is not a JSON Schema: {reason}"
        raise ConditionError(message, ("body", "json_schema")) from None

    def test(request: Request) -> bool:
        value = _value(request)
        return value is not MISSING and validator.is_valid(value)

    def found(request: Request) -> Any:
        value = _value(request)
        if value is MISSING:
            return f"not JSON: {_shown_text(request)}"
        return [error.message for error in validator.iter_errors(value)][:10]

    return Check("body.json_schema", schema, test, found)


def _refuse_to_fetch(uri: str) -> Any:
    """A config reads no files outside of its folder and opens no connections, also not through a `$ref`."""
    raise ValueError(f"{uri} is not fetched: put what it refers to into the schema, under $defs")


def _base64(text: str) -> Check:
    import base64
    import binascii

    try:
        wanted = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ConditionError(f"this is not base64: {error}", ("body", "base64")) from None
    return Check(
        "body.base64",
        text,
        lambda request: request.body == wanted,
        lambda request: base64.b64encode(request.body[:200]).decode(),
    )


# --- one value, or the values of one name -------------------------------------------------------------------


def compile_condition(condition: Condition) -> ValuesTest:
    """The test for a condition. Raises ConditionError."""
    if not isinstance(condition, Operators):
        wanted = as_text(condition)
        return lambda values: wanted in values
    tests = _value_tests(condition)
    groups = _group_tests(condition)
    if not tests and not groups:
        return bool  # `{}`: it is there
    if not tests:
        return groups[0] if len(groups) == 1 else lambda values: all(group(values) for group in groups)
    value_test = tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)
    quantifier = all if condition.every else any
    if not groups:
        return lambda values: bool(values) and quantifier(map(value_test, values))
    return lambda values: (
        bool(values) and quantifier(map(value_test, values)) and all(group(values) for group in groups)
    )


def _value_tests(condition: Operators) -> list[Test]:
    """What must hold of one and the same value."""
    tests = []
    for name, kind in OPERATORS.items():
        operand = getattr(condition, name)
        if operand is not UNSET:
            tests.append(_at(lambda k=kind, o=operand: k.compile(o, condition.ignore_case), name))  # type: ignore[misc]
    return tests


def _group_tests(condition: Operators) -> list[ValuesTest]:
    """What must hold of all the values of a name together."""
    groups: list[ValuesTest] = []
    if condition.present is not UNSET:
        wanted = condition.present
        groups.append(lambda values: bool(values) is wanted)
    if condition.absent is not UNSET:
        unwanted = condition.absent
        groups.append(lambda values: bool(values) is not unwanted)
    if condition.includes is not UNSET:
        needed = [as_text(item) for item in condition.includes]
        groups.append(lambda values: all(item in values for item in needed))
    if condition.exactly is not UNSET:
        exact = sorted(as_text(item) for item in condition.exactly)
        groups.append(lambda values: sorted(values) == exact)
    if condition.not_ is not UNSET:
        refused = _condition(condition.not_, "not")
        groups.append(lambda values: not refused(values))
    if condition.all is not UNSET:
        every = [_condition(inner, "all", number) for number, inner in enumerate(condition.all)]
        groups.append(lambda values: all(test(values) for test in every))
    if condition.any is not UNSET:
        some = [_condition(inner, "any", number) for number, inner in enumerate(condition.any)]
        groups.append(lambda values: any(test(values) for test in some))
    return groups


def _plain(written: Any) -> Any:
    """A condition as the user wrote it, for an explanation."""
    return msgspec.to_builtins(written)
