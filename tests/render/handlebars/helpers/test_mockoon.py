# ruff: noqa: E501 - a case is a line
"""The helpers of Mockoon, by the examples of its documentation."""

import re
from pathlib import Path

import pytest

from tests.render.handlebars.kit import FORM, REQUEST, ask, render
from understudy.render import TemplateProblem
from understudy.render.handlebars.helpers.builtin import BUILTIN
from understudy.render.handlebars.helpers.mockoon import MOCKOON

ALIKE = {
    "title", "lastName", "company", "domain", "tld", "street", "country", "countryCode", "zipcode",
    "postcode", "lat", "color", "ipv6", "long", "urlParams", "headers",
}  # fmt: skip
"""Those that differ from another one in a name only."""
DATABASE = {"users": [{"id": 1, "name": "Ada"}], "Settings": {"dark": True}}

MOCKOON_CASES = [
    ("{{body}}", REQUEST.text),
    ("{{body 'name'}} {{body 'list.0.id'}} {{body 'no' 'd'}} {{{body 'o'}}} {{body '$.list[1].id'}}", 'Ada 1 d {"b":true} 2'),
    ("{{#each (bodyRaw 'list')}}{{id}}{{/each}} {{body 'name' '' true}}", '12 "Ada"'),
    ("{{queryParam 'q'}} {{queryParam 'none' 'd'}} {{queryParamRaw 'q.1'}}", '["1","2"] d 2'),
    ("{{urlParam 'id'}} {{header 'x-id'}} {{header 'Nope' 'd'}} {{cookie 's'}} {{method}} {{hostname}} {{ip}}", "7 a, b d 1 POST api.test 127.0.0.1"),
    ("{{baseUrl}}", "http://api.test:8080"),
    ("{{data 'users'}} {{data 'users' '0.name'}} {{data 'sett' 'dark'}} {{len (dataRaw 'users')}}", '[{"id":1,"name":"Ada"}] Ada true 1'),
    ("{{setVar 'x' 5}}{{getVar 'x'}}{{@x}} {{getVar 'y' 'd'}}", "55 d"),
    ("{{#repeat 2}}{ {{@index}} }{{/repeat}}", "{ 0 },\n{ 1 }\n"),
    ("{{#repeat 2 comma=false}}x{{/repeat}}", "xx"),
    ("{{#switch (urlParam 'id')}}{{#case '6'}}six{{/case}}{{#case '7'}}seven{{/case}}{{#default}}d{{/default}}{{/switch}}", "seven"),
    ("{{#switch 'x'}}{{#case 'y'}}y{{/case}}{{#default}}d{{/default}}{{/switch}}", "d"),
    ("{{eq 1 '1'}} {{gt 2 1}} {{gte 1 1}} {{lt 1 'x'}} {{lte 1 2}}", "true true true false true"),
    ("{{add 1 2 '3'}} {{subtract 5 2}} {{multiply 2 3}} {{divide 6 4}} {{modulo 7 4}} {{divide 1 0}}", "6 3 6 1.5 3 Infinity"),
    ("{{ceil 1.2}} {{floor 1.8}} {{round 2.5}} {{toFixed 1.234 2}} {{parseInt '12px'}}", "2 1 3 1.23 12"),
    ("{{concat 'a' 1 true}} {{indexOf 'abc' 'c'}} {{includes 'abc' 'b'}} {{substr 'abcdef' 1 2}}", "a1true 2 true bc"),
    ("{{split 'a,b' ','}} {{join (array 1 2)}} {{join (array 1 2) '-'}} {{slice (array 1 2 3) 1}}", "a,b 1, 2 1-2 2,3"),
    ("{{replace 'aa' 'a' 'b'}} {{replaceAll 'aa' 'a' 'b'}} {{padStart 7 3 '0'}} {{padEnd 'a' 3 '-'}}", "ba bb 007 a--"),
    ("{{lowercase 'A'}}{{uppercase 'b'}} {{len 'abc'}} {{reverse 'ab'}}{{newline}}", "aB 3 ba\n"),
    ("{{base64 'a'}} {{#base64}}a{{/base64}} {{base64Decode 'YQ=='}} {{base64url 'a?>'}} {{base64urlDecode 'YT8-'}}", "YQ== YQ== a YT8- a?>"),
    ("{{jwtPayload 'Bearer e30.eyJzdWIiOiJhZGEifQ.x' 'sub'}} {{jwtHeader 'nonsense' 'a' 'd'}}", "ada d"),
    ("{{{stringify (object a=1)}}}", '{\n  "a": 1\n}'),
    ("{{objectPath (object a=(array 1 2)) 'a.1'}} {{jsonPath (object a=1) '$.a'}} {{objectPath (jsonParse '{\"a\": 3}') 'a'}}", "2 1 3"),
    ("{{objectPath (objectMerge (object a=1) (object b=2) c=3) 'c'}}", "3"),
    ("{{filter (array 1 2 3) 2 3}} {{find (array 1 2) 2}} {{len (filter (array (object a=1) (object a=2)) (object a=1))}}", "2,3 2 1"),
    ("{{sort (array 3 1 2)}} {{sort (array 'b' 'a') 'desc'}} {{objectPath (sortBy (array (object a=2) (object a=1)) 'a') '0.a'}}", "1,2,3 b,a 1"),
    ("{{now 'yyyy-MM-dd'}} {{now}}", "2020-09-13 2020-09-13T12:26:40.500+00:00"),
    ("{{dateFormat '2021-01-02' 'dd/MM/yyyy'}} {{isValidDate 'x'}} {{isValidDate '2021-01-02'}}", "02/01/2021 false true"),
    ("{{dateTimeShift date='2021-01-31' months=1 days=-1 format='yyyy-MM-dd'}} {{dateTimeShift hours=1 format='HH:mm'}}", "2021-02-27 13:26"),
    ("{{objectId 'abc'}} {{getGlobalVar 'none'}} {{getEnvVar 'none' 'd'}}", "000000000000000000616263  d"),
    ("{{header '<'}}{{concat '<' '>'}}{{{concat '<'}}}{{body 'list.0'}}", '&lt;&gt;<{"id":1}'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MOCKOON_CASES, ids=lambda value: value[:40])
def test_mockoon(text, expected):
    assert render(text, "mockoon", REQUEST, database=DATABASE) == expected


def test_mockoon_forms_and_nested_queries():
    assert render("{{body 'a'}} {{body 'b'}}", "mockoon", FORM) == '["1","2"] x y'
    assert render("{{queryParam 'a.b'}} {{queryParam 'l'}}", "mockoon", ask("/?a[b]=1&l[]=x")) == '1 ["x"]'


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("{{uuid}} {{guid}}", "[0-9a-f-]{36} [0-9a-f-]{36}"),
        ("{{objectId}}", "[0-9a-f]{24}"),
        ("{{int 5 6}} {{float 1 2}} {{boolean}}", r"[56] [12](\.[0-9]+)? (true|false)"),
        ("{{oneOf (array 'a' 'b')}} {{someOf (array 'a' 'b' 'c') 1 2}}", "[ab] [abc](,[abc])?"),
        ("{{{someOf (array 'a') 1 1 true}}}", r'\["a"\]'),
        ("{{date '2021-01-01' '2021-12-31' 'yyyy'}} {{time '09:00' '10:00'}}", "2021 (09|10):[0-9]{2}"),
        ("{{#repeat 1 3}}x{{/repeat}}", r"(x,\n){0,2}x\n"),
        (
            "{{firstName}}|{{email}}|{{city}}|{{phone}}|{{hexColor}}|{{ipv4}}",
            r"[^|]+\|[^|]+@[^|]+(\|[^|]+){4}",
        ),
        ("{{faker 'name.firstName'}} {{faker 'datatype.number' min=3 max=3}}", r"\w+ 3"),
        ("{{faker 'date.past'}}", r"20(19|20)-.*"),
        ("{{lorem 3}}", ".+"),
    ],
)
def test_mockoon_chance(text, pattern):
    assert re.fullmatch(pattern, render(text, "mockoon"))


@pytest.mark.parametrize("text", ["{{setData 'set' 'a' 'b'}}", "{{status 404}}", "{{faker 'name.frstName'}}"])
def test_what_mockoon_has_and_we_have_not_is_known_at_load(text):
    with pytest.raises(TemplateProblem):
        render(text, "mockoon")


def test_every_helper_has_a_case():
    source = Path(__file__).read_text(encoding="utf-8")
    names = {*MOCKOON} - BUILTIN.keys() - ALIKE
    assert not [name for name in names if not re.search(rf"[{{(#]{name}\b", source)]
