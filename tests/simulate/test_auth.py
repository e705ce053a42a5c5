# ruff: noqa: E501 - a case is a line
"""Who is let in, and what those get who are not: each scheme, and each way to forge a token."""

import base64
import hashlib
import hmac
import json

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import import_key

from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.build import build
from understudy.simulate.auth.identity import quotable, scopes_of
from understudy.simulate.auth.jwt import MAX_REMEMBERED_TOKENS
from understudy.simulate.auth.keyring import Keyring
from understudy.simulate.auth.rows import MAX_ROWS
from understudy.simulate.auth.session import SESSIONS

NOW = 1_000_000
SECRET = "a secret that is long enough for HS512, which asks for sixty-four bytes"


def protected(scheme, **more):
    return Bench(
        {
            "auth": {"schemes": {"main": scheme}},
            "endpoints": [{"path": "/a", "auth": {"use": "main", **more}, "response": "{{ claims }}"}],
        }
    )


def basic(text):
    return [("Authorization", "Basic " + base64.b64encode(text.encode()).decode())]


def bearer(token):
    return [("Authorization", f"Bearer {token}")]


def header(reply, name):
    return [value.decode() for key, value in reply.headers if key.decode().lower() == name.lower()]


# --- schemes -----------------------------------------------------------------------------------------------

KEY = {"api_key": ["k1", "k2"]}
IN_QUERY = {"api_key": {"query": "key", "keys": {"k1": {"plan": "free"}}}}
IN_COOKIE = {"api_key": {"cookie": "key", "keys": ["k1"]}}
BASIC = {"basic": {"users": {"ada": "pä:ss", "bob": {"password": "b", "claims": {"role": "admin"}}}}}
BEARER = {"bearer": {"tokens": {"t1": {"sub": "ada"}, "t2": {}}}}


@pytest.mark.parametrize(
    ("scheme", "target", "headers", "claims"),
    [
        (KEY, "/a", [("x-api-key", "k1")], {"key": "#1"}),
        (KEY, "/a", [("X-API-Key", "k2")], {"key": "#2"}),
        ({"api_key": "k"}, "/a", [("X-API-Key", "k")], {"key": "#1"}),
        (IN_QUERY, "/a?key=k1", [], {"plan": "free"}),
        (IN_COOKIE, "/a", [("Cookie", "other=1; key=k1")], {"key": "#1"}),
        (BASIC, "/a", basic("ada:pä:ss"), {"sub": "ada"}),
        (BASIC, "/a", [("authorization", basic("bob:b")[0][1].replace("Basic", "bASIC"))], {"sub": "bob", "role": "admin"}),
        (BEARER, "/a", bearer("t1"), {"sub": "ada"}),
        (BEARER, "/a", [("authorization", "bearer   t2")], {}),
        ({"bearer": ["t"]}, "/a", bearer("t"), {"token": "#1"}),
        ({"api_key": {"query": "key", "keys": "any"}}, "/a?key=whatever", [], {}),
        ({"bearer": {"tokens": "any"}}, "/a", bearer("whatever"), {}),
        ({"basic": {"users": "any"}}, "/a", basic("ada:whatever"), {"sub": "ada"}),
    ],
)  # fmt: skip
def test_who_is_let_in(scheme, target, headers, claims):
    assert protected(scheme).json(target, headers=headers) == claims


@pytest.mark.parametrize(
    ("scheme", "target", "headers", "message", "code"),
    [
        (KEY, "/a", [], "an API key is needed in the header X-API-Key", None),
        (KEY, "/a", [("X-API-Key", "k3")], "not a known one", "invalid_token"),
        (KEY, "/a?X-API-Key=k1", [], "is needed", None),
        (IN_QUERY, "/a?key=k2", [], "query parameter key", "invalid_token"),
        (IN_COOKIE, "/a", [("Cookie", "key=")], "not a known one", "invalid_token"),
        (BASIC, "/a", [], "a user name and a password are needed", None),
        (BASIC, "/a", basic("eve:x"), "there is no user 'eve'", "invalid_token"),
        (BASIC, "/a", basic("ada:x"), "the password of 'ada' is another", "invalid_token"),
        (BASIC, "/a", basic("ada"), "separated by a colon", "invalid_token"),
        (BASIC, "/a", [("Authorization", "Basic !")], "not base64", "invalid_token"),
        (BASIC, "/a", bearer("t"), "not of the kind Basic", "invalid_token"),
        (BASIC, "/a", basic("ada:pä:ss") * 2, "not of the kind Basic", "invalid_token"),
        (BEARER, "/a", [], "a token is needed", None),
        (BEARER, "/a", bearer("t3"), "not a known one", "invalid_token"),
        (BEARER, "/a", basic("ada:x"), "not of the kind Bearer", "invalid_request"),
        (BEARER, "/a", bearer("t1") * 2, "stands there twice", "invalid_request"),
        (
            {"api_key": {"query": "key", "keys": "any"}},
            "/a",
            [],
            "an API key is needed in the query parameter key",
            None,
        ),
        (
            {"api_key": {"query": "key", "keys": "any"}},
            "/a?key=",
            [],
            "the API key in the query parameter key is empty",
            "invalid_token",
        ),
        (
            {"bearer": {"tokens": "any"}},
            "/a",
            bearer(""),
            "there is no token behind Bearer",
            "invalid_request",
        ),
        (
            {"basic": {"users": "any"}},
            "/a",
            basic("ada"),
            "user name and password are separated by a colon",
            "invalid_token",
        ),
    ],
)
def test_who_is_not(scheme, target, headers, message, code):
    reply = protected(scheme).reply(target, headers=headers)
    body = json.loads(reply.body)
    assert reply.status == 401
    assert message in body["message"]
    assert (body["error"], body.get("code"), body["scheme"]) == ("Unauthorized", code, "main")
    (challenge,) = header(reply, "WWW-Authenticate")
    assert ("error=" in challenge) is (code is not None and "basic" not in scheme)
    assert 'realm="understudy"' in challenge


def test_what_is_open_and_what_is_not():
    bench = Bench(
        {
            "auth": {"schemes": {"only": {"bearer": "t"}}},
            "defaults": {"auth": "only"},
            "endpoints": [
                {"path": "/closed"},
                {"path": "/false", "auth": False},
                {"path": "/none", "auth": "none"},
                {"path": "/true", "auth": True},
                {"path": "/scopes", "auth": {"scopes": ["x"]}},
                {"path": "/inline", "auth": {"api_key": "k"}},
            ],
        }
    )
    assert {path: bench.status(path) for path in ("/closed", "/false", "/none", "/true", "/scopes", "/inline")} == {
        "/closed": 401, "/false": 200, "/none": 200, "/true": 401, "/scopes": 401, "/inline": 401,
    }  # fmt: skip
    assert bench.status("/scopes", headers=bearer("t")) == 403
    assert bench.status("/inline", headers=[("X-API-Key", "k")]) == 200


@pytest.mark.parametrize(
    ("headers", "scheme", "type_"),
    [
        (bearer("wrong"), "tokens", b"Bearer"),
        (basic("ada:wrong"), "people", b"Basic"),
        ([("Authorization", "Digest x")], "people", b"Basic"),
        ([("X-API-Key", "wrong")], "keys", b"ApiKey"),
        ([("X-API-Key", "wrong"), *bearer("wrong")], "tokens", b"Bearer"),
    ],
)
def test_of_several_schemes_the_one_that_was_tried_says_why_not(headers, scheme, type_):
    schemes = {
        "people": {"basic": {"users": {"ada": "pw"}}},
        "tokens": {"bearer": "t"},
        "keys": {"api_key": "k"},
    }
    endpoint = {"path": "/a", "auth": list(schemes), "response": 1}
    reply = Bench({"auth": {"schemes": schemes}, "endpoints": [endpoint]}).reply("/a", headers=headers)
    assert (reply.status, json.loads(reply.body)["scheme"]) == (401, scheme)
    assert [value.split()[0] for name, value in reply.headers if name == b"WWW-Authenticate"] == [type_]


def test_one_of_several_schemes_is_enough():
    bench = Bench(
        {
            "auth": {"schemes": {"key": {"api_key": "k"}, "user": {"basic": {"users": {"ada": "pw"}}}}},
            "endpoints": [{"path": "/a", "auth": ["key", "user"], "response": "{{ claims }}"}],
        }
    )
    assert bench.json("/a", headers=basic("ada:pw")) == {"sub": "ada"}
    assert bench.json("/a", headers=[("X-API-Key", "k")]) == {"key": "#1"}
    nothing = bench.reply("/a")
    assert [challenge.split()[0] for challenge in header(nothing, "WWW-Authenticate")] == ["ApiKey", "Basic"]
    assert json.loads(bench.reply("/a", headers=basic("ada:x")).body)["scheme"] == "user"


def test_preflights_need_no_auth_and_refusals_can_be_read_by_pages():
    bench = Bench(
        {
            "cors": True,
            "auth": {"schemes": {"m": {"bearer": "t"}}},
            "endpoints": [{"path": "/a", "auth": "m"}],
        }
    )
    asked = [("Origin", "http://a.test"), ("Access-Control-Request-Method", "GET")]
    assert bench.status("/a", "OPTIONS", headers=asked) == 204
    assert header(bench.reply("/a"), "Access-Control-Allow-Origin") == ["*"]


def test_auth_goes_before_everything_that_changes_or_fails():
    bench = Bench(
        {
            "auth": {"schemes": {"m": {"bearer": "t"}}},
            "endpoints": [
                {"path": "/a", "auth": "m", "state": {"add": {"n": 1}}, "response": "{{ state.n }}"},
                {"path": "/broken", "auth": "m", "failure_rate": 1},
            ],
        }
    )
    assert [bench.status("/a") for _ in range(3)] == [401] * 3
    assert bench.json("/a", headers=bearer("t")) == 1
    assert bench.plan("/broken").faults == ()
    assert (bench.status("/broken"), bench.status("/broken", headers=bearer("t"))) == (401, 500)


def test_a_constant_reply_behind_auth_is_never_served_from_memory():
    bench = Bench(
        {
            "auth": {"schemes": {"m": {"bearer": "t"}}},
            "endpoints": [{"path": "/a", "auth": "m", "response": 1}],
        }
    )
    assert not bench.plan("/a", headers=bearer("t")).constant
    assert not bench.plan("/a").constant


# --- scopes and claims -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [{"scope": "read write"}, {"scp": ["write", "x"]}, {"scopes": ["write"]}, {"scp": "write"}],
)
def test_scopes(claims):
    bench = protected({"bearer": {"tokens": {"good": claims, "bad": {"scope": "read"}}}}, scopes=["write"])
    assert bench.status("/a", headers=bearer("good")) == 200
    reply = bench.reply("/a", headers=bearer("bad"))
    assert reply.status == 403
    assert json.loads(reply.body) == {
        "error": "Forbidden",
        "code": "insufficient_scope",
        "message": "the scope write is needed; there is read",
        "scheme": "main",
    }
    (challenge,) = header(reply, "WWW-Authenticate")
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="write"' in challenge


def test_claims_of_an_endpoint():
    tokens = {"a": {"roles": ["admin", "user"], "level": 3}, "b": {"roles": ["user"], "level": 3}, "c": {}}
    bench = protected({"bearer": {"tokens": tokens}}, claims={"roles": "admin", "level": {"gte": 3}})
    assert [bench.status("/a", headers=bearer(token)) for token in "abc"] == [200, 403, 403]
    assert bench.json("/a", headers=bearer("b"))["message"] == "the claim roles is 'user', wanted: \"admin\""
    assert bench.json("/a", headers=bearer("c"))["message"] == 'the claim roles is missing, wanted: "admin"'


def test_scopes_of_anything():
    assert scopes_of({"scope": 3, "scp": [1, "a"], "scopes": None}) == {"a"}


def test_what_may_stand_in_a_quoted_parameter():
    assert quotable('a "b" \\ ä\r\nX: y') == "a 'b' / ???X: y"


# --- signed tokens: all algorithms --------------------------------------------------------------------------

RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
KEYS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    **{name: ec.generate_private_key(curve) for name, curve in CURVES.items()},
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
HMAC = ("HS256", "HS384", "HS512")


def pem(key, private=False):
    if private:
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def kind(key):
    return "RSA" if isinstance(key, rsa.RSAPrivateKey) else "EC" if hasattr(key, "curve") else "OKP"


def in_folder(tmp_path, jwt, files=()):
    for name, content in files:
        (tmp_path / name).write_bytes(content)
    config = {
        "auth": {"schemes": {"main": {"jwt": jwt}}},
        "endpoints": [{"path": "/a", "auth": "main", "response": "{{ claims }}"}],
    }
    (tmp_path / "understudy.json").write_text(json.dumps(config))
    return Bench(tmp_path / "understudy.json")


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("form", ["pem", "private pem", "jwk", "jwks", "inline jwks"])
def test_every_algorithm_with_a_key(algorithm, form, tmp_path):
    key = KEYS[algorithm]
    jwk = import_key(pem(key), kind(key)).as_dict(private=False)
    contents = {
        "pem": pem(key),
        "private pem": pem(key, private=True),
        "jwk": json.dumps(jwk).encode(),
        "jwks": json.dumps({"keys": [{**jwk, "kid": "k1"}]}).encode(),
    }
    if form == "inline jwks":
        bench = in_folder(tmp_path, {"jwks": {"keys": [{**jwk, "kid": "k1"}]}})
    else:
        bench = in_folder(tmp_path, {"key_file": "key"}, [("key", contents[form])])
    header = {"kid": "k1"} if "jwks" in form else {}
    token = pyjwt.encode({"sub": "ada", "exp": NOW + 60}, key, algorithm, headers=header)
    assert bench.json("/a", headers=bearer(token))["sub"] == "ada"
    joserfc_key = import_key(pem(key, private=True), kind(key))
    token = jws.serialize_compact(
        {"alg": algorithm, **header}, b'{"sub":"bob"}', joserfc_key, registry=LENIENT
    )
    assert bench.json("/a", headers=bearer(token)) == {"sub": "bob"}


class _Lenient(jws.JWSRegistry):
    def get_alg(self, name):
        return self.algorithms[name]  # without its warning of EdDSA


LENIENT = _Lenient(strict_check_header=False)


@pytest.mark.parametrize("algorithm", HMAC)
def test_every_algorithm_with_a_secret(algorithm):
    bench = protected({"jwt": {"secret": SECRET, "algorithms": [algorithm]}})
    assert bench.json("/a", headers=bearer(pyjwt.encode({"sub": "x"}, SECRET, algorithm))) == {"sub": "x"}


def test_a_short_secret_is_allowed_without_a_warning():
    bench = protected({"jwt": {"secret": "x"}})
    payload = b64(b'{"alg":"HS256"}') + "." + b64(b'{"a":1}')
    signature = hmac.new(b"x", payload.encode(), hashlib.sha256).digest()
    assert bench.json("/a", headers=bearer(f"{payload}.{b64(signature)}")) == {"a": 1}


# --- signed tokens: forged ----------------------------------------------------------------------------------


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header, payload, secret=SECRET):
    start = b64(json.dumps(header).encode()) + "." + b64(json.dumps(payload).encode())
    return start + "." + b64(hmac.new(secret.encode(), start.encode(), hashlib.sha256).digest())


GOOD = {"sub": "ada", "iss": "me", "aud": ["api", "other"], "exp": NOW + 60, "iat": NOW, "nbf": NOW}
HS = {"alg": "HS256", "typ": "JWT"}
STRICT = {"secret": SECRET, "issuer": "me", "audience": "api", "claims": {"sub": {"present": True}}}


def message(token, jwt=None):
    reply = protected({"jwt": jwt or STRICT}).reply("/a", headers=bearer(token))
    assert reply.status == 401
    body = json.loads(reply.body)
    assert body["code"] == "invalid_token"
    (challenge,) = header(reply, "WWW-Authenticate")
    assert challenge.startswith('Bearer realm="understudy", error="invalid_token", error_description="')
    return body["message"]


def test_the_good_one():
    assert protected({"jwt": STRICT}).json("/a", headers=bearer(signed(HS, GOOD))) == GOOD


def without(name):
    return {key: value for key, value in GOOD.items() if key != name}


TOKEN = signed(HS, GOOD)
START, PAYLOAD, SIGNATURE = TOKEN.split(".")


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        pytest.param(b64(b'{"alg":"none"}') + f".{PAYLOAD}.", "not signed", id="none"),
        pytest.param(b64(b'{"alg":"NonE"}') + f".{PAYLOAD}.", "not signed", id="NonE"),
        pytest.param(b64(b'{"alg":null}') + f".{PAYLOAD}.", "not signed", id="null"),
        pytest.param(b64(b"{}") + f".{PAYLOAD}.{SIGNATURE}", "not signed", id="no alg"),
        pytest.param(signed({"alg": "HS257"}, GOOD), "signed with 'HS257', accepted: HS256", id="unknown alg"),
        pytest.param(signed({"alg": "HS512"}, GOOD), "accepted: HS256", id="alg not allowed"),
        pytest.param(signed({"alg": ["HS256"]}, GOOD), "not signed", id="alg is no text"),
        pytest.param(signed({**HS, "crit": ["x"], "x": 1}, GOOD), "extensions", id="crit"),
        pytest.param(signed({**HS, "crit": ["b64"], "b64": False}, GOOD), "extensions", id="crit b64"),
        pytest.param(signed(HS, GOOD, "other"), "the signature is wrong", id="other secret"),
        pytest.param(f"{START}.{b64(json.dumps({**GOOD, 'sub': 'eve'}).encode())}.{SIGNATURE}", "signature is wrong", id="payload"),
        pytest.param(f"{START}.{PAYLOAD}.", "signature is wrong", id="stripped signature"),
        pytest.param(f"{START}.{PAYLOAD}", "three parts with dots between, found 2", id="two parts"),
        pytest.param(f"{TOKEN}.x.y", "encrypted", id="five parts"),
        pytest.param(f"{START}.{PAYLOAD}.{SIGNATURE[:-1]}{'B' if SIGNATURE[-1] != 'B' else 'C'}", "", id="last character"),
        pytest.param(f"{START}.{PAYLOAD}.{SIGNATURE}=", "signature of the token is not base64url", id="padding"),
        pytest.param(f"{START}.{PAYLOAD} .{SIGNATURE}", "payload of the token is not base64url", id="space"),
        pytest.param(f"{START}.{b64(b'[]')}.{SIGNATURE}", "not a JSON object", id="payload is a list"),
        pytest.param(f"{b64(b'x')}.{PAYLOAD}.{SIGNATURE}", "header of the token is not JSON", id="header is no JSON"),
        pytest.param("garbage", "found 1", id="garbage"),
        pytest.param("", "found 1", id="empty"),
        pytest.param("a." * 9000, "longer than 16384 characters", id="huge"),
        pytest.param(signed(HS, {**GOOD, "exp": NOW - 12}), "the token expired 12 s ago", id="expired"),
        pytest.param(signed(HS, {**GOOD, "exp": NOW}), "the token expired 0 s ago", id="expired now"),
        pytest.param(signed(HS, {**GOOD, "exp": NOW - 7200}), "expired 2 h ago", id="expired long ago"),
        pytest.param(signed(HS, {**GOOD, "nbf": NOW + 30}), "not good before 30 s from now (nbf)", id="nbf"),
        pytest.param(signed(HS, {**GOOD, "iat": NOW + 300}), "issued 5 min in the future (iat)", id="future iat"),
        pytest.param(signed(HS, {**GOOD, "exp": "x"}), "exp is not a number", id="exp is no number"),
        pytest.param(signed(HS, {**GOOD, "exp": True}), "exp is not a number", id="exp is true"),
        pytest.param(signed(HS, {**GOOD, "exp": 10**30}), "exp is too far away", id="exp is huge"),
        pytest.param(signed(HS, {**GOOD, "iss": "you"}), "the claim iss is 'you', wanted: me", id="issuer"),
        pytest.param(signed(HS, without("iss")), "the claim iss is missing, wanted: me", id="no issuer"),
        pytest.param(signed(HS, {**GOOD, "aud": "web"}), "the claim aud is 'web', wanted: api", id="audience"),
        pytest.param(signed(HS, {**GOOD, "aud": ["web", {}]}), "wanted: api", id="audiences"),
        pytest.param(signed(HS, without("aud")), "the claim aud is missing", id="no audience"),
        pytest.param(signed(HS, without("sub")), "the claim sub is missing", id="no sub"),
    ],
)  # fmt: skip
def test_forged_and_wrong_tokens(token, expected):
    assert expected in message(token)


def test_leeway():
    bench = protected({"jwt": {"secret": SECRET, "leeway_s": 30}})
    late = signed(HS, {"exp": NOW - 29})
    assert bench.status("/a", headers=bearer(late)) == 200
    bench.now += 1
    assert bench.status("/a", headers=bearer(late)) == 401  # although it was remembered
    assert bench.status("/a", headers=bearer(signed(HS, {"nbf": NOW + 30, "iat": NOW + 31}))) == 200


def public_jwk(key, **more):
    return {**import_key(pem(key), "RSA").as_dict(private=False), **more}


def test_a_public_key_is_no_secret(tmp_path):
    bench = in_folder(tmp_path, {"key_file": "key"}, [("key", pem(RSA))])
    for secret in (pem(RSA).decode(), pem(RSA).decode().strip()):
        reply = bench.reply("/a", headers=bearer(signed(HS, GOOD, secret)))
        assert reply.status == 401
        assert "signed with 'HS256', accepted: RS256" in json.loads(reply.body)["message"]


def test_a_public_key_is_no_secret_where_both_kinds_are_allowed():
    keys = {"keys": [public_jwk(RSA, kid="r"), {"kty": "oct", "k": b64(SECRET.encode()), "kid": "s"}]}
    bench = protected({"jwt": {"jwks": keys}})
    assert bench.status("/a", headers=bearer(signed({**HS, "kid": "s"}, GOOD))) == 200
    forged = signed({**HS, "kid": "r"}, GOOD, pem(RSA).decode())
    assert bench.json("/a", headers=bearer(forged))["message"] == "no key here is one for HS256"


@pytest.mark.parametrize(
    "header", [{"jwk": public_jwk(OTHER_RSA)}, {"jku": "https://evil.test/k"}, {"x5u": "https://evil.test/c"}]
)
def test_keys_that_a_token_brings_are_not_trusted(header, tmp_path):  # fmt: skip
    bench = in_folder(tmp_path, {"key_file": "key"}, [("key", pem(RSA))])
    token = pyjwt.encode(GOOD, OTHER_RSA, "RS256", headers=header)
    assert f"({next(iter(header))}) are never trusted" in bench.json("/a", headers=bearer(token))["message"]
    assert bench.status("/a", headers=bearer(pyjwt.encode(GOOD, RSA, "RS256", headers=header))) == 200


def test_the_kid_is_respected():
    keys = {"keys": [public_jwk(RSA, kid="one"), public_jwk(OTHER_RSA, kid="two")]}
    bench = protected({"jwt": {"jwks": keys}})

    def status(key, **header):
        return bench.status("/a", headers=bearer(pyjwt.encode(GOOD, key, "RS256", headers=header)))

    assert [status(RSA, kid="one"), status(OTHER_RSA, kid="two"), status(RSA), status(OTHER_RSA)] == [200] * 4
    assert [status(RSA, kid="two"), status(RSA, kid="three")] == [401, 401]
    token = pyjwt.encode(GOOD, RSA, "RS256", headers={"kid": "three"})
    assert bench.json("/a", headers=bearer(token))["message"] == "no key has the kid 'three'; known: one, two"


def test_a_key_for_one_algorithm_takes_no_other():
    bench = protected({"jwt": {"jwks": {"keys": [public_jwk(RSA, alg="PS256")]}}})
    assert bench.status("/a", headers=bearer(pyjwt.encode(GOOD, RSA, "PS256"))) == 200
    assert bench.status("/a", headers=bearer(pyjwt.encode(GOOD, RSA, "RS256"))) == 401


def test_a_remembered_token_ends_when_it_expires():
    bench = protected({"jwt": {"secret": SECRET}})
    token = signed(HS, {"exp": NOW + 10})
    assert bench.status("/a", headers=bearer(token)) == 200
    bench.now += 9.9
    assert bench.status("/a", headers=bearer(token)) == 200
    bench.now += 0.1
    assert bench.status("/a", headers=bearer(token)) == 401


def test_remembered_tokens_are_bounded():
    bench = protected({"jwt": {"secret": SECRET}})
    for number in range(MAX_REMEMBERED_TOKENS + 10):
        assert bench.status("/a", headers=bearer(signed(HS, {"n": number}))) == 200
    assert len(bench.program.auth.schemes["main"]._verified) <= MAX_REMEMBERED_TOKENS


def test_a_token_that_is_padded_is_good_but_not_remembered():
    bench = protected({"jwt": {"secret": SECRET}})
    assert (
        bench.status("/a", headers=[("Authorization", "Bearer " + " " * 5000 + signed(HS, {"n": 1}))]) == 200
    )
    assert not bench.program.auth.schemes["main"]._verified


MUTATED = st.builds(
    lambda token, place, character: token[: place % len(token)] + character + token[place % len(token) + 1 :],
    st.just(TOKEN),
    st.integers(0, len(TOKEN) - 1),
    st.characters(codec="latin-1", exclude_characters="\r\n\0"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
NAMES = st.sampled_from(
    ["alg", "kid", "crit", "typ", "b64", "jwk", "exp", "nbf", "iat", "iss", "aud", "scope"]
)
OBJECTS = st.dictionaries(NAMES | st.text(max_size=5), JSON, max_size=5)
FUZZED = protected({"jwt": STRICT}, scopes=["x"], claims={"a.b": 1})


@given(st.one_of(MUTATED, st.text(st.characters(codec="latin-1"), max_size=60)))
def test_no_changed_token_gets_in_and_none_breaks_anything(token):
    plan = FUZZED.plan("/a", headers=[("Authorization", f"Bearer {token}")] if token.isascii() else [])
    if token != TOKEN:
        assert plan.reply.status == 401
    assert plan.error is None


@given(OBJECTS, OBJECTS, st.booleans())
def test_whatever_is_signed_is_answered(head, payload, is_plain):
    claims = {**GOOD, **payload} if is_plain else payload
    token = signed({**HS, **({} if is_plain else head)}, claims)
    plan = FUZZED.plan("/a", headers=bearer(token))
    assert plan.reply.status in {401, 403}
    assert plan.error is None


@given(st.binary(max_size=80))
def test_whatever_stands_in_authorization_is_answered(value):
    from understudy.engine import decide
    from understudy.request import Request

    for scheme in (KEY, BASIC, BEARER, {"jwt": STRICT}):
        bench = BENCHES.setdefault(str(scheme), protected(scheme))
        headers = [(b"Authorization", value), (b"X-API-Key", value), (b"Cookie", value)]
        assert decide(bench.program, Request("GET", b"/a", headers), bench.world).reply.status == 401


BENCHES: dict = {}


# --- configs that are wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "endpoint", "path", "text"),
    [
        ({"schemes": {"main": {"bearer": "t"}}}, "mian", "endpoints[0].auth", 'did you mean "main"?'),
        ({"schemes": {"main": {"bearer": "t"}}}, ["main", "x"], "endpoints[0].auth[1]", "no scheme 'x'"),
        ({"schemes": {"main": {"bearer": "t"}}}, {"use": "x"}, "endpoints[0].auth.use", "no scheme 'x'"),
        ({}, True, "endpoints[0].auth", "`auth.schemes` is empty"),
        ({"schemes": {"a": {"bearer": "t"}, "b": {"bearer": "t"}}}, True, "endpoints[0].auth", "several: a, b"),
        ({"schemes": {"a": {"realm": "x"}}}, False, "auth.schemes.a", "a scheme has one of"),
        ({"schemes": {"a": {"oauth": True}}}, False, "auth.schemes.a.oauth", "describe `auth.provider`"),
        ({"schemes": {"a": {"basic": {"users": {"a:b": "x"}}}}}, False, 'auth.schemes.a.basic.users["a:b"]', "no colon"),
        ({"schemes": {"a": {"jwt": {"secret": "-----BEGIN PUBLIC KEY-----"}}}}, False, "auth.schemes.a.jwt", "use|`key_file`"),
        ({"schemes": {"a": {"jwt": {"secret": "x", "algorithms": ["RS256"]}}}}, False, "auth.schemes.a.jwt.algorithms", "RS256 does not fit"),
        ({"schemes": {"a": {"jwt": {"key_file": "nowhere.pem"}}}}, False, "auth.schemes.a.jwt.key_file", "cannot be read"),
        ({"schemes": {"a": {"jwt": {"key_file": "../x.pem"}}}}, False, "auth.schemes.a.jwt.key_file", "outside"),
        ({"schemes": {"a": {"jwt": {"jwks": {"keys": []}}}}}, False, "auth.schemes.a.jwt", "no key for signatures"),
        ({"schemes": {"a": {"jwt": {"jwks": {"keys": 3}}}}}, False, "auth.schemes.a.jwt", "a JWK Set looks like"),
        ({"schemes": {"a": {"jwt": {"jwks": {"keys": [{"kty": "RSA"}]}}}}}, False, "auth.schemes.a.jwt", "key 0 of the set"),
        ({"schemes": {"a": {"jwt": {"jwks": {"keys": [{"kty": 3}]}}}}}, False, "auth.schemes.a.jwt", "key 0 of the set"),
        ({"schemes": {"a": {"jwt": {"secret": "x", "claims": {"a": {"matches": "("}}}}}}, False, "auth.schemes.a.jwt.claims.a.matches", ""),
        ({}, {"api_key": "k", "claims": {"a": {"matches": "("}}}, "endpoints[0].auth.claims.a.matches", ""),
        ({}, {"session": {"users": {"a": "b"}}}, "endpoints[0].auth.session", "describe it under `auth.schemes`"),
        ({"schemes": {"a": {"session": {"users": {"a": "b"}, "login": "/x", "logout": "/x"}}}}, False, "auth.schemes.a.session.logout", "paths of their own"),
    ],
)  # fmt: skip
def test_problems(auth, endpoint, path, text, tmp_path):
    config = {"auth": auth, "endpoints": [{"path": "/a", "auth": endpoint}]}
    (tmp_path / "understudy.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError) as caught:
        build(tmp_path / "understudy.json")
    (problem,) = caught.value.problems
    assert problem.path == path
    assert any(part in str(problem) for part in text.split("|"))


@pytest.mark.parametrize("content", [b"", b"{", b"hello", b"-----BEGIN PUBLIC KEY-----\nx\n", b"[1]"])
def test_a_file_that_is_no_key(content, tmp_path):
    with pytest.raises(ConfigError, match=r"auth\.schemes\.main\.jwt\.key_file"):
        in_folder(tmp_path, {"key_file": "key"}, [("key", content)])


def test_a_changed_key_file_reloads(tmp_path):
    bench = in_folder(tmp_path, {"key_file": "key"}, [("key", pem(RSA))])
    assert tmp_path / "key" in bench.program.files


# --- sessions -----------------------------------------------------------------------------------------------


def session(**more):
    return Bench(
        {
            "auth": {"schemes": {"web": {"session": {"users": {"ada": {"password": "pw", "claims": {"role": "x"}}}, **more}}}},
            "endpoints": [{"path": "/a", "auth": "web", "response": "{{ claims }}"}],
        }
    )  # fmt: skip


def log_in(bench, headers=(), **body):
    return bench.reply("/login", "POST", body=body or {"username": "ada", "password": "pw"}, headers=headers)


def cookie(reply):
    (value,) = header(reply, "Set-Cookie")
    return [("Cookie", value.partition(";")[0])]


def test_logging_in_and_out():
    bench = session()
    assert bench.status("/a") == 401
    reply = log_in(bench)
    assert json.loads(reply.body) == {"user": "ada"}
    (value,) = header(reply, "Set-Cookie")
    assert value.endswith("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax")
    assert header(reply, "Cache-Control") == ["no-store"]
    assert bench.json("/a", headers=cookie(reply)) == {"sub": "ada", "role": "x"}
    out = bench.reply("/logout", "POST", headers=cookie(reply))
    assert (out.status, "Max-Age=0" in header(out, "Set-Cookie")[0]) == (200, True)
    assert bench.json("/a", headers=cookie(reply))["message"] == "the cookie sid belongs to no session"
    assert bench.status("/logout", "POST") == 200


def test_logging_in_with_a_form():
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    reply = session().reply("/login", "POST", body=b"username=ada&password=pw", headers=form)
    assert reply.status == 200


def test_logging_in_with_json_that_curl_calls_a_form():
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    body = b'{"username": "ada", "password": "pw"}'
    assert session().reply("/login", "POST", body=body, headers=form).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"username": "ada", "password": "x"}, 401),
        ({"username": "eve", "password": "pw"}, 401),
        ({"username": "ada"}, 400),
        ({"username": ["ada"], "password": "pw"}, 400),
        ([1], 400),
        (b"{", 400),
    ],
)
def test_logging_in_wrongly(body, status):
    reply = session().reply("/login", "POST", body=body)
    assert (reply.status, header(reply, "Set-Cookie")) == (status, [])


def test_a_session_ends_by_itself_and_each_login_makes_a_new_one():
    bench = session(ttl="10m", cookie="who", login="/in")
    body = {"username": "ada", "password": "pw"}
    first = cookie(bench.reply("/in", "POST", body=body))
    second = cookie(bench.reply("/in", "POST", body=body, headers=first))
    assert (bench.status("/a", headers=first), bench.status("/a", headers=second)) == (401, 200)
    bench.now += 600
    assert "expired" in bench.json("/a", headers=second)["message"]


def test_sessions_are_bounded():
    bench = session()
    keys = iter(range(10**9))
    bench.world.keys.token = lambda size=32: f"A{next(keys)}"  # each of these looks at what has ended
    log_in(bench)
    bench.now += 3600
    log_in(bench)
    rows = bench.world.store._tables["", SESSIONS].rows
    assert list(rows) == ["A1"]
    for number in range(MAX_ROWS):
        rows[f"x{number}"] = rows["A1"]
    log_in(bench)
    assert len(rows) == MAX_ROWS
    assert "A1" not in rows
    assert "A2" in rows


def test_an_endpoint_of_the_config_goes_before_one_that_a_scheme_brings():
    bench = Bench(
        {
            "auth": {"schemes": {"web": {"session": {"users": {"a": "b"}}}}},
            "endpoints": [
                {"path": "/login", "method": "POST", "response": "mine"},
                {"path": "/**", "method": "ANY", "response": "rest"},
            ],
        }
    )
    assert (bench.json("/login", "POST"), bench.status("/logout", "POST")) == ("mine", 200)
    assert bench.json("/logout") == "rest"


def test_defaults_hold_for_generated_endpoints_too_but_not_auth():
    bench = Bench(
        {
            "auth": {"schemes": {"web": {"session": {"users": {"a": "b"}}}}},
            "defaults": {"auth": "web", "failure_rate": 1},
        }
    )
    assert bench.status("/logout", "POST") == 500


# --- keys of the server's own -------------------------------------------------------------------------------


def test_own_keys_are_made_once_and_in_any_thread():
    from concurrent.futures import ThreadPoolExecutor

    keyring = Keyring()
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(keyring.make, ["ES256"] * 20))
    assert made == {keyring.peek("ES256")}
    assert keyring.peek("RS256") is None


@pytest.mark.parametrize("algorithm", [*HMAC[:1], "RS256", "ES256", "ES384", "ES512", "EdDSA"])
def test_own_keys_sign_and_verify(algorithm):
    bench = protected({"jwt": {"algorithms": [algorithm], "audience": "api", "claims": {"tier": "gold"}}})
    stranger = pyjwt.encode({"aud": "api"}, SECRET) if algorithm == "HS256" else None
    if stranger:
        assert bench.status("/a", headers=bearer(stranger)) == 401
    scheme = bench.program.auth.schemes["main"]
    token = run(scheme.mint(bench.world.keys, bench.now, {"sub": "x"}, ["a", "b"], 60))
    claims = bench.json("/a", headers=bearer(token))
    assert {name: claims[name] for name in ("sub", "scope", "tier", "aud", "exp")} == {
        "sub": "x",
        "scope": "a b",
        "tier": "gold",
        "aud": "api",
        "exp": NOW + 60,
    }


def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("nothing waits here")
