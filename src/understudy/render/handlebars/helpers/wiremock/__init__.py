"""The helpers and the model of WireMock's templates, by family: WIREMOCK is the TABLE of them."""

from __future__ import annotations

import re

from understudy.render.handlebars.compile import Dialect, Helper
from understudy.render.handlebars.helpers.builtin import BUILTIN
from understudy.render.handlebars.helpers.wiremock import (
    chance,
    comparing,
    documents,
    encodings,
    model,
    server,
    texts,
    times,
    values,
    xml,
)
from understudy.render.handlebars.values import plain_text

_CHOICE = ("yes", "no")

WIREMOCK: dict[str, Helper] = {
    **BUILTIN,
    "eq": Helper(comparing.eq, _CHOICE, None),
    "neq": Helper(comparing.neq, _CHOICE, None),
    "gt": Helper(comparing.compared(lambda one, other: one > other), _CHOICE, None),
    "gte": Helper(comparing.compared(lambda one, other: one >= other), _CHOICE, None),
    "lt": Helper(comparing.compared(lambda one, other: one < other), _CHOICE, None),
    "lte": Helper(comparing.compared(lambda one, other: one <= other), _CHOICE, None),
    "and": Helper(comparing.and_, _CHOICE, None),
    "or": Helper(comparing.or_, _CHOICE, None),
    "not": Helper(comparing.not_, _CHOICE, None),
    "contains": Helper(comparing.contains, _CHOICE, None),
    "matches": Helper(comparing.matches, _CHOICE, None, comparing.check_pattern),
    "isEven": Helper(comparing.is_even),
    "isOdd": Helper(comparing.is_odd),
    "assign": Helper(values.assign, (), True),
    "val": Helper(values.val, ("or", "default", "assign")),
    "size": Helper(values.size),
    "array": Helper(values.array),
    "range": Helper(values.range_),
    "arrayAdd": Helper(values.array_add, ("position",)),
    "arrayRemove": Helper(values.array_remove, ("position",)),
    "arrayJoin": Helper(values.array_join, ("prefix", "suffix"), None),
    "join": Helper(values.join, ("prefix", "suffix")),
    "math": Helper(values.math),
    "trim": Helper(texts.of_text(str.strip), (), None),
    "lower": Helper(texts.of_text(str.lower), (), None),
    "upper": Helper(texts.of_text(str.upper), (), None),
    "capitalize": Helper(texts.of_text(texts.capitalize), ("fully",), None),
    "capitalizeFirst": Helper(texts.of_text(lambda text: text[:1].upper() + text[1:]), (), None),
    "slugify": Helper(texts.of_text(texts.slugify), (), None),
    "stripTags": Helper(texts.of_text(lambda text: re.sub(r"<[^<>]*>", "", text)), (), None),
    "substring": Helper(texts.substring),
    "replace": Helper(texts.replace),
    "cut": Helper(texts.cut),
    "defaultIfEmpty": Helper(texts.default_if_empty),
    "ljust": Helper(texts.justified("l"), ("size", "pad")),
    "rjust": Helper(texts.justified("r"), ("size", "pad")),
    "center": Helper(texts.justified("c"), ("size", "pad")),
    "abbreviate": Helper(texts.abbreviate),
    "wordWrap": Helper(texts.word_wrap),
    "yesno": Helper(texts.yes_no, ("yes", "no", "maybe")),
    "regexExtract": Helper(texts.regex_extract, ("default",)),
    "base64": Helper(encodings.base64_, ("decode", "padding"), None),
    "urlEncode": Helper(encodings.url_encode, ("decode",), None),
    "formData": Helper(encodings.form_data, ("urlDecode",)),
    "jsonPath": Helper(documents.at_json_path, ("default",)),
    "parseJson": Helper(documents.parse_json, (), None),
    "toJson": Helper(documents.to_json),
    "formatJson": Helper(documents.format_json, ("format",), None),
    "jsonMerge": Helper(documents.json_merge, ("removeNulls",), None),
    "jsonRemove": Helper(documents.json_remove),
    "jsonArrayAdd": Helper(documents.json_array_add, ("maxItems", "flatten", "jsonPath"), None),
    "jsonSort": Helper(documents.json_sort, ("order",)),
    "xPath": Helper(xml.xpath, ("default",)),
    "soapXPath": Helper(xml.soap_xpath, ("default",)),
    "formatXml": Helper(xml.format_xml, ("format",), None),
    "now": Helper(times.now, ("offset", "format", "timezone")),
    "date": Helper(times.now, ("offset", "format", "timezone")),
    "dateFormat": Helper(times.date_format, ("format", "tz", "timezone")),
    "parseDate": Helper(times.parse_date, ("format",)),
    "truncateDate": Helper(times.truncate_date),
    "randomValue": Helper(chance.random_value, ("type", "length", "uppercase")),
    "randomInt": Helper(chance.random_int, ("lower", "upper")),
    "randomDecimal": Helper(chance.random_decimal, ("lower", "upper")),
    "pickRandom": Helper(chance.pick_random, ("count",)),
    "systemValue": Helper(server.system_value, ("key", "type", "default")),
    "hostname": Helper(server.hostname),
}

DIALECT = Dialect(
    WIREMOCK,
    plain_text,
    model.root,
    escapes=False,  # WireMock switches it off
    standalone=False,  # as Handlebars.java does without `prettyPrint`
    looks_up=True,
)
