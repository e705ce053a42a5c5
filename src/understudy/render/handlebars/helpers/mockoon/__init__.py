"""The helpers of Mockoon's templates, by family: MOCKOON is the TABLE of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from understudy.render.handlebars.compile import Dialect, Helper
from understudy.render.handlebars.helpers.builtin import BUILTIN
from understudy.render.handlebars.helpers.mockoon import (
    blocks,
    chance,
    data,
    encodings,
    fakes,
    lists,
    numbers,
    paths,
    requests,
    texts,
    times,
)
from understudy.render.handlebars.values import script_text
from understudy.render.scope import Scope


def root(scope: Scope, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Templates see everything through helpers; in a callback also the reply."""
    return dict(scope.extra)


MOCKOON: dict[str, Helper] = {
    **BUILTIN,
    "body": Helper(requests.body),
    "bodyRaw": Helper(requests.body_raw),
    "queryParam": Helper(requests.query_param),
    "queryParamRaw": Helper(requests.query_param_raw),
    "urlParam": Helper(requests.url_param),
    "urlParams": Helper(requests.url_param),
    "header": Helper(requests.header),
    "headers": Helper(requests.header),
    "cookie": Helper(requests.cookie),
    "method": Helper(requests.method),
    "ip": Helper(requests.ip),
    "hostname": Helper(requests.hostname),
    "baseUrl": Helper(requests.base_url),
    "data": Helper(data.data),
    "dataRaw": Helper(data.data_raw),
    "setVar": Helper(data.set_var),
    "getVar": Helper(data.get_var),
    "getGlobalVar": Helper(data.get_global),
    "getEnvVar": Helper(data.get_env),
    "objectPath": Helper(paths.object_path),
    "jsonPath": Helper(paths.at_json_path),
    "jsonParse": Helper(paths.json_parse),
    "stringify": Helper(paths.stringify),
    "repeat": Helper(blocks.repeat, ("comma",), True),
    "switch": Helper(blocks.switch, (), True),
    "case": Helper(blocks.case, (), True),
    "default": Helper(blocks.default, (), True),
    "eq": Helper(numbers.eq),
    "gt": Helper(numbers.compared(lambda one, other: one > other)),
    "gte": Helper(numbers.compared(lambda one, other: one >= other)),
    "lt": Helper(numbers.compared(lambda one, other: one < other)),
    "lte": Helper(numbers.compared(lambda one, other: one <= other)),
    "add": Helper(numbers.arithmetic(lambda one, other: one + other)),
    "subtract": Helper(numbers.arithmetic(lambda one, other: one - other)),
    "multiply": Helper(numbers.arithmetic(lambda one, other: one * other)),
    "divide": Helper(numbers.arithmetic(numbers.divided)),
    "modulo": Helper(numbers.modulo),
    "ceil": Helper(numbers.rounded(math.ceil)),
    "floor": Helper(numbers.rounded(math.floor)),
    "round": Helper(numbers.rounded(lambda value: math.floor(value + 0.5))),
    "toFixed": Helper(numbers.to_fixed),
    "parseInt": Helper(numbers.parse_int),
    "concat": Helper(texts.concat),
    "indexOf": Helper(texts.index_of),
    "includes": Helper(texts.includes),
    "substr": Helper(texts.substr),
    "split": Helper(texts.split),
    "replace": Helper(texts.replace),
    "replaceAll": Helper(texts.replace_all),
    "padStart": Helper(texts.padded(True)),
    "padEnd": Helper(texts.padded(False)),
    "lowercase": Helper(texts.of_text(str.lower)),
    "uppercase": Helper(texts.of_text(str.upper)),
    "len": Helper(texts.length),
    "newline": Helper(texts.newline),
    "base64": Helper(encodings.encoded(encodings.base64_text), (), None),
    "base64Decode": Helper(encodings.encoded(encodings.from_base64), (), None),
    "base64url": Helper(encodings.encoded(encodings.base64url_text), (), None),
    "base64urlDecode": Helper(encodings.encoded(encodings.from_base64), (), None),
    "jwtHeader": Helper(encodings.jwt_part(0)),
    "jwtPayload": Helper(encodings.jwt_part(1)),
    "array": Helper(lists.array),
    "object": Helper(lists.object_, None),
    "objectMerge": Helper(lists.object_merge, None),
    "join": Helper(lists.join),
    "slice": Helper(lists.slice_),
    "reverse": Helper(lists.reverse),
    "filter": Helper(lists.filter_),
    "find": Helper(lists.find),
    "sort": Helper(lists.sort),
    "sortBy": Helper(lists.sort_by),
    "now": Helper(times.now),
    "dateFormat": Helper(times.date_format),
    "isValidDate": Helper(times.is_valid_date),
    "dateTimeShift": Helper(times.date_time_shift, ("date", "format", *times.SHIFTS)),
    "date": Helper(times.date),
    "time": Helper(times.time_of_day),
    "uuid": Helper(chance.uuid),
    "guid": Helper(chance.uuid),
    "objectId": Helper(chance.object_id),
    "int": Helper(chance.int_),
    "long": Helper(chance.int_),
    "float": Helper(chance.float_),
    "boolean": Helper(chance.boolean),
    "oneOf": Helper(chance.one_of),
    "someOf": Helper(chance.some_of),
    "lorem": Helper(fakes.lorem),
    "faker": Helper(fakes.faker, None, False, fakes.check_faker),
    "title": fakes.provided("prefix"),
    "firstName": fakes.provided("first_name"),
    "lastName": fakes.provided("last_name"),
    "company": fakes.provided("company"),
    "domain": fakes.provided("domain_name"),
    "tld": fakes.provided("tld"),
    "email": fakes.provided("email"),
    "street": fakes.provided("street_address"),
    "city": fakes.provided("city"),
    "country": fakes.provided("country"),
    "countryCode": fakes.provided("country_code"),
    "zipcode": fakes.provided("postcode"),
    "postcode": fakes.provided("postcode"),
    "lat": fakes.provided("latitude"),
    "phone": fakes.provided("phone_number"),
    "color": fakes.provided("color_name"),
    "hexColor": fakes.provided("hex_color"),
    "ipv4": fakes.provided("ipv4"),
    "ipv6": fakes.provided("ipv6"),
}


def _roots(text: str) -> frozenset[str]:
    """What the engine has to know of: records that change, and variables."""
    return frozenset(
        root
        for root, mark in (("database", "data"), ("state", "getGlobalVar"))
        if re.search(rf"\b{mark}", text)
    )


DIALECT = Dialect(MOCKOON, script_text, root, escapes=True, standalone=True, looks_up=False, roots=_roots)
