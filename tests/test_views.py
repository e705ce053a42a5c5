"""Views of what a client sent, with what no friendly client sends."""

from codecs import lookup
from encodings.aliases import aliases

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import multipart, token
from understudy.request import Request
from understudy.views import graphql
from understudy.views.charset import NOT_CHARSETS, codec, decode
from understudy.views.claims import MAX_TOKEN_CHARACTERS, read_claims
from understudy.views.content import MAX_JSON_BYTES
from understudy.views.multipart import (
    MAX_EVENTS,
    MAX_PART_HEADERS,
    MAX_PARTS,
    has_no_parts,
    read_multipart,
)
from understudy.views.xml import MAX_XML_BYTES, read_xml

# --- charsets -----------------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(set(aliases.values()) - NOT_CHARSETS)), st.binary(max_size=60))
def test_every_charset_gives_text_that_can_be_sent_on(name, body):
    decode(body, name).encode()


def test_what_is_left_out_is_all_that_is_no_charset():
    unusable = {
        name for name in set(aliases.values()) - {"mbcs", "oem"} if not lookup(name)._is_text_encoding
    }
    assert unusable <= NOT_CHARSETS


@pytest.mark.parametrize(
    "name",
    [
        *(
            "utf-7",
            "unicode_escape",
            "raw_unicode_escape",
            "idna",
            "punycode",
            "undefined",
            "base64",
            "rot13",
        ),
        *("", "nonsense", "utf-8" * 20, "..", "é"),
    ],
)
def test_no_charset(name):
    assert codec(name) is None
    assert decode(b"\\ud800+2AA-", name) == "\\ud800+2AA-"


@pytest.mark.parametrize("name", ["UTF-8", "utf8", "ISO-8859-1", "latin1", "windows-1252", "UTF-16", "CP850"])
def test_charsets(name):
    assert decode("é".encode(name), name) == "é"


def test_unknown_charsets_leave_nothing_behind():
    import encodings

    before = len(encodings._cache)
    for number in range(50):
        decode(b"a", f"made-up-{number}")
    assert len(encodings._cache) == before


# --- XML ----------------------------------------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><l x="&j;">&j;</l>'
)


@pytest.mark.parametrize(
    "document",
    [
        LAUGHS,
        "<!DOCTYPE a><a/>",
        '<?xml version="1.0"?>\n<!-- a --><?b c?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "http://127.0.0.1:1/">]><a>&b;</a>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_doctype_is_refused(document, encoding):
    with pytest.raises(ValueError, match="DOCTYPE"):
        read_xml(document.encode(encoding))


def test_a_doctype_is_refused_in_odd_encodings():
    with pytest.raises(ValueError):
        read_xml('<?xml version="1.0" encoding="cp037"?><!DOCTYPE a><a/>'.encode("cp037"))


def test_html_in_xml_is_no_doctype():
    assert read_xml(b"<a><![CDATA[<!DOCTYPE html>]]></a>").text == "<!DOCTYPE html>"
    assert read_xml(b"<a><!-- <!DOCTYPE html> --></a>").text is None


@pytest.mark.parametrize(
    "document",
    [
        *("", "text", "<a>", "<a></b>", "<a>&b;</a>", '<a b="1" b="2"/>', "<a/><b/>", "<p:a/>"),
        *("<a>" * 300 + "</a>" * 300, "<a>" + "x" * MAX_XML_BYTES + "</a>", "<!--" + "<?" * 10_000),
    ],
    ids=lambda text: text[:10],
)
def test_no_xml(document):
    with pytest.raises(ValueError, match="XML"):
        read_xml(document.encode())


def test_the_charset_of_the_header_goes_first():
    document = '<?xml version="1.0" encoding="utf-8"?><a>é</a>'
    assert read_xml(document.encode("latin-1"), "latin-1").text == "é"
    assert read_xml(document.encode(), "nonsense").text == "é"
    assert read_xml(document.encode("utf-16"), None).text == "é"
    assert read_xml(document.encode("utf-8-sig"), "utf-8").text == "é"


# --- JSON ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"a":' * 100_000,
        b"1" * 100_000,
        b"1e999",
        b'"\\ud800"',
        b" " * (MAX_JSON_BYTES + 1) + b"1",
    ],
    ids=lambda body: str(body[:8]),
)
def test_hostile_json_is_no_json(body):
    request = Request("POST", b"/", body=body)
    for _ in range(3):
        with pytest.raises(ValueError, match="JSON") as caught:
            request.json()
    assert len(caught.traceback) < 5  # an error that is kept does not grow


# --- multipart ----------------------------------------------------------------------------------------------

TYPE = 'multipart/form-data; boundary="b"'


def parts(*written, boundary="b"):
    return read_multipart(f"multipart/form-data; boundary={boundary}", multipart(*written, boundary=boundary))


def test_parts():
    field, file = parts(
        ({"Content-Disposition": 'form-data; name="a"'}, b"1\r\n2"),
        (
            {
                "Content-Disposition": 'form-data; name="f"; filename="é \\"x\\".png"',
                "Content-Type": "image/PNG; charset=latin-1",
            },
            b"\xe9\r\n--",
        ),
    )
    assert (field.name, field.filename, field.text, field.content_type) == ("a", None, "1\r\n2", "")
    assert (file.name, file.filename, file.body) == ("f", 'é "x".png', b"\xe9\r\n--")
    assert (file.content_type, file.text) == ("image/png", "é\r\n--")
    assert file.headers[1] == ("content-type", "image/PNG; charset=latin-1")


def test_a_filename_in_the_extended_form():
    (part,) = parts(({"Content-Disposition": "form-data; name=f; filename*=utf-8''%C3%A9.png"}, b""))
    assert part.filename == "é.png"


def test_a_part_without_a_name():
    (part,) = parts(({"Content-Type": "application/json"}, b'{"a": 1}'))
    assert (part.name, part.json()) == (None, {"a": 1})


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", multipart(({}, b"x"))),
        ("multipart/form-data; boundary=", multipart(({}, b"x"))),
        (f"multipart/form-data; boundary={'b' * 300}", multipart(({}, b"x"), boundary="b" * 300)),
        (TYPE, b""),
        (TYPE, b"text"),
        (TYPE, multipart(({}, b"x"))[:-6]),
        (TYPE, multipart(({}, b"x"), boundary="c")),
        (TYPE, multipart(*[({}, b"")] * (MAX_PARTS + 1))),
        (TYPE, multipart(({f"X-{number}": "1" for number in range(MAX_PART_HEADERS + 1)}, b""))),
        (TYPE, multipart(({"X": "1" * 100_000}, b""))),
        (TYPE, multipart(({"X(": "1"}, b""))),
    ],
    ids=range(11),
)
def test_no_parts(content_type, body):
    assert read_multipart(content_type, body) == ()


def test_a_form_without_fields():
    assert has_no_parts(TYPE, b"--b--\r\n")
    assert has_no_parts(TYPE, b"\r\n--b--")
    assert read_multipart(TYPE, b"--b--\r\n") == ()


@pytest.mark.parametrize("body", [b"", b"--b", b"--b\r\n", b"--c--\r\n", b"text", multipart(({}, b"x"))])
def test_no_form_without_fields(body):
    assert not has_no_parts(TYPE, body)
    assert not has_no_parts("multipart/form-data", b"--b--\r\n")


@pytest.mark.parametrize("piece", [b"\r\n-", b"\r", b"\r\n--", b"\r\n--c", b"\n", b"\r\n--b\r\n"])
def test_a_flood_ends_soon(piece):
    body = multipart(({}, piece * (2 * MAX_EVENTS)))
    assert len(read_multipart(TYPE, body)) in {0, 1}


@given(st.lists(st.tuples(st.text(), st.binary()), max_size=5))
def test_what_is_sent_is_what_is_read(fields):
    from urllib3 import encode_multipart_formdata
    from urllib3.fields import RequestField

    clean = [(name.encode("utf-8", "replace").decode(), value) for name, value in fields]
    clean = [
        (name, value) for name, value in clean if name.isprintable() and '"' not in name and "\\" not in name
    ]
    sent = []
    for name, value in clean:
        field = RequestField(name, value)
        field.headers["Content-Disposition"] = f'form-data; name="{name}"'
        sent.append(field)
    body, content_type = encode_multipart_formdata(sent)
    if clean:
        assert [(part.name, part.body) for part in read_multipart(content_type, body)] == clean


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_no_multipart_is_too_odd(middle, end):
    for part in read_multipart(TYPE, b"--b\r\n" + middle + b"\r\n--b--" + end):
        assert isinstance(part.text, str)


def test_forms_of_parts():
    body = multipart(
        ({"Content-Disposition": "form-data; name=a"}, b"1"),
        ({"Content-Disposition": "form-data; name=a"}, "é".encode()),
        ({"Content-Disposition": "form-data; name=f; filename=x"}, b"2"),
        ({}, b"3"),
    )
    request = Request("POST", b"/", [(b"Content-Type", TYPE.encode())], body)
    assert request.form == {"a": ["1", "é"]}
    assert request.multipart is request.multipart
    request.forget_views()
    assert request._rare is None
    assert len(request.multipart) == 4


# --- claims -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_claims(scheme):
    assert read_claims(scheme + token({"sub": "ada", "n": [1]})) == {"sub": "ada", "n": [1]}
    assert read_claims(scheme + token({"sub": "ada"}, signature="")) == {"sub": "ada"}


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "Bearer", "Bearer x", "Basic " + token({"a": 1}), token({"a": 1})),
        *(
            "Bearer " + text
            for text in ("a.b.c", "..", "a.é.c", "e30.e30.e30.e30.e30", token([1]), token(b"{"))
        ),
        *(
            "Bearer " + text
            for text in (token({"a": "b" * MAX_TOKEN_CHARACTERS}), token(b"[" * 5000), token(b"\xff"))
        ),
        f"Bearer {token({'a': 1})}, Bearer {token({'a': 1})}",
    ],
    ids=range(16),
)
def test_no_claims(header):
    assert read_claims(header) == {}


@given(st.text())
def test_no_token_is_too_odd(text):
    assert read_claims(f"Bearer {text}") == {}


# --- GraphQL ------------------------------------------------------------------------------------------------


def call(method="POST", target="/", content_type="application/json", body=b""):
    if not isinstance(body, bytes):
        body = msgspec.json.encode(body)
    return Request(method, target.encode(), [(b"Content-Type", content_type.encode())], body).graphql


@pytest.mark.parametrize(
    "made",
    [
        call(body={"query": "query A($x: Int) {a}", "variables": {"x": 1}}),
        call(body={"query": "query A {a} query B {b}", "operationName": "A", "variables": {"x": 1}}),
        call(body={"query": "query A {a}", "operationName": None, "variables": {"x": 1}}),
        call(
            content_type="application/graphql-request+json",
            body={"query": "query A {a}", "variables": {"x": 1}},
        ),
        call(content_type="", body={"query": "query A {a}", "variables": {"x": 1}}),
        call("GET", "/?query=query+A+{a}&variables={%22x%22:1}"),
        call("GET", "/?query=query+A+{a}+query+B+{b}&operationName=A&variables={%22x%22:1}"),
        call(target="/?variables={%22x%22:1}", content_type="application/graphql", body=b"query A {a}"),
    ],
)
def test_calls(made):
    assert (made.operation, made.chosen, made.variables) == ("A", ("A", "query"), {"x": 1})


@pytest.mark.parametrize(
    "made",
    [
        *(call(body=body) for body in ([], {}, 1, b"{", {"query": 1}, {"query": "{a}", "variables": []})),
        call(body={"query": "{a}", "operationName": 1}),
        call(content_type="text/plain", body={"query": "{a}"}),
        call("GET", "/"),
        call("GET", "/?query={a}&variables={"),
        call("GET", f"/?query={{a}}&variables={'[' * 5000}"),
    ],
)
def test_no_calls(made):
    assert made is None


@pytest.mark.parametrize(
    "query",
    ["", "{", "fragment A on B {a}", "{a} {b}", "{a " * 5000, "a " * 50_000, "#\n" * 100_000, "\ud800"],
)
def test_calls_of_nothing(query):
    made = graphql.GraphqlCall(query, None, {})
    assert made.operation is None
    made = graphql.GraphqlCall(query, "A", {})
    assert made.operation == "A"


def test_the_kind_of_an_operation():
    document = "mutation A {a} subscription B {b} {c}"
    assert graphql.operations(document) == (("A", "mutation"), ("B", "subscription"), (None, "query"))
    assert graphql.GraphqlCall(document, "B", {}).chosen == ("B", "subscription")
    assert graphql.GraphqlCall(document, "C", {}).chosen is None
    with pytest.raises(ValueError, match="not GraphQL"):
        graphql.operations("{")


def test_what_is_significant():
    assert graphql.significant("{ a, b # c\n}") == graphql.significant("{a\n\tb}")
    assert graphql.significant('{ a(x: "1 2") }') != graphql.significant('{ a(x: "1  2") }')
    long = "{" + " a" * 5000 + "}"
    assert graphql.significant(long) == graphql.significant(long.replace("a", "a,"))


@given(st.text(alphabet='{}()[]:!$@"\\#,.. aé1\n\x00\ud800', max_size=60))
def test_no_document_is_too_odd(query):
    for read in (graphql.operations, graphql.significant):
        try:
            read(query)
        except ValueError:
            continue
