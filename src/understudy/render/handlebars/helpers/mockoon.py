"""The helpers of Mockoon's templates: MOCKOON is the TABLE of them."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cmp_to_key
from typing import Any

import msgspec

from understudy.render.handlebars.compile import Dialect, Helper, Options
from understudy.render.handlebars.dates import pattern_text, read_time
from understudy.render.handlebars.helpers.arguments import count, number, same, whole
from understudy.render.handlebars.helpers.builtin import BUILTIN
from understudy.render.handlebars.helpers.faker_names import FAKER
from understudy.render.handlebars.values import MAX_CHARACTERS, Safe, get, is_true, script_text, weigh
from understudy.render.helpers.clock import moved
from understudy.render.helpers.encoding import json_path
from understudy.render.scope import Scope
from understudy.render.values import as_json

DATE_PATTERN = "yyyy-MM-dd'T'HH:mm:ss.SSSxxx"


def root(scope: Scope, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Templates see everything through helpers; in a callback also the reply."""
    return dict(scope.extra)


# ---- paths into values


def at_path(value: Any, path: Any) -> Any:
    """What is behind an object path (`a.b.0`, `\\.` for a dot in a key) or a JSONPath; None if nothing is."""
    text = script_text(path)
    if text.startswith("$"):
        return json_path(value, text)
    for key in re.split(r"(?<!\\)\.", text):
        if value is None:
            return None
        value = get(value, key.replace("\\.", "."))
    return value


def _json(value: Any) -> str:
    weigh(value)
    return as_json(value)


def _shown(value: Any, quoted: Any = False) -> Safe:
    """A value as `body`, `queryParam` and `data` give it: JSON for what is no text, never escaped."""
    if isinstance(value, Mapping | list) or is_true(quoted):
        return Safe(_json(value))
    return Safe(script_text(value))


# ---- the request


def _parsed_body(scope: Scope) -> Any:
    request = scope.request
    if request.form:
        return {
            name: values[0] if len(values) == 1 else list(values) for name, values in request.form.items()
        }
    try:
        return request.json()
    except ValueError:
        return None


def _query(scope: Scope) -> dict[str, Any]:
    """The query with `a[b]=1` and `a[]=1` as objects and lists."""
    found: dict[str, Any] = {}
    for name, values in scope.request.query.items():
        keys = re.findall(r"[^\[\]]+", name) or [name]
        value: Any = list(values) if len(values) > 1 or name.endswith("[]") else values[0]
        target = found
        for key in keys[:-1][:20]:
            inner = target.setdefault(key, {})
            target = inner if isinstance(inner, dict) else {}
        target[keys[-1]] = value
    return found


def _body(options: Options, path: Any = None, default: Any = "", quoted: Any = False) -> Safe:
    if path is None or path == "":
        return Safe(options.scope.request.text)
    value = at_path(_parsed_body(options.scope), path)
    return _shown(default if value is None else value, quoted)


def _body_raw(options: Options, path: Any = None, default: Any = "") -> Any:
    body = _parsed_body(options.scope)
    if path is None or path == "":
        return options.scope.request.text if body is None else body
    value = at_path(body, path)
    return default if value is None else value


def _query_param(options: Options, path: Any = None, default: Any = "", quoted: Any = False) -> Safe:
    query = _query(options.scope)
    if path is None or path == "":
        return Safe(_json(query))
    value = at_path(query, path)
    return _shown(default if value is None else value, quoted)


def _query_param_raw(options: Options, path: Any = None, default: Any = "") -> Any:
    query = _query(options.scope)
    value = query if path is None or path == "" else at_path(query, path)
    return default if value is None else value


def _url_param(options: Options, name: Any = None) -> Any:
    params = options.scope.request.params
    if name is None:
        return Safe(_json(params))
    return params.get(re.sub(r"[^A-Za-z0-9_]", "_", script_text(name)))


def _header(options: Options, name: Any = None, default: Any = "") -> Any:
    if name is None:
        return Safe(_json(dict(options.scope.request.headers)))
    value = options.scope.request.header(script_text(name))
    return value or default


def _cookie(options: Options, name: Any, default: Any = "") -> Any:
    return options.scope.request.cookies.get(script_text(name)) or default


def _method(options: Options) -> str:
    return options.scope.request.method


def _ip(options: Options) -> str:
    return options.scope.request.client


def _host_name(options: Options) -> str:
    return options.scope.request.host


def _base_url(options: Options) -> str:
    return f"http://{options.scope.request.header('host') or ''}"


# ---- data, variables


def _data(options: Options, name: Any, path: Any = "") -> Safe:
    return _shown(_data_raw(options, name, path))


def _data_raw(options: Options, name: Any, path: Any = "") -> Any:
    database, wanted = options.scope.database, script_text(name)
    if not isinstance(database, Mapping):
        return None
    found = database.get(wanted)
    if found is None:  # a part of the name will do, as in Mockoon
        found = next((value for key, value in database.items() if wanted.lower() in key.lower()), None)
    if path == "" or not isinstance(found, Mapping | list):
        return found
    value = at_path(found, path)
    return "" if value is None else value


def _set_var(options: Options, name: Any, value: Any = None) -> str:
    key = script_text(name)
    options.frame.data[key] = value
    return ""


def _get_var(options: Options, name: Any, default: Any = None) -> Any:
    return options.frame.data.get(script_text(name), default)


def _get_global(options: Options, name: Any, path: Any = None) -> Any:
    state = options.scope.state
    value = None if state is None else state.variable(script_text(name), None)
    return value if path is None else at_path(value, path)


def _get_env(options: Options, name: Any, default: Any = "") -> Any:
    key = script_text(name)
    if not key.startswith("MOCKOON_"):
        key = f"MOCKOON_{key}"
    return options.scope.environ.get(key, default)


def _object_path(options: Options, value: Any, path: Any, default: Any = None) -> Any:
    found = at_path(value, path)
    return default if found is None else found


def _json_path(options: Options, value: Any, path: Any) -> Any:
    return json_path(value, script_text(path))


def _json_parse(options: Options, text: Any) -> Any:
    try:
        return msgspec.json.decode(script_text(text))
    except msgspec.DecodeError as error:
        raise ValueError(f"this is not JSON: {error}") from None


def _stringify(options: Options, value: Any) -> Safe:
    weigh(value)
    return Safe(json.dumps(value, indent=2, ensure_ascii=False))


# ---- blocks


def _repeat(options: Options, low: Any, high: Any = None) -> str:
    times = count(low)
    if high is not None:
        draws = options.scope.draws
        times = draws.integer(draws.numbered("repeat"), times, count(high))
    with_comma = options.named.get("comma") is not False
    parts = []
    for index in range(times):
        data = {"index": index, "total": times, "first": index == 0, "last": index == times - 1}
        content = options.fn(options.frame.context, data)
        if with_comma:
            content = content.rstrip()
            content = content.removesuffix(",") if index == times - 1 else content
            content += ("" if index == times - 1 or content.endswith(",") else ",") + "\n"
        parts.append(content)
    return "".join(parts)


def _switch(options: Options, value: Any) -> str:
    return options.fn(options.frame.context, {"switchValue": value, "switchFound": [False]})


def _case(options: Options, *values: Any) -> str:
    found = options.frame.data.get("switchFound", [True])
    if found[0] or not any(same(value, options.frame.data.get("switchValue")) for value in values):
        return ""
    found[0] = True
    return options.here()


def _default(options: Options) -> str:
    return "" if options.frame.data.get("switchFound", [True])[0] else options.here()


# ---- comparing, arithmetic


def _compared(test: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    def compare(options: Options, one: Any, other: Any) -> bool:
        try:
            return test(number(one), number(other))
        except ValueError:
            return False

    return compare


def _eq(options: Options, one: Any, other: Any) -> bool:
    return same(one, other)


def _arithmetic(step: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def compute(options: Options, *values: Any) -> Any:
        numbers = [_number_or_none(value) for value in values]
        known = [one for one in numbers if one is not None]
        if not known:
            return ""
        result: Any = known[0]
        for one in known[1:]:
            result = step(result, one)
            if abs(result) > 1e18:
                result = float(result)
        return result

    return compute


def _number_or_none(value: Any) -> int | float | None:
    try:
        return number(value)
    except ValueError:
        return None


def _divided(one: Any, other: Any) -> Any:
    if not other:
        return math.nan if not one else math.inf if one > 0 else -math.inf
    return one / other


def _modulo(options: Options, one: Any, other: Any) -> Any:
    left, right = number(one), number(other)
    return math.fmod(left, right) if right else math.nan


def _rounded(function: Callable[[Any], Any]) -> Callable[..., Any]:
    def change(options: Options, value: Any) -> Any:
        found = _number_or_none(value)
        return "" if found is None else function(found)

    return change


def _to_fixed(options: Options, value: Any, digits: Any = 0) -> str:
    return f"{_number_or_none(value) or 0:.{min(count(digits), 100)}f}"


def _parse_int(options: Options, value: Any) -> Any:
    found = re.match(r"\s*([+-]?[0-9]{1,300})", script_text(value))
    return int(found[1]) if found else ""


# ---- text


def _text(function: Callable[[str], str]) -> Callable[..., Any]:
    def change(options: Options, value: Any = "") -> str:
        return function(script_text(value))

    return change


def _concat(options: Options, *values: Any) -> Any:
    if values and all(isinstance(value, list) for value in values):
        return [item for value in values for item in value]
    return "".join(map(script_text, values))


def _index_of(options: Options, value: Any, part: Any = "", start: Any = 0) -> int:
    return script_text(value).find(script_text(part), max(whole(start), 0))


def _includes(options: Options, value: Any, part: Any = "") -> bool:
    if isinstance(value, list):
        return any(same(one, part) for one in value)
    return script_text(part) in script_text(value)


def _substr(options: Options, value: Any, start: Any = 0, length: Any = None) -> str:
    text, at = script_text(value), whole(start)
    at = max(len(text) + at, 0) if at < 0 else at
    return text[at:] if length is None else text[at : at + max(whole(length), 0)]


def _split(options: Options, value: Any = "", separator: Any = " ") -> Any:
    text, by = script_text(value), script_text(separator) or " "
    count(min(text.count(by), MAX_CHARACTERS))
    return text.split(by) if text else ""


def _replace(options: Options, value: Any, old: Any, new: Any) -> str:
    return script_text(value).replace(script_text(old), script_text(new), 1)


def _replace_all(options: Options, value: Any, old: Any, new: Any) -> str:
    text, part, put = script_text(value), script_text(old), script_text(new)
    count(text.count(part) if part else 0)
    return text.replace(part, put) if part else text


def _padded(at_start: bool) -> Callable[..., str]:
    def pad(options: Options, value: Any, length: Any, filler: Any = " ") -> str:
        text, wanted, by = script_text(value), count(length), script_text(filler) or " "
        missing = max(wanted - len(text), 0)
        added = (by * (missing // len(by) + 1))[:missing]
        return added + text if at_start else text + added

    return pad


def _length(options: Options, value: Any) -> int:
    return len(value) if isinstance(value, str | list) else 0


def _newline(options: Options) -> str:
    return "\n"


def _encoded(function: Callable[[str], str]) -> Callable[..., Safe]:
    def change(options: Options, value: Any = None) -> Safe:
        return Safe(function(options.here() if options.is_block and value is None else script_text(value)))

    return change


def _base64_text(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def _base64url_text(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "replace")).decode().rstrip("=")


def _from_base64(text: str) -> str:
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")


def _jwt_part(number_of_part: int) -> Callable[..., Any]:
    def read(options: Options, token: Any, path: Any = "", default: Any = "") -> Any:
        parts = script_text(token).removeprefix("Bearer ").split(".")
        try:
            value = msgspec.json.decode(_from_base64(parts[number_of_part]))
        except (IndexError, ValueError):
            return default
        found = value if path == "" else at_path(value, path)
        return default if found is None else found

    return read


# ---- lists, objects


def _array(options: Options, *values: Any) -> list[Any]:
    return list(values)


def _object(options: Options) -> dict[str, Any]:
    return dict(options.named)


def _object_merge(options: Options, *values: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for value in values:
        if isinstance(value, Mapping):
            merged |= value
    return merged | options.named


def _join(options: Options, values: Any, separator: Any = ", ") -> Any:
    return script_text(separator).join(map(script_text, values)) if isinstance(values, list) else values


def _slice(options: Options, values: Any, start: Any = 0, end: Any = None) -> Any:
    if not isinstance(values, list):
        return ""
    return values[whole(start) : None if end is None else whole(end)]


def _reverse(options: Options, values: Any) -> Any:
    return values[::-1] if isinstance(values, list | str) else ""


def _fits(item: Any, condition: Any) -> bool:
    if isinstance(condition, Mapping):
        return isinstance(item, Mapping) and all(
            _fits(item.get(key), value) for key, value in condition.items()
        )
    return not isinstance(condition, list) and type(item) is type(condition) and bool(item == condition)


def _some(item: Any, conditions: Any, depth: int = 0) -> bool:
    return any(
        _every(item, one, depth + 1) if isinstance(one, list) else _fits(item, one) for one in conditions
    )


def _every(item: Any, conditions: Any, depth: int) -> bool:
    if depth > 50:
        raise ValueError("conditions are nested too deeply")
    return all(
        _some(item, one, depth + 1) if isinstance(one, list) else _fits(item, one) for one in conditions
    )


def _filter(options: Options, values: Any, *conditions: Any) -> Any:
    if not isinstance(values, list):
        return ""
    return [item for item in values if _some(item, conditions)] if conditions else values


def _find(options: Options, values: Any, *conditions: Any) -> Any:
    if not isinstance(values, list):
        return ""
    return next((item for item in values if _some(item, conditions)), None)


def _sort(options: Options, values: Any, order: Any = "asc") -> Any:
    return _sorted(values, lambda item: item, order)


def _sort_by(options: Options, values: Any, key: Any, order: Any = "asc") -> Any:
    return _sorted(values, lambda item: at_path(item, key), order)


def _sorted(values: Any, key: Callable[[Any], Any], order: Any) -> Any:
    if not isinstance(values, list):
        return ""

    def compare(one: Any, other: Any) -> int:
        left, right = key(one), key(other)
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            left, right = script_text(left), script_text(right)
        return int(left > right) - int(left < right)

    return sorted(values, key=cmp_to_key(compare), reverse=order == "desc")


# ---- time


def _now(options: Options, pattern: Any = DATE_PATTERN) -> str:
    return pattern_text(moved(options.scope.now, None, None), script_text(pattern))


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else read_time(script_text(value))


def _date_format(options: Options, value: Any, pattern: Any = DATE_PATTERN) -> str:
    return pattern_text(_time(value), script_text(pattern))


def _is_valid_date(options: Options, value: Any) -> bool:
    try:
        _time(value)
    except ValueError:
        return False
    return True


_SHIFTS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")


def _date_time_shift(options: Options) -> str:
    named = options.named
    date = named.get("date")
    time = moved(options.scope.now, None, None) if date is None else _time(date)
    for unit in _SHIFTS:
        if unit in named:
            amount = whole(named[unit])
            sign = "-" if amount < 0 else "+"
            time = moved(time.timestamp(), f"{sign}{abs(amount)} {unit}", None).astimezone(time.tzinfo)
    return pattern_text(time, script_text(named.get("format", DATE_PATTERN)))


def _between(options: Options, purpose: str, low: datetime, high: datetime) -> datetime:
    draws = options.scope.draws
    return low + timedelta(seconds=(high - low).total_seconds() * draws.unit(draws.numbered(purpose)))


def _date(options: Options, low: Any = None, high: Any = None, pattern: Any = DATE_PATTERN) -> str:
    if low is None or high is None:
        return ""
    return pattern_text(_between(options, "date", _time(low), _time(high)), script_text(pattern))


def _time_of_day(options: Options, low: Any = None, high: Any = None, pattern: Any = "HH:mm") -> str:
    if low is None or high is None:
        return ""
    first, last = (read_time(f"1970-01-01T{script_text(one)}") for one in (low, high))
    return pattern_text(_between(options, "time", first, last), script_text(pattern))


# ---- chance


def _uuid(options: Options) -> str:
    draws = options.scope.draws
    digits = draws.raw(draws.numbered("uuid"), 16).hex()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _object_id(options: Options, value: Any = None) -> str:
    if value is not None:
        return script_text(value).encode().hex()[:24].rjust(24, "0")
    draws = options.scope.draws
    return draws.raw(draws.numbered("objectId"), 12).hex()


def _int(options: Options, low: Any = 0, high: Any = 99_999) -> int:
    draws = options.scope.draws
    return draws.integer(draws.numbered("int"), whole(low), whole(high))


def _float(options: Options, low: Any = 0, high: Any = 99_999) -> float:
    draws = options.scope.draws
    first = number(low)
    return round(first + (number(high) - first) * draws.unit(draws.numbered("float")), 10)


def _boolean(options: Options) -> bool:
    draws = options.scope.draws
    return draws.unit(draws.numbered("boolean")) < 0.5


def _one_of(options: Options, values: Any) -> Any:
    if not isinstance(values, list) or not values:
        return ""
    draws = options.scope.draws
    return values[draws.integer(draws.numbered("oneOf"), 0, len(values) - 1)]


def _some_of(options: Options, values: Any, low: Any, high: Any, as_array: Any = False) -> Any:
    items = list(values) if isinstance(values, list) else []
    draws = options.scope.draws
    wanted = min(draws.integer(draws.numbered("someOf"), count(low), count(high)), len(items))
    picked = [items.pop(draws.integer(draws.numbered("someOf"), 0, len(items) - 1)) for _ in range(wanted)]
    return _json(picked) if is_true(as_array) else picked


def _lorem(options: Options, words: Any = 5) -> Any:
    return _made(options, "sentence", nb_words=max(min(count(words), 10_000), 1))


def _made(options: Options, provider: str, *arguments: Any, **named: Any) -> Any:
    """A value of a provider of Faker's. Raises ValueError without Faker."""
    from understudy.render.helpers.fakes import generator, plain

    draws = options.scope.draws
    source = generator("en_US")
    source.seed_instance(draws.bits(draws.numbered("faker"), 64))
    return plain(getattr(source, provider)(*arguments, **named))


def _faker(options: Options, name: Any, *arguments: Any) -> Any:
    provider = _provider(name)
    limits = {**(arguments[0] if arguments and isinstance(arguments[0], Mapping) else {}), **options.named}
    if provider in {"random_int", "pyfloat"}:
        low = arguments[0] if arguments and isinstance(arguments[0], int) else 0
        first, last = number(limits.get("min", low)), number(limits.get("max", 99_999))
        return _int(options, first, last) if provider == "random_int" else _float(options, first, last)
    if provider in {"past_datetime", "future_datetime", "date_of_birth"}:
        # Faker would ask the machine's clock
        days = 365 * _int(options, 18, 80) if provider == "date_of_birth" else _int(options, 1, 364)
        sign = "+" if provider == "future_datetime" else "-"
        return pattern_text(
            moved(options.scope.now, f"{sign}{days} days", None), "yyyy-MM-dd'T'HH:mm:ss.SSSX"
        )
    return _made(options, provider)


def _provider(name: Any) -> str:
    text = script_text(name)
    found = FAKER.get(text.lower())
    if found is None:
        near = get_close_matches(text.lower(), FAKER, 1)
        raise ValueError(f"there is no made-up {text!r}" + (f"; did you mean {near[0]}?" if near else ""))
    return found


def _check_faker(name: Any = "", *arguments: Any) -> None:
    _provider(name)


def _provided(provider: str) -> Helper:
    def made(options: Options) -> Any:
        return _made(options, provider)

    return Helper(made)


MOCKOON: dict[str, Helper] = {
    **BUILTIN,
    "body": Helper(_body),
    "bodyRaw": Helper(_body_raw),
    "queryParam": Helper(_query_param),
    "queryParamRaw": Helper(_query_param_raw),
    "urlParam": Helper(_url_param),
    "urlParams": Helper(_url_param),
    "header": Helper(_header),
    "headers": Helper(_header),
    "cookie": Helper(_cookie),
    "method": Helper(_method),
    "ip": Helper(_ip),
    "hostname": Helper(_host_name),
    "baseUrl": Helper(_base_url),
    "data": Helper(_data),
    "dataRaw": Helper(_data_raw),
    "setVar": Helper(_set_var),
    "getVar": Helper(_get_var),
    "getGlobalVar": Helper(_get_global),
    "getEnvVar": Helper(_get_env),
    "objectPath": Helper(_object_path),
    "jsonPath": Helper(_json_path),
    "jsonParse": Helper(_json_parse),
    "stringify": Helper(_stringify),
    "repeat": Helper(_repeat, ("comma",), True),
    "switch": Helper(_switch, (), True),
    "case": Helper(_case, (), True),
    "default": Helper(_default, (), True),
    "eq": Helper(_eq),
    "gt": Helper(_compared(lambda one, other: one > other)),
    "gte": Helper(_compared(lambda one, other: one >= other)),
    "lt": Helper(_compared(lambda one, other: one < other)),
    "lte": Helper(_compared(lambda one, other: one <= other)),
    "add": Helper(_arithmetic(lambda one, other: one + other)),
    "subtract": Helper(_arithmetic(lambda one, other: one - other)),
    "multiply": Helper(_arithmetic(lambda one, other: one * other)),
    "divide": Helper(_arithmetic(_divided)),
    "modulo": Helper(_modulo),
    "ceil": Helper(_rounded(math.ceil)),
    "floor": Helper(_rounded(math.floor)),
    "round": Helper(_rounded(lambda value: math.floor(value + 0.5))),
    "toFixed": Helper(_to_fixed),
    "parseInt": Helper(_parse_int),
    "concat": Helper(_concat),
    "indexOf": Helper(_index_of),
    "includes": Helper(_includes),
    "substr": Helper(_substr),
    "split": Helper(_split),
    "replace": Helper(_replace),
    "replaceAll": Helper(_replace_all),
    "padStart": Helper(_padded(True)),
    "padEnd": Helper(_padded(False)),
    "lowercase": Helper(_text(str.lower)),
    "uppercase": Helper(_text(str.upper)),
    "len": Helper(_length),
    "newline": Helper(_newline),
    "base64": Helper(_encoded(_base64_text), (), None),
    "base64Decode": Helper(_encoded(_from_base64), (), None),
    "base64url": Helper(_encoded(_base64url_text), (), None),
    "base64urlDecode": Helper(_encoded(_from_base64), (), None),
    "jwtHeader": Helper(_jwt_part(0)),
    "jwtPayload": Helper(_jwt_part(1)),
    "array": Helper(_array),
    "object": Helper(_object, None),
    "objectMerge": Helper(_object_merge, None),
    "join": Helper(_join),
    "slice": Helper(_slice),
    "reverse": Helper(_reverse),
    "filter": Helper(_filter),
    "find": Helper(_find),
    "sort": Helper(_sort),
    "sortBy": Helper(_sort_by),
    "now": Helper(_now),
    "dateFormat": Helper(_date_format),
    "isValidDate": Helper(_is_valid_date),
    "dateTimeShift": Helper(_date_time_shift, ("date", "format", *_SHIFTS)),
    "date": Helper(_date),
    "time": Helper(_time_of_day),
    "uuid": Helper(_uuid),
    "guid": Helper(_uuid),
    "objectId": Helper(_object_id),
    "int": Helper(_int),
    "long": Helper(_int),
    "float": Helper(_float),
    "boolean": Helper(_boolean),
    "oneOf": Helper(_one_of),
    "someOf": Helper(_some_of),
    "lorem": Helper(_lorem),
    "faker": Helper(_faker, None, False, _check_faker),
    "title": _provided("prefix"),
    "firstName": _provided("first_name"),
    "lastName": _provided("last_name"),
    "company": _provided("company"),
    "domain": _provided("domain_name"),
    "tld": _provided("tld"),
    "email": _provided("email"),
    "street": _provided("street_address"),
    "city": _provided("city"),
    "country": _provided("country"),
    "countryCode": _provided("country_code"),
    "zipcode": _provided("postcode"),
    "postcode": _provided("postcode"),
    "lat": _provided("latitude"),
    "phone": _provided("phone_number"),
    "color": _provided("color_name"),
    "hexColor": _provided("hex_color"),
    "ipv4": _provided("ipv4"),
    "ipv6": _provided("ipv6"),
}


def _roots(text: str) -> frozenset[str]:
    """What the engine has to know of: records that change, and variables."""
    return frozenset(
        root
        for root, mark in (("database", "data"), ("state", "getGlobalVar"))
        if re.search(rf"\b{mark}", text)
    )


DIALECT = Dialect(MOCKOON, script_text, root, escapes=True, standalone=True, looks_up=False, roots=_roots)
