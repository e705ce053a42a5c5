import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.render import RenderError, TemplateProblem
from understudy.render.helpers.encoding import base64_decode, base64_encode, url_decode, url_encode


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        ("{{ json({'a': [1, none, '<é>']}) }}", '{"a":[1,null,"<é>"]}'),
        ("{{ {'a': 1} | json(2) }}", '{\n  "a": 1\n}'),
        ("{{ {'a': 1} | tojson }}", '{"a":1}'),
        ("{{ from_json('{\"a\": [1]}').a }}", [1]),
        ("{{ query.data | from_json }}", {"x": 1}),
        ("{{ jsonpath({'a': [{'b': 1}, {'b': 2}]}, '$.a[1].b') }}", 2),
        ("{{ jsonpath({'a': [{'b': 1}, {'b': 2}]}, '$.a[*].b') }}", [1, 2]),
        ("{{ {'a': 1} | jsonpath('$.none') }}", None),
        ("{{ {'a': 1} | jsonpath('$..b') }}", []),
        ("{{ jsonpath('text', '$.a') }}", None),
        ("{{ database | jsonpath('$[?@.id > 1].title') }}", ["Dune", "true"]),
        ("{{ base64_encode('hé?>') }}", "aMOpPz4="),
        ("{{ base64_encode('hé?>', urlsafe=true) }}", "aMOpPz4"),
        ("{{ 'aMOpPz4' | base64_decode }}", "hé?>"),
        ("{{ url_encode('a b/é') }}", "a%20b%2F%C3%A9"),
        ("{{ url_decode('a%20b%2F%C3%A9') }}", "a b/é"),
        ("{{ hash('abc') }}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("{{ 'abc' | hash('md5') }}", "900150983cd24fb0d6963f7d28e17f72"),
        ("{{ hash('abc', 'crc32') }}", "352441c2"),
        (
            "{{ hmac('what do ya want for nothing?', 'Jefe') }}",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            "{{ hmac('what do ya want for nothing?', 'Jefe', 'md5', encoding='base64') }}",
            "dQx4PmqwtQPqqG4xCl23OA==",
        ),
        ("{{ hash(5) == hash('5') }}", True),
    ],
)
def test_in_templates(stage, request_to, leaf, expected):
    assert stage.json([leaf], request_to('/?data={"x":1}')) == [expected]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("hash('a', 'md4')", "no algorithm 'md4'"),
        ("hmac('a', 'k', algorithm='x')", "no algorithm 'x'"),
        ("jsonpath(body, '$.[')", "is not a JSONPath"),
        ("jsonpath(body, '$.a | $.b')", "joins several"),
    ],
)
def test_literal_arguments_are_checked_at_load(stage, expression, message):
    with pytest.raises(TemplateProblem, match=message):
        stage.templates.compile_json(f"{{{{ {expression} }}}}", "response")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("from_json('{')", "this is not JSON"),
        ("base64_decode('a')", "this is not Base64"),
        ("base64_decode('é')", "this is not Base64"),
        ("'a' | hash('md4')", "no algorithm 'md4'"),
        ("hmac('a', 'k', 'crc32')", "crc32 has no HMAC"),
        ("hmac('a', 'k', encoding='x')", "encoding is 'x'"),
        ("body | jsonpath('$.[')", "is not a JSONPath"),
    ],
)
def test_what_fails_at_request_time(stage, expression, message):
    with pytest.raises(RenderError, match=message):
        stage.raw(f"{{{{ {expression} }}}}")


@given(st.text(), st.booleans())
def test_base64_goes_round(text, urlsafe):
    text = text.encode("utf-8", "replace").decode()
    assert base64_decode(base64_encode(text, urlsafe)) == text


@given(st.text())
def test_percent_encoding_goes_round(text):
    text = text.encode("utf-8", "replace").decode()
    assert url_decode(url_encode(text)) == text
