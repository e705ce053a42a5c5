"""What security schemes ask for, and what is said to those who lack it."""

import pytest

from tests.openapi.kit import access_of, api_with
from understudy.openapi.access import SCHEMES, Refusal, compile_access
from understudy.request import Request

SCHEMES_OF_ALL_KINDS = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "Basic"},
    "digest": {"type": "http", "scheme": "digest"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "oauth": {"type": "oauth2", "flows": {}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://x"},
    "tls": {"type": "mutualTLS"},
    "hoba": {"type": "http", "scheme": "hoba"},
    "nowhere": {"type": "apiKey", "in": "body", "name": "a"},
    "unnamed": {"type": "apiKey", "in": "header"},
}
DIGEST = 'Digest username="u", realm="r", nonce="n", uri="/", qop=auth, response="x"'

CASES = [  # security, headers, target, the challenges or None for those who may pass
    ("key", {}, "/", ()),
    ("key", {"x-kEY": "1"}, "/", None),
    ("key", {"X-Key": ""}, "/", ()),
    ("query", {}, "/?key=", ()),
    ("query", {}, "/?key=1", None),
    ("cookie", {}, "/", ()),
    ("cookie", {"Cookie": "a=1; sid=2"}, "/", None),
    ("basic", {}, "/", ('Basic realm="*"',)),
    ("basic", {"Authorization": "Bearer x"}, "/", ('Basic realm="*"',)),
    ("basic", {"Authorization": "Basic zzz"}, "/", ()),
    ("basic", {"Authorization": "Basic YTpi"}, "/", None),
    ("basic", {"Authorization": "basic YTpiOmM="}, "/", None),  # a password with a colon
    ("basic", {"Authorization": "Basic YWI="}, "/", ()),
    ("digest", {}, "/", ('Digest realm="*", nonce="abc123"',)),
    ("digest", {"Authorization": "Digest a=b"}, "/", ()),
    ("digest", {"Authorization": DIGEST}, "/", None),
    ("bearer", {}, "/", ("Bearer",)),
    ("bearer", {"Authorization": "Bearer "}, "/", ("Bearer",)),
    ("bearer", {"Authorization": "bearer x"}, "/", None),
    ("oauth", {}, "/", ("OAuth2",)),
    ("oauth", {"Authorization": "Bearer x"}, "/", None),
    ("openid", {}, "/", ("OpenID",)),
    ("openid", {"Authorization": "Bearer x"}, "/", None),
]


def asked(access, headers=(), target="/"):
    named = [(name.encode(), value.encode()) for name, value in dict(headers).items()]
    return access(Request("GET", target.encode(), named))


@pytest.mark.parametrize(("name", "headers", "target", "expected"), CASES)
def test_each_scheme(name, headers, target, expected):
    access = access_of([{name: []}], SCHEMES_OF_ALL_KINDS)
    refusal = asked(access, headers, target)
    assert refusal is None if expected is None else refusal == Refusal(expected)


def test_every_scheme_has_a_case():
    compiled = {SCHEMES_OF_ALL_KINDS[name]["type"] for name, *_ in CASES}
    assert {name.partition(" ")[0] for name in SCHEMES} == compiled


def test_one_of_several_is_enough_and_all_at_once_are_needed():
    access = access_of([{"bearer": []}, {"key": [], "basic": []}], SCHEMES_OF_ALL_KINDS)
    assert asked(access).header == 'Bearer,Basic realm="*"'
    assert asked(access, {"X-Key": "1"}).challenges == ("Bearer", 'Basic realm="*"')
    assert asked(access, {"X-Key": "1", "Authorization": "Basic zzz"}).challenges == ("Bearer",)
    assert asked(access, {"X-Key": "1", "Authorization": "Basic YTpi"}) is None
    assert asked(access, {"Authorization": "Bearer x"}) is None


def test_a_challenge_is_made_once():
    access = access_of([{"oauth": ["read"]}, {"oauth": ["write"]}], SCHEMES_OF_ALL_KINDS)
    assert asked(access).header == "OAuth2"
    assert access_of([{"key": []}], SCHEMES_OF_ALL_KINDS)(Request("GET", b"/")).header == ""


@pytest.mark.parametrize(
    "security", [[], [{}], [{"bearer": []}, {}], [{"tls": []}], [{"hoba": []}], [{"nowhere": []}]]
)
def test_everybody_may_pass(security):
    assert access_of(security, SCHEMES_OF_ALL_KINDS) is None


def test_what_cannot_be_checked_is_not_asked_for_beside_what_can():
    access = access_of([{"bearer": [], "tls": [], "unnamed": []}], SCHEMES_OF_ALL_KINDS)
    assert asked(access, {"Authorization": "Bearer x"}) is None
    assert asked(access) is not None


def test_the_api_speaks_for_operations_that_do_not():
    assert access_of(None, SCHEMES_OF_ALL_KINDS, [{"bearer": []}]) is not None
    assert access_of([], SCHEMES_OF_ALL_KINDS, [{"bearer": []}]) is None
    assert access_of(None, SCHEMES_OF_ALL_KINDS) is None


def test_a_scheme_that_is_not_there_is_a_warning():
    api = api_with({"security": [{"none": []}]})
    operation = api.operations[0]
    assert compile_access(operation, api.security, api.schemes) is None
    (warning,) = operation.node.document.library.warnings
    assert "no security scheme of this name" in warning.message


def test_swagger_2_is_the_same():
    api = api_with({"security": [{"b": []}]}, version="2.0", securityDefinitions={"b": {"type": "basic"}})
    access = compile_access(api.operations[0], api.security, api.schemes)
    assert asked(access).header == 'Basic realm="*"'
