# ruff: noqa: E501 - a case is a line
"""The helpers of WireMock, by the examples of its documentation."""

import re
from pathlib import Path

import pytest

from tests.render.handlebars.kit import FORM, REQUEST, ask, render
from understudy.render import RenderError
from understudy.render.handlebars.helpers.builtin import BUILTIN
from understudy.render.handlebars.helpers.wiremock import WIREMOCK

XML = ask("/", "POST", (), b"<a xmlns:e='urn:e'><b id='1'>x</b><b id='2'>y</b></a>")
SOAP = b'<s:Envelope xmlns:s="u"><s:Body><m><v>1</v></m></s:Body></s:Envelope>'

WIREMOCK_CASES = [
    ("{{request.url}} {{request.path}} {{request.path.[1]}} {{request.path.id}}", "/things/7?q=1&q=2&e= /things/7 7 7"),
    ("{{request.query.q}} {{request.query.q.[1]}} {{request.query.q.last}}", "1 2 2"),
    ("{{request.headers.X-Id}} {{request.headers.[x-id].[1]}}{{request.headers.Nope}}", "a b"),
    ("{{request.cookies.s}} {{request.method}} {{request.clientIp}}", "1 POST 127.0.0.1"),
    ("{{request.host}} {{request.port}} {{request.scheme}} {{request.baseUrl}}", "api.test 8080 http http://api.test:8080"),
    ("{{jsonPath request.body '$.name'}} {{jsonPath request.body '$.o'}}", 'Ada {"b":true}'),
    ("{{jsonPath request.body '$.list[*].id'}} {{jsonPath request.body '$.no' default='none'}}", "[1,2] none"),
    ("{{#each (jsonPath request.body '$.list') as |one|}}{{one.id}}{{/each}}", "12"),
    ("{{#with (parseJson request.body)}}{{name}}{{/with}}", "Ada"),
    ("{{parseJson '{\"a\": 1}' 'v'}}{{v.a}}{{#parseJson 'w'}}[1, 2]{{/parseJson}}{{w.[1]}}", "12"),
    ("{{now offset='2 years' format='yyyy'}} {{now format='unix'}} {{now format='epoch'}}", "2022 1600000000 1600000000500"),
    ("{{now timezone='Australia/Sydney' format=\"yyyy-MM-dd HH:mm:ssZ\"}}", "2020-09-13 22:26:40+1000"),
    ("{{date (parseDate '2018-05-05T10:11:12Z') offset='-1 days'}}", "2018-05-04T10:11:12Z"),
    ("{{dateFormat (parseDate '2018-05-05') 'dd.MM.yy'}}", "05.05.18"),
    ("{{truncateDate (parseDate '2021-06-14T13:04:22Z') 'first hour of day'}}", "2021-06-14T00:00:00Z"),
    ("{{truncateDate (parseDate '2021-06-14T13:04:22Z') 'first day of next month'}}", "2021-07-01T00:00:00Z"),
    ("{{truncateDate (parseDate '2021-02-14T13:04:22Z') 'last day of month'}}", "2021-02-28T00:00:00Z"),
    ("{{trim '  x '}}|{{#trim}} y {{/trim}}", "x|y"),
    ("{{base64 'a'}} {{#base64}}a{{/base64}} {{base64 'YQ==' decode=true}} {{base64 'a' padding=false}}", "YQ== YQ== a YQ"),
    ("{{urlEncode 'a b&'}} {{urlEncode 'a%20b' decode=true}}", "a+b%26 a b"),
    ("{{regexExtract request.body '[A-Z][a-z]+'}} {{regexExtract 'x' '[0-9]' default='none'}}", "Ada none"),
    ("{{regexExtract 'ab-12' '([a-z]+)-([0-9]+)' 'parts'}}{{parts.0}} {{parts.1}}", "ab 12"),
    ("{{size 'abc'}} {{size request.query.q}} {{size (array 1 2 3)}}", "3 2 3"),
    ("{{math 1 '+' 2}} {{math 1.5 '*' 2}} {{math 7 '%' 4}} {{math 1 '-' '3'}} {{math 6 '/' 3}}", "3 3.0 3 -2 2"),
    ("{{range -2 2}} {{array 1 'a' true}} {{array}}", '[-2,-1,0,1,2] [1,"a",true] []'),
    ("{{arrayAdd (array 1) 2}} {{arrayAdd (array 1) 0 position='start'}} {{arrayRemove (array 1 2)}}", "[1,2] [0,1] [1]"),
    ("{{arrayJoin ',' (array 1 2) prefix='<' suffix='>'}} {{#arrayJoin '-' (array 1 2) as |x|}}n{{x}}{{/arrayJoin}}", "<1,2> n1-n2"),
    ("{{join 'a' 'b' ', '}} {{join (array 1 2) '-'}}", "a, b 1-2"),
    ("{{contains 'abc' 'b'}} {{contains (array 1 2) 2}} {{#if (contains 'abc' 'z')}}y{{else}}n{{/if}}", "true true n"),
    ("{{matches '123' '[0-9]+'}} {{#matches '12a' '[0-9]+'}}y{{else}}n{{/matches}}", "true n"),
    ("{{#eq request.path.id '7'}}y{{/eq}} {{neq 1 2}} {{gt 2 1}} {{gte 2 2}} {{lt 2 1 yes='y' no='n'}} {{lte 1 1}}", "y true true true n true"),
    ("{{and true 1}} {{or false ''}} {{not false}}", "true false true"),
    ("{{isEven 2}} {{isOdd 3 'o'}}", "even o"),
    ("{{val request.query.none or='d'}} {{val 'x' assign='y'}}{{y}}", "d x"),
    ("{{#assign 'a'}}b{{request.method}}{{/assign}}{{a}}", "bPOST"),
    ("{{upper 'a'}}{{lower 'B'}} {{capitalize 'a b'}} {{capitalizeFirst 'ab'}} {{slugify 'A b!'}} {{stripTags '<b>x</b>'}}", "Ab A B Ab a-b x"),
    ("{{substring 'abcdef' 1 3}} {{replace 'aba' 'a' 'x'}} {{cut 'a b' ' '}} {{defaultIfEmpty '' 'd'}}", "bc xbx ab d"),
    ("{{ljust 'a' size=3}}|{{rjust 'a' size=3 pad='0'}}|{{center 'a' size=3 pad='*'}}", "a  |00a|*a*"),
    ("{{abbreviate 'abcdefgh' 6}} {{wordWrap 'a b c' 3}} {{yesno true}} {{yesno false no='nope'}}", "abc... a b\nc yes nope"),
    ("{{formatJson '{\"a\":1}' format='compact'}} {{toJson (array 1 'a')}}", '{"a":1} [1,"a"]'),
    ("{{formatJson '{\"a\":1}'}}", '{\n  "a": 1\n}'),
    ("{{jsonMerge '{\"a\": {\"b\": 1}}' '{\"a\": {\"c\": 2}}'}} {{#jsonMerge '{\"a\": 1}'}}{\"b\": 2}{{/jsonMerge}}", '{"a":{"b":1,"c":2}} {"a":1,"b":2}'),
    ("{{jsonMerge '{\"a\": 1}' '{\"a\": null}' removeNulls=true}}", "{}"),
    ("{{jsonRemove '{\"a\": {\"b\": 1, \"c\": 2}}' '$.a.b'}} {{jsonRemove '[1, 2]' '$[0]'}}", '{"a":{"c":2}} [2]'),
    ("{{jsonArrayAdd '[1]' '2'}} {{jsonArrayAdd '{\"a\": [1]}' '[2, 3]' jsonPath='$.a' flatten=true}}", '[1,2] {"a":[1,2,3]}'),
    ("{{jsonArrayAdd '[1, 2]' '3' maxItems=2}}", "[2,3]"),
    ("{{jsonSort '[{\"a\": 2}, {\"a\": 1}]' '$[*].a'}} {{jsonSort '[1, 3]' '$' order='desc'}}", '[{"a":1},{"a":2}] [3,1]'),
    ("{{systemValue key='wiremock.stage' default='local'}}", "local"),
    ("{{hostname}}", "api.test"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WIREMOCK_CASES, ids=lambda value: value[:40])
def test_wiremock(text, expected):
    assert render(text, request=REQUEST) == expected


@pytest.mark.parametrize(
    ("text", "request_", "expected"),
    [
        ("{{xPath request.body '/a/b[2]/text()'}} {{xPath request.body '//b/@id'}}", XML, "y 1"),
        ("{{xPath request.body '/a/b[1]'}} {{xPath request.body 'count(//b)'}}", XML, '<b xmlns:e="urn:e" id="1">x</b> 2'),
        ("{{#each (xPath request.body '/a/b/text()') as |t|}}{{t}},{{/each}}", XML, "x,y,"),
        ("{{xPath request.body '/none' default='d'}}", XML, "d"),
        ("{{soapXPath request.body '/m/v/text()'}}", ask("/", "POST", (), SOAP), "1"),
        ("{{formatXml '<a><b/></a>'}}", XML, "<a>\n  <b/>\n</a>\n"),
        ("{{formData request.body 'f' urlDecode=true}}{{f.a}} {{f.a.[1]}} {{f.b}}", FORM, "1 2 x y"),
        ("{{request.bodyAsBase64}}", ask("/", "POST", (), b"hi"), "aGk="),
        (
            "{{request.parts.f.body}} {{request.parts.f.headers.content-type}}",
            ask("/", "POST", [("Content-Type", "multipart/form-data; boundary=b")],
                b'--b\r\nContent-Disposition: form-data; name="f"\r\nContent-Type: text/x\r\n\r\nhi\r\n--b--\r\n'),
            "hi text/x",
        ),
    ],
)  # fmt: skip
def test_wiremock_bodies(text, request_, expected):
    assert render(text, request=request_) == expected


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("{{randomValue type='UUID'}}", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("{{randomValue length=33 type='ALPHANUMERIC'}}", "[a-z0-9]{33}"),
        ("{{randomValue length=12 type='ALPHABETIC' uppercase=true}}", "[A-Z]{12}"),
        ("{{randomValue length=4 type='NUMERIC'}}", "[0-9]{4}"),
        ("{{randomValue length=8 type='HEXADECIMAL'}}", "[0-9a-f]{8}"),
        ("{{randomInt}} {{randomInt lower=5 upper=6}}", "-?[0-9]+ 5"),
        ("{{randomDecimal lower=1 upper=2}}", r"1\.[0-9]+"),
        ("{{pickRandom 'a' 'b'}}{{pickRandom (array 'c')}}", "[ab]c"),
        ("{{pickRandom 1 2 3 count=2}}", r"\[[123],[123]\]"),
        ("{{request.id}}", "[0-9a-f-]{36}"),
    ],
)
def test_wiremock_chance(text, pattern):
    assert re.fullmatch(pattern, render(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{jsonPath 'x' '$.a'}}", "not JSON"),
        ("{{jsonPath '{}' '$['}}", "not a JSONPath"),
        ("{{xPath 'x' '/a'}}", "not XML"),
        ("{{xPath '<!DOCTYPE a><a/>' '/a'}}", "DOCTYPE"),
        ("{{xPath '<a/>' '//['}}", "XPath failed"),
        ("{{systemValue key='PATH'}}", "denied"),
        ("{{math 1 '^' 2}}", "not one of"),
        ("{{math 1 '/' 0}}", "division by zero"),
        ("{{pickRandom (array)}}", "nothing to pick"),
        ("{{randomValue type='NOPE'}}", "not one of UUID"),
        ("{{truncateDate (parseDate '2021-01-01') 'soon'}}", "not such as"),
        ("{{parseDate 'soon'}}", "not a time"),
        ("{{now offset='soon'}}", "not an offset"),
        ("{{arrayAdd 1 2}}", "a list is needed"),
        ("{{jsonRemove '{}' '$..a'}}", "plain JSONPath"),
    ],
)
def test_failures_say_why(text, message):
    with pytest.raises(RenderError, match=message):
        render(text)


def test_every_helper_has_a_case():
    source = Path(__file__).read_text(encoding="utf-8")
    names = {*WIREMOCK} - BUILTIN.keys()
    assert not [name for name in names if not re.search(rf"[{{(#]{name}\b", source)]
