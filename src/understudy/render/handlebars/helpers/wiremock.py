"""The helpers and the model of WireMock's templates: WIREMOCK is the TABLE of them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import msgspec

from understudy.render.handlebars.compile import Dialect, Helper, Options
from understudy.render.handlebars.dates import pattern_text, read_time
from understudy.render.handlebars.helpers.arguments import count, number, same, whole
from understudy.render.handlebars.helpers.builtin import BUILTIN
from understudy.render.handlebars.regex import compiled
from understudy.render.handlebars.values import Fields, Values, is_true, plain_text, weigh
from understudy.render.helpers.clock import moved
from understudy.render.helpers.encoding import json_path
from understudy.render.scope import RequestLike, Scope
from understudy.render.values import as_json

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
RANDOM_KINDS = {
    "ALPHANUMERIC": _LETTERS + _DIGITS,
    "ALPHABETIC": _LETTERS,
    "NUMERIC": _DIGITS,
    "ALPHANUMERIC_AND_SYMBOLS": _LETTERS + _DIGITS + "!#$%&()*+,-./:;<=>?@[]^_{|}~",
    "HEXADECIMAL": "0123456789abcdef",
}
"""What `randomValue` draws from; `UUID` is made otherwise."""


# ---- the model


def root(scope: Scope, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What templates see: `request`, `parameters`, and in webhooks `originalRequest`."""
    request = request_model(scope)
    return {**scope.extra, "request": request, "originalRequest": request, "parameters": dict(parameters)}


def request_model(scope: Scope) -> Fields:
    """The request as templates see it."""
    request = scope.request
    return Fields(
        {
            "id": lambda: _uuid(scope, "request id", numbered=False),
            "url": lambda: _origin_form(request.target),
            "path": lambda: _path(request),
            "pathSegments": lambda: _segments(request),
            "query": lambda: {name: Values(values) for name, values in request.query.items()},
            "method": lambda: request.method,
            "host": lambda: request.host,
            "port": lambda: _port(request),
            "scheme": lambda: "http",
            "baseUrl": lambda: f"http://{request.header('host') or ''}",
            "clientIp": lambda: request.client,
            "headers": lambda: _headers(request.headers),
            "cookies": lambda: dict(request.cookies),
            "body": lambda: request.text,
            "bodyAsBase64": lambda: base64.b64encode(request.body).decode(),
            "multipart": lambda: bool(request.multipart),
            "parts": lambda: {part.name: _part(part) for part in request.multipart if part.name is not None},
            "requestLine": lambda: request_model(scope),
        },
        lambda: f"{request.method} {request.target}",
    )


def _origin_form(target: str) -> str:
    return target if target.startswith("/") else "/" + target.partition("://")[2].partition("/")[2]


def _port(request: RequestLike) -> int:
    port = (request.header("host") or "").rpartition(":")[2]
    return int(port) if port.isdigit() and len(port) < 6 else 80


def _segments(request: RequestLike) -> Values:
    return Values(segment for segment in request.path.split("/") if segment)


def _path(request: RequestLike) -> Fields:
    """The path: text, segments by number, parameters by name (in a config they have `_` for `-`)."""

    def field(name: str) -> Any:
        if re.fullmatch(r"-?[0-9]{1,9}", name):
            segments, at = _segments(request), int(name)
            return segments[at] if -len(segments) <= at < len(segments) else None
        params = request.params
        return params.get(name, params.get(re.sub(r"[^A-Za-z0-9_]", "_", name)))

    return Fields(field, lambda: request.path)


def _headers(headers: list[tuple[str, str]]) -> Fields:
    def field(name: str) -> Any:
        lower = name.lower()
        values = Values(value for key, value in headers if key == lower)
        return values or None

    return Fields(field, lambda: as_json(dict(headers)))


def _part(part: Any) -> dict[str, Any]:
    return {
        "name": part.name,
        "body": part.text,
        "bodyAsBase64": base64.b64encode(part.body).decode(),
        "binary": part.filename is not None,
        "headers": _headers([(name.lower(), value) for name, value in part.headers]),
    }


# ---- comparing: inline they give true or false, or what `yes` and `no` say; as blocks they choose


def _verdict(options: Options, holds: bool) -> Any:
    if options.is_block:
        return options.here() if holds else options.inverse()
    return options.named.get("yes", True) if holds else options.named.get("no", False)


def _order(value: Any) -> Any:
    try:
        return number(value)
    except ValueError:
        return plain_text(value)


def _compared(test: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def compare(options: Options, one: Any, other: Any = None) -> Any:
        one, other = _order(one), _order(other)
        if isinstance(one, str) != isinstance(other, str):
            one, other = plain_text(one), plain_text(other)
        return _verdict(options, test(one, other))

    return compare


def _eq(options: Options, one: Any, other: Any = None) -> Any:
    return _verdict(options, same(one, other))


def _neq(options: Options, one: Any, other: Any = None) -> Any:
    return _verdict(options, not same(one, other))


def _and(options: Options, *values: Any) -> Any:
    return _verdict(options, all(map(is_true, values)))


def _or(options: Options, *values: Any) -> Any:
    return _verdict(options, any(map(is_true, values)))


def _not(options: Options, value: Any) -> Any:
    return _verdict(options, not is_true(value))


def _contains(options: Options, value: Any, part: Any) -> Any:
    if isinstance(value, list | tuple) and not isinstance(value, Values):
        return _verdict(options, any(same(one, part) for one in value))
    return _verdict(options, value is not None and plain_text(part) in plain_text(value))


def _matches(options: Options, value: Any, pattern: Any) -> Any:
    found = compiled(plain_text(pattern)).fullmatch(plain_text(value))
    return _verdict(options, found is not None)


def _check_pattern(value: Any, pattern: Any = "") -> None:
    compiled(plain_text(pattern))


def _is_even(options: Options, value: Any, text: Any = "even") -> Any:
    return text if whole(value) % 2 == 0 else ""


def _is_odd(options: Options, value: Any, text: Any = "odd") -> Any:
    return text if whole(value) % 2 else ""


# ---- values, variables


def _content(options: Options, value: Any) -> Any:
    """The argument, or the body of a block."""
    return options.here() if options.is_block and value is None else value


def _assign(options: Options, name: Any) -> str:
    options.frame.run.variables[plain_text(name)] = options.here()
    return ""


def _val(options: Options, value: Any = None) -> Any:
    if value is None:
        value = options.named.get("or", options.named.get("default"))
    if "assign" in options.named:
        options.frame.run.variables[plain_text(options.named["assign"])] = value
        return None
    return value


def _size(options: Options, value: Any = None) -> int:
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    return 0 if value is None else len(plain_text(value))


def _array(options: Options, *values: Any) -> list[Any]:
    return list(values)


def _range(options: Options, low: Any, high: Any) -> list[int]:
    first, last = whole(low), whole(high)
    count(max(last - first + 1, 0))
    return list(range(first, last + 1))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError("a list is needed here")
    return list(value)


def _array_add(options: Options, values: Any, value: Any) -> list[Any]:
    items = _list(values)
    position = options.named.get("position", "end")
    at = 0 if position == "start" else len(items) if position == "end" else whole(position)
    items.insert(at, value)
    return items


def _array_remove(options: Options, values: Any) -> list[Any]:
    items = _list(values)
    position = options.named.get("position", "end")
    at = 0 if position == "start" else len(items) - 1 if position == "end" else whole(position)
    if 0 <= at < len(items):
        del items[at]
    return items


def _array_join(options: Options, separator: Any, values: Any) -> str:
    items = [options.fn(item, None, (item,)) for item in _list(values)] if options.is_block else _list(values)
    shown = plain_text(separator).join(map(plain_text, items))
    return plain_text(options.named.get("prefix")) + shown + plain_text(options.named.get("suffix"))


def _join(options: Options, *values: Any) -> str:
    *items, separator = values
    if len(items) == 1 and isinstance(items[0], list | tuple):
        items = list(items[0])
    shown = plain_text(separator).join(map(plain_text, items))
    return plain_text(options.named.get("prefix")) + shown + plain_text(options.named.get("suffix"))


def _math(options: Options, one: Any, operator: Any, other: Any) -> Any:
    left, right = number(one), number(other)
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*" | "x":
            return left * right
        case "%":
            return left % right
        case "/":
            divided = left / right
            return int(divided) if divided.is_integer() and abs(divided) < 2**53 else divided
    raise ValueError(f"{operator!r} is not one of + - * / %")


# ---- text


def _text(function: Callable[..., str]) -> Callable[..., Any]:
    """A helper of one text, which may stand in its block."""

    def change(options: Options, value: Any = None) -> str:
        return function(plain_text(_content(options, value)))

    return change


def _substring(options: Options, value: Any, start: Any, end: Any = None) -> str:
    text = plain_text(value)
    return text[max(whole(start), 0) :] if end is None else text[max(whole(start), 0) : max(whole(end), 0)]


def _replace(options: Options, value: Any, old: Any, new: Any) -> str:
    text, part, put = plain_text(value), plain_text(old), plain_text(new)
    count(min(text.count(part), 1_000_000) if part else 0)
    return text.replace(part, put) if part else text


def _cut(options: Options, value: Any, part: Any = " ") -> str:
    return plain_text(value).replace(plain_text(part), "")


def _default_if_empty(options: Options, value: Any, default: Any = "") -> Any:
    return value if is_true(value) else default


def _justified(where: str) -> Callable[..., Any]:
    def justify(options: Options, value: Any) -> str:
        text, width = plain_text(value), count(options.named.get("size", 0))
        pad = plain_text(options.named.get("pad", " "))[:1] or " "
        return {"l": text.ljust, "r": text.rjust, "c": text.center}[where](width, pad)

    return justify


def _abbreviate(options: Options, value: Any, width: Any) -> str:
    text, most = plain_text(value), max(whole(width), 4)
    return text if len(text) <= most else text[: most - 3] + "..."


def _word_wrap(options: Options, value: Any, width: Any) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(plain_text(value), max(whole(width), 1)))


def _yes_no(options: Options, value: Any) -> Any:
    named = options.named
    if value is None:
        return named.get("maybe", "maybe")
    return named.get("yes", "yes") if is_true(value) else named.get("no", "no")


def _slugify(text: str) -> str:
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", text.strip().lower()))


def _capitalize(text: str) -> str:
    return re.sub(r"(^|\s)(\S)", lambda found: found[1] + found[2].upper(), text)


def _regex_extract(options: Options, value: Any, pattern: Any, name: Any = None) -> Any:
    found = compiled(plain_text(pattern)).search(plain_text(value))
    if found is None:
        if "default" in options.named:
            return options.named["default"]
        raise ValueError(f"nothing matches {plain_text(pattern)!r}")
    if name is None:
        return found.group(0)
    options.frame.run.variables[plain_text(name)] = list(found.groups())
    return None


# ---- encodings


def _base64(options: Options, value: Any = None) -> str:
    text = plain_text(_content(options, value))
    if is_true(options.named.get("decode")):
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    made = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return made if is_true(options.named.get("padding", True)) else made.rstrip("=")


def _url_encode(options: Options, value: Any = None) -> str:
    text = plain_text(_content(options, value))
    return unquote_plus(text) if is_true(options.named.get("decode")) else quote_plus(text)


def _form_data(options: Options, text: Any, name: Any) -> None:
    fields: dict[str, Values] = {}
    decode = is_true(options.named.get("urlDecode"))
    for pair in plain_text(text).split("&"):
        key, _, value = pair.partition("=")
        if key:
            fields.setdefault(unquote_plus(key) if decode else key, Values()).append(
                unquote_plus(value) if decode else value
            )
    options.frame.run.variables[plain_text(name)] = fields


# ---- JSON, XML


def _read_json(value: Any) -> Any:
    """JSON that may stand there as text. Raises ValueError."""
    if isinstance(value, Mapping | list) and not isinstance(value, Values):
        return value
    try:
        return msgspec.json.decode(plain_text(value))
    except msgspec.DecodeError as error:
        raise ValueError(f"this is not JSON: {error}") from None


def _json_path(options: Options, value: Any, path: Any) -> Any:
    if not is_true(value):
        return options.named.get("default")
    found = json_path(_read_json(value), _dollar(plain_text(path)))
    return options.named.get("default") if found is None else found


def _dollar(path: str) -> str:
    return path if path.startswith("$") else f"$.{path}"


def _parse_json(options: Options, value: Any = None, name: Any = None) -> Any:
    if options.is_block:
        name, value = value, options.here()
    read = _read_json(value)
    if name is None:
        return read
    options.frame.run.variables[plain_text(name)] = read
    return None


def _shown_json(value: Any) -> str:
    weigh(value)
    return as_json(value)


def _to_json(options: Options, value: Any) -> str:
    if isinstance(value, Values):
        value = list(value)
    return _shown_json(value)


def _format_json(options: Options, value: Any = None) -> str:
    read = _read_json(_content(options, value))
    weigh(read)
    if plain_text(options.named.get("format", "pretty")) == "compact":
        return as_json(read)
    return json.dumps(read, indent=2, ensure_ascii=False)


def _merged(one: Any, other: Any, named: Mapping[str, Any]) -> Any:
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other
    result = dict(one)
    for key, value in other.items():
        if value is None and is_true(named.get("removeNulls")):
            result.pop(key, None)
        else:
            result[key] = _merged(one.get(key), value, named)
    return result


def _json_merge(options: Options, base: Any, other: Any = None) -> str:
    second = options.here() if options.is_block and other is None else other
    return _shown_json(_merged(_read_json(base), _read_json(second), options.named))


def _place(path: str) -> list[str | int]:
    """A plain JSONPath such as `$.a[0]['b']` as keys. Raises ValueError for any other."""
    keys: list[str | int] = []
    rest = _dollar(path)[1:]
    while rest:
        found = re.match(r"\.([^.\[\]]+)|\[([0-9]+)\]|\['([^']*)'\]", rest)
        if found is None:
            raise ValueError(f"{path!r} is not a plain JSONPath such as $.a.b")
        keys.append(int(found[2]) if found[2] is not None else found[1] or found[3] or "")
        rest = rest[found.end() :]
    return keys


def _changed(value: Any, keys: list[str | int], change: Callable[[Any, Any], None]) -> Any:
    """A copy of a value with its parent of the last key changed; the value itself if it is not there."""
    if isinstance(value, Mapping):
        copy: Any = dict(value)
    elif isinstance(value, list):
        copy = list(value)
    else:
        return value
    key: Any = keys[0]
    if len(keys) == 1:
        change(copy, key)
    elif (isinstance(copy, dict) and key in copy) or (
        isinstance(copy, list) and isinstance(key, int) and key < len(copy)
    ):
        copy[key] = _changed(copy[key], keys[1:], change)
    return copy


def _json_remove(options: Options, value: Any, path: Any) -> str:
    def remove(parent: Any, key: str | int) -> None:
        if isinstance(parent, dict):
            parent.pop(key, None)
        elif isinstance(key, int) and key < len(parent):
            del parent[key]

    keys = _place(plain_text(path))
    read = _read_json(value)
    return _shown_json(_changed(read, keys, remove) if keys else read)


def _json_array_add(options: Options, value: Any, item: Any = None) -> str:
    new = _read_json(options.here() if options.is_block and item is None else item)
    read = _read_json(value)
    keys = _place(plain_text(options.named.get("jsonPath", "$")))

    def added(items: Any) -> list[Any]:
        most = options.named.get("maxItems")
        both = [
            *_list(items),
            *(new if is_true(options.named.get("flatten")) and isinstance(new, list) else [new]),
        ]
        return both if most is None else both[-max(whole(most), 1) :]

    def add(parent: Any, key: Any) -> None:
        parent[key] = added(parent[key])

    return _shown_json(_changed(read, keys, add) if keys else added(read))


def _json_sort(options: Options, value: Any, path: Any) -> str:
    read = _list(_read_json(value))
    expression = plain_text(path).removeprefix("$[*]")
    keys = _place("$" + expression if expression.startswith((".", "[")) else expression)

    def key(item: Any) -> tuple[int, Any]:
        for step in keys:
            item = item.get(step) if isinstance(item, Mapping) else None
        if isinstance(item, int | float):
            return 0, item
        return 1, plain_text(item)

    down = plain_text(options.named.get("order", "asc")).lower() == "desc"
    return _shown_json(sorted(read, key=key, reverse=down))


def _nodes(value: Any, expression: Any) -> list[Any]:
    from lxml import etree

    from understudy.views.xml import read_xml

    tree = read_xml(plain_text(value).encode())
    try:
        found = etree.XPath(plain_text(expression))(tree)
    except etree.XPathError as error:
        raise ValueError(f"the XPath failed: {error}") from None
    return found if isinstance(found, list) else [found]


def _node_text(node: Any) -> str:
    from lxml import etree

    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, float):
        return str(int(node)) if node.is_integer() else repr(node)
    if isinstance(node, str):
        return str(node)
    return etree.tostring(node, encoding="unicode", with_tail=False)


def _xpath(options: Options, value: Any, expression: Any) -> Any:
    found = Values(map(_node_text, _nodes(value, expression)))
    return found or options.named.get("default", "")


def _soap_xpath(options: Options, value: Any, expression: Any) -> Any:
    inside = "/*[local-name()='Envelope']/*[local-name()='Body']" + plain_text(expression)
    return _xpath(options, value, inside)


def _format_xml(options: Options, value: Any = None) -> str:
    from lxml import etree

    from understudy.views.xml import read_xml

    tree = read_xml(plain_text(_content(options, value)).encode())
    return etree.tostring(tree, encoding="unicode", pretty_print=True)


# ---- time


def _now(options: Options, time: Any = None) -> Any:
    """`now`, and `date` of a time: moved by `offset`, in `timezone`, by `format`."""
    offset = options.named.get("offset")
    zone = options.named.get("timezone")
    seconds = options.scope.now if time is None else _time(time).timestamp()
    found = moved(seconds, None if offset is None else plain_text(offset), plain_text(zone) if zone else None)
    form = options.named.get("format")
    if form is None:
        return found
    return _formatted(found, plain_text(form))


def _formatted(time: datetime, form: str) -> str:
    if form == "epoch":
        return str(int(time.timestamp() * 1000 // 1))
    return str(int(time.timestamp() // 1)) if form == "unix" else pattern_text(time, form)


def _date_format(options: Options, time: Any = None, form: Any = None) -> str:
    pattern = plain_text(options.named.get("format", form) or "yyyy-MM-dd")
    zone = options.named.get("tz", options.named.get("timezone"))
    found = _time(time)
    return _formatted(moved(found.timestamp(), None, plain_text(zone)) if zone else found, pattern)


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else read_time(plain_text(value))


def _parse_date(options: Options, value: Any) -> datetime:
    form = options.named.get("format")
    return read_time(plain_text(value), None if form is None else plain_text(form))


_UNITS = ("year", "month", "day", "hour", "minute", "second")


def _truncate_date(options: Options, value: Any, kind: Any) -> datetime:
    time, words = _time(value), plain_text(kind).lower().split()
    if len(words) < 4 or words[0] not in {"first", "last"} or words[-1] not in _UNITS:
        raise ValueError(f"{plain_text(kind)!r} is not such as 'first day of month'")
    unit = words[-1]
    start = time.replace(microsecond=0, second=0)
    for name, value_at_start in (("minute", 0), ("hour", 0), ("day", 1), ("month", 1)):
        if _UNITS.index(name) > _UNITS.index(unit):
            start = start.replace(**{name: value_at_start})  # type: ignore[arg-type]
    if "next" in words or words[0] == "last":
        start = moved(start.timestamp(), f"1 {unit}", None).astimezone(time.tzinfo)
    return start if words[0] == "first" else moved(start.timestamp(), f"-1 {words[1]}", None)


# ---- chance


def _uuid(scope: Scope, purpose: str, *, numbered: bool = True) -> str:
    draws = scope.draws
    digits = draws.raw(draws.numbered(purpose) if numbered else purpose, 16).hex()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _random_value(options: Options) -> str:
    kind = plain_text(options.named.get("type", "ALPHANUMERIC")).upper()
    if kind == "UUID":
        found = _uuid(options.scope, "randomValue")
    else:
        letters = RANDOM_KINDS.get(kind)
        if letters is None:
            raise ValueError(f"{kind!r} is not one of UUID, {', '.join(RANDOM_KINDS)}")
        size = count(options.named.get("length", 36))
        draws = options.scope.draws
        raw = draws.raw(draws.numbered("randomValue"), size * 4)
        found = "".join(
            letters[int.from_bytes(raw[at : at + 4], "big") * len(letters) >> 32]
            for at in range(0, size * 4, 4)
        )
    return found.upper() if is_true(options.named.get("uppercase")) else found


def _random_int(options: Options) -> int:
    draws = options.scope.draws
    low = whole(options.named.get("lower", -(2**31)))
    return draws.integer(draws.numbered("randomInt"), low, whole(options.named.get("upper", 2**31)) - 1)


def _random_decimal(options: Options) -> float:
    draws = options.scope.draws
    low, high = number(options.named.get("lower", 0)), number(options.named.get("upper", 1))
    return low + (high - low) * draws.unit(draws.numbered("randomDecimal"))


def _pick_random(options: Options, *values: Any) -> Any:
    items = list(values[0]) if len(values) == 1 and isinstance(values[0], list | tuple) else list(values)
    if not items:
        raise ValueError("there is nothing to pick from")
    draws = options.scope.draws
    if "count" not in options.named:
        return items[draws.integer(draws.numbered("pickRandom"), 0, len(items) - 1)]
    picked = []
    for _ in range(min(count(options.named["count"]), len(items))):
        picked.append(items.pop(draws.integer(draws.numbered("pickRandom"), 0, len(items) - 1)))
    return picked


def _system_value(options: Options) -> str:
    """An environment variable of those that begin with `wiremock`, as WireMock permits without more."""
    key = plain_text(options.named.get("key"))
    if not key.lower().startswith("wiremock"):
        raise ValueError(f"access to {key} is denied: the name begins with `wiremock`")
    return options.scope.environ.get(key, plain_text(options.named.get("default")))


def _host_name(options: Options) -> str:
    return options.scope.request.host


_CHOICE = ("yes", "no")

WIREMOCK: dict[str, Helper] = {
    **BUILTIN,
    "eq": Helper(_eq, _CHOICE, None),
    "neq": Helper(_neq, _CHOICE, None),
    "gt": Helper(_compared(lambda one, other: one > other), _CHOICE, None),
    "gte": Helper(_compared(lambda one, other: one >= other), _CHOICE, None),
    "lt": Helper(_compared(lambda one, other: one < other), _CHOICE, None),
    "lte": Helper(_compared(lambda one, other: one <= other), _CHOICE, None),
    "and": Helper(_and, _CHOICE, None),
    "or": Helper(_or, _CHOICE, None),
    "not": Helper(_not, _CHOICE, None),
    "contains": Helper(_contains, _CHOICE, None),
    "matches": Helper(_matches, _CHOICE, None, _check_pattern),
    "isEven": Helper(_is_even),
    "isOdd": Helper(_is_odd),
    "assign": Helper(_assign, (), True),
    "val": Helper(_val, ("or", "default", "assign")),
    "size": Helper(_size),
    "array": Helper(_array),
    "range": Helper(_range),
    "arrayAdd": Helper(_array_add, ("position",)),
    "arrayRemove": Helper(_array_remove, ("position",)),
    "arrayJoin": Helper(_array_join, ("prefix", "suffix"), None),
    "join": Helper(_join, ("prefix", "suffix")),
    "math": Helper(_math),
    "trim": Helper(_text(str.strip), (), None),
    "lower": Helper(_text(str.lower), (), None),
    "upper": Helper(_text(str.upper), (), None),
    "capitalize": Helper(_text(_capitalize), ("fully",), None),
    "capitalizeFirst": Helper(_text(lambda text: text[:1].upper() + text[1:]), (), None),
    "slugify": Helper(_text(_slugify), (), None),
    "stripTags": Helper(_text(lambda text: re.sub(r"<[^<>]*>", "", text)), (), None),
    "substring": Helper(_substring),
    "replace": Helper(_replace),
    "cut": Helper(_cut),
    "defaultIfEmpty": Helper(_default_if_empty),
    "ljust": Helper(_justified("l"), ("size", "pad")),
    "rjust": Helper(_justified("r"), ("size", "pad")),
    "center": Helper(_justified("c"), ("size", "pad")),
    "abbreviate": Helper(_abbreviate),
    "wordWrap": Helper(_word_wrap),
    "yesno": Helper(_yes_no, ("yes", "no", "maybe")),
    "regexExtract": Helper(_regex_extract, ("default",)),
    "base64": Helper(_base64, ("decode", "padding"), None),
    "urlEncode": Helper(_url_encode, ("decode",), None),
    "formData": Helper(_form_data, ("urlDecode",)),
    "jsonPath": Helper(_json_path, ("default",)),
    "parseJson": Helper(_parse_json, (), None),
    "toJson": Helper(_to_json),
    "formatJson": Helper(_format_json, ("format",), None),
    "jsonMerge": Helper(_json_merge, ("removeNulls",), None),
    "jsonRemove": Helper(_json_remove),
    "jsonArrayAdd": Helper(_json_array_add, ("maxItems", "flatten", "jsonPath"), None),
    "jsonSort": Helper(_json_sort, ("order",)),
    "xPath": Helper(_xpath, ("default",)),
    "soapXPath": Helper(_soap_xpath, ("default",)),
    "formatXml": Helper(_format_xml, ("format",), None),
    "now": Helper(_now, ("offset", "format", "timezone")),
    "date": Helper(_now, ("offset", "format", "timezone")),
    "dateFormat": Helper(_date_format, ("format", "tz", "timezone")),
    "parseDate": Helper(_parse_date, ("format",)),
    "truncateDate": Helper(_truncate_date),
    "randomValue": Helper(_random_value, ("type", "length", "uppercase")),
    "randomInt": Helper(_random_int, ("lower", "upper")),
    "randomDecimal": Helper(_random_decimal, ("lower", "upper")),
    "pickRandom": Helper(_pick_random, ("count",)),
    "systemValue": Helper(_system_value, ("key", "type", "default")),
    "hostname": Helper(_host_name),
}

DIALECT = Dialect(
    WIREMOCK,
    plain_text,
    root,
    escapes=False,  # WireMock switches it off
    standalone=False,  # as Handlebars.java does without `prettyPrint`
    looks_up=True,
)
