# ruff: noqa: E501 - a case is a line
"""The provider: what real clients do with it, and what RFC 6749 and its companions say of the rest."""

import base64
import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import jwt as pyjwt
import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.simulate.kit import Bench
from understudy import ConfigError, MockServer
from understudy.build import build
from understudy.engine import drive
from understudy.simulate.oauth.authorize import is_same_uri
from understudy.simulate.oauth.tokens import at_hash

VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "https://shop.test/callback?x=1"
PROVIDER = {
    "clients": {
        "shop": {"secret": "s3cret", "redirect_uris": [CALLBACK, "https://shop.test/other"]},
        "app": {"public": True, "redirect_uris": ["http://127.0.0.1/done"]},
        "job": {"secret": "geh eim", "scopes": ["read", "write"], "claims": {"tier": "gold"}},
        "plain": "x",
    },
    "users": {
        "ada": {"password": "pw", "claims": {"email": "ada@example.test", "roles": ["admin"]}},
        "bob": "bob",
    },
}


def config(**more):
    return {
        "auth": {"schemes": {"user": {"oauth": True}}, "provider": {**PROVIDER, **more}},
        "endpoints": [
            {"path": "/me", "auth": "user", "response": "{{ claims }}"},
            {"path": "/write", "method": "POST", "auth": {"use": "user", "scopes": ["write"]}},
        ],
    }


class Provider(Bench):
    """The provider without a network."""

    def post(self, path, form, client=None, headers=()):
        raw = [("Content-Type", "application/x-www-form-urlencoded"), ("Host", "idp.test:1"), *headers]
        if client:
            raw.append(("Authorization", "Basic " + base64.b64encode(client.encode()).decode()))
        return self.reply(f"/oauth/{path}", "POST", headers=raw, body=urlencode(form).encode())

    def token(self, client="shop:s3cret", **form):
        return json.loads(self.post("token", form, client).body)

    def authorize(self, method="GET", **asked):
        asked = {"response_type": "code", "client_id": "shop", "redirect_uri": CALLBACK, **asked}
        asked = {name: value for name, value in asked.items() if value is not None}
        if method == "POST":
            return self.post("authorize", asked)
        return self.reply(f"/oauth/authorize?{urlencode(asked)}", headers=[("Host", "idp.test:1")])

    def answer(self, **asked):
        """What comes back to the client, by name."""
        return sent_back(self.authorize(**asked))

    def code(self, **asked):
        return self.answer(**asked)["code"]

    def redeem(self, code, client="shop:s3cret", redirect_uri=CALLBACK, **form):
        return self.token(
            client, grant_type="authorization_code", code=code, redirect_uri=redirect_uri, **form
        )

    def me(self, access_token, path="/me", method="GET"):
        return self.reply(path, method, headers=[("Authorization", f"Bearer {access_token}")])


def sent_back(reply):
    assert reply.status in {302, 303}, reply.body
    location = dict(reply.headers)[b"Location"].decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


@pytest.fixture
def provider():
    return Provider(config(algorithm="ES256"))  # whose key costs nothing


# --- real clients -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server():
    with MockServer(config()) as running:
        yield running
        assert running.complaints == []


@pytest.fixture(scope="module")
def metadata(server):
    return requests.get(f"{server.url}/.well-known/openid-configuration", timeout=10).json()


def test_client_credentials(server, metadata):
    with OAuth2Session("job", "geh eim", scope="read") as client:
        token = client.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        assert (token["token_type"], token["scope"], token["expires_in"]) == ("Bearer", "read", 3600)
        assert "refresh_token" not in token
        claims = client.get(f"{server.url}/me").json()
        assert (claims["sub"], claims["tier"], claims["client_id"]) == ("job", "gold", "job")
        assert client.post(f"{server.url}/write").status_code == 403


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_password_and_refresh(server, metadata, method):
    url = metadata["token_endpoint"]
    with OAuth2Session("shop", "s3cret", scope="write", token_endpoint_auth_method=method) as client:
        first = client.fetch_token(url, username="ada", password="pw")
        assert client.get(f"{server.url}/me").json()["roles"] == ["admin"]
        second = client.refresh_token(url, first["refresh_token"])
        assert second["refresh_token"] != first["refresh_token"]
        assert client.post(f"{server.url}/write").status_code == 200


def test_authorization_code_with_pkce_and_openid(server, metadata):
    with OAuth2Session(
        "app",
        scope="openid profile",
        redirect_uri="http://127.0.0.1:5000/done",
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
    ) as client:
        url, state = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-1", login_hint="ada"
        )
        back = requests.get(url, allow_redirects=False, timeout=10).headers["location"]
        assert back.startswith("http://127.0.0.1:5000/done?code=")
        token = client.fetch_token(
            metadata["token_endpoint"], authorization_response=back, code_verifier=VERIFIER, state=state
        )
        assert client.get(metadata["userinfo_endpoint"]).json() == {
            "sub": "ada",
            "email": "ada@example.test",
            "roles": ["admin"],
        }
        assert client.get(f"{server.url}/me").status_code == 200
    key = pyjwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(token["id_token"])
    claims = pyjwt.decode(
        token["id_token"], key, ["RS256"], audience="app", issuer=metadata["issuer"],
        options={"require": ["exp", "iat", "sub", "aud", "iss"]},
    )  # fmt: skip
    assert (claims["sub"], claims["nonce"], claims["email"]) == ("ada", "n-1", "ada@example.test")
    digest = hashlib.sha256(token["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    access = pyjwt.decode(token["access_token"], key, ["RS256"], audience=metadata["issuer"])
    assert (access["client_id"], access["scope"], access["iss"]) == ("app", "openid profile", server.url)
    assert pyjwt.get_unverified_header(token["access_token"])["typ"] == "at+jwt"


def test_introspection_and_revocation(server, metadata):
    with OAuth2Session("shop", "s3cret", scope="read") as client:
        token = client.fetch_token(metadata["token_endpoint"], username="bob", password="bob")

        def look(text):
            return client.introspect_token(metadata["introspection_endpoint"], token=text).json()

        assert look(token["access_token"])["active"] is True
        assert look(token["access_token"])["sub"] == "bob"
        assert look(token["refresh_token"])["username"] == "bob"
        assert look("nonsense") == {"active": False}
        assert client.get(f"{server.url}/me").status_code == 200
        done = client.revoke_token(metadata["revocation_endpoint"], token=token["access_token"])
        assert done.status_code == 200
        assert look(token["access_token"]) == {"active": False}
        assert look(token["refresh_token"])["active"] is True
        refused = client.get(f"{server.url}/me")
        assert (refused.status_code, refused.json()["message"]) == (401, "the token was revoked")


def test_a_code_is_good_once_whoever_is_first(server, metadata):
    asked = {
        "response_type": "code",
        "client_id": "shop",
        "redirect_uri": CALLBACK,
        "scope": "openid",
    }
    back = requests.get(
        f"{metadata['authorization_endpoint']}?{urlencode(asked)}", allow_redirects=False, timeout=10
    )
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}

    def redeem(_):
        return requests.post(metadata["token_endpoint"], data=form, auth=("shop", "s3cret"), timeout=10)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(redeem, range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


def test_the_key_outlives_a_reload(server):
    before = requests.get(f"{server.url}/oauth/jwks", timeout=10).json()
    server.reload()
    assert requests.get(f"{server.url}/oauth/jwks", timeout=10).json() == before
    assert set(before["keys"][0]) == {"kty", "n", "e", "kid", "use", "alg"}


# --- discovery ----------------------------------------------------------------------------------------------


def test_addresses_are_those_that_the_request_was_sent_to(provider):
    document = provider.json("/.well-known/openid-configuration", headers=[("Host", "localhost:9")])
    assert document["issuer"] == "http://localhost:9"
    assert document["token_endpoint"] == "http://localhost:9/oauth/token"
    assert document == provider.json(
        "/.well-known/oauth-authorization-server", headers=[("Host", "localhost:9")]
    )
    strange = provider.json("/.well-known/openid-configuration", headers=[("Host", 'x"><script>')])
    assert strange["issuer"] == "http://localhost"


def test_an_issuer_with_a_path():
    provider = Provider(config(issuer="https://idp.test/realms/x", path="/o", algorithm="ES256"))
    for path in (
        "/.well-known/openid-configuration",
        "/realms/x/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/realms/x",
    ):
        document = provider.json(path, headers=[("Host", "idp.test")])
        assert document["issuer"] == "https://idp.test/realms/x"
        assert document["token_endpoint"] == "https://idp.test/o/token"
    elsewhere = provider.json("/.well-known/openid-configuration", headers=[("Host", "localhost:1")])
    assert (elsewhere["issuer"], elsewhere["jwks_uri"]) == (
        "https://idp.test/realms/x",
        "http://localhost:1/o/jwks",
    )


def test_all_addresses_answer(provider):
    document = provider.json("/.well-known/openid-configuration", headers=[("Host", "a.test")])
    for name, url in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert provider.status(urlsplit(url).path, "POST" if name != "jwks_uri" else "GET") != 404, name


# --- the token endpoint -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "client", "status", "error"),
    [
        ({}, "shop:s3cret", 400, "invalid_request"),
        ({"grant_type": "magic"}, "shop:s3cret", 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, None, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, "shop:wrong", 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, "shop", 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, "nobody:x", 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "job"}, "shop:s3cret", 400, "invalid_request"),
        ({"grant_type": "client_credentials", "client_secret": "s3cret"}, "shop:s3cret", 400, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": "app", "client_secret": "x"}, None, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "app"}, None, 400, "unauthorized_client"),
        ({"grant_type": "client_credentials", "scope": "admin"}, "job:geh+eim", 400, "invalid_scope"),
        ({"grant_type": "password", "username": "ada"}, "shop:s3cret", 400, "invalid_request"),
        ({"grant_type": "password", "username": "ada", "password": "x"}, "shop:s3cret", 400, "invalid_grant"),
        ({"grant_type": "password", "username": "eve", "password": "x"}, "shop:s3cret", 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "shop:s3cret", 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x"}, "shop:s3cret", 400, "invalid_grant"),
        ([("grant_type", "password"), ("grant_type", "password")], "shop:s3cret", 400, "invalid_request"),
    ],
)  # fmt: skip
def test_errors_of_the_token_endpoint(provider, form, client, status, error):
    reply = provider.post("token", form, client)
    headers = dict(reply.headers)
    body = json.loads(reply.body)
    assert (reply.status, body["error"]) == (status, error)
    assert body["error_description"]
    assert (b"WWW-Authenticate" in headers) is (status == 401)
    assert headers[b"Cache-Control"] == b"no-store"


def test_only_forms_are_read_and_only_posts(provider):
    assert (
        provider.json("/oauth/token", "POST", body={"grant_type": "password"})["error"] == "invalid_request"
    )
    assert provider.status("/oauth/token") == 405
    basic = [("Authorization", "Basic !"), ("Content-Type", "application/x-www-form-urlencoded")]
    assert provider.json("/oauth/token", "POST", headers=basic)["error"] == "invalid_client"
    other = [("Authorization", "Bearer x"), ("Content-Type", "application/x-www-form-urlencoded")]
    assert provider.json("/oauth/token", "POST", headers=other)["error"] == "invalid_client"


def test_scopes_that_are_not_asked_for(provider):
    assert provider.token("job:geh+eim", grant_type="client_credentials")["scope"] == "read write"
    assert provider.token("shop:s3cret", grant_type="client_credentials")["scope"] == ""
    asked = provider.token("job:geh+eim", grant_type="client_credentials", scope="read openid")
    assert asked["scope"] == "read openid"


def test_tokens_expire(provider):
    token = provider.token(grant_type="client_credentials")["access_token"]
    assert provider.me(token).status == 200
    provider.now += 3600
    assert "expired" in json.loads(provider.me(token).body)["message"]


def test_refresh_tokens_are_good_once(provider):
    first = provider.token(grant_type="password", username="ada", password="pw", scope="read openid")
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = provider.token(**again, scope="read")
    assert (second["scope"], "id_token" in second) == ("read", False)
    assert provider.me(second["access_token"]).status == 200
    replay = provider.token(**again)
    assert "used before" in replay["error_description"]
    assert provider.me(second["access_token"]).status == 401  # somebody has stolen one of them
    third = provider.token(grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert "revoked" in third["error_description"]


def test_refresh_tokens_have_an_owner_an_end_and_their_scopes(provider):
    def fresh():
        return provider.token(grant_type="password", username="ada", password="pw", scope="read")[
            "refresh_token"
        ]

    def error(text, client="shop:s3cret", **form):
        return provider.token(client, grant_type="refresh_token", refresh_token=text, **form)["error"]

    assert error(fresh(), "plain:x") == "invalid_grant"
    assert error(fresh(), scope="read write") == "invalid_scope"
    late = fresh()
    provider.now += 30 * 86_400
    assert error(late) == "invalid_grant"


def test_revoking_a_refresh_token_ends_its_grant(provider):
    token = provider.token(grant_type="password", username="ada", password="pw")
    stranger = provider.post("revoke", {"token": token["refresh_token"]}, "plain:x")
    assert json.loads(stranger.body)["error"] == "invalid_grant"
    assert provider.post("revoke", {"token": token["refresh_token"]}, "shop:s3cret").status == 200
    assert provider.me(token["access_token"]).status == 401
    refreshed = provider.token(grant_type="refresh_token", refresh_token=token["refresh_token"])
    assert refreshed["error"] == "invalid_grant"
    assert provider.post("revoke", {"token": "unknown"}, "shop:s3cret").status == 200
    assert provider.post("revoke", {}, "shop:s3cret").status == 400
    assert provider.post("revoke", {"token": "x"}).status == 401


def test_who_may_look_into_tokens(provider):
    assert provider.post("introspect", {"token": "x", "client_id": "app"}).status == 400
    assert provider.post("introspect", {"token": "x"}).status == 401
    assert provider.post("introspect", {}, "shop:s3cret").status == 400


# --- the authorization endpoint -----------------------------------------------------------------------------


def test_a_code_for_the_first_user(provider):
    back = provider.answer(state="s t", scope="openid")
    assert (back["state"], back["iss"], back["x"]) == ("s t", "http://idp.test:1", "1")
    token = provider.redeem(back["code"])
    assert json.loads(provider.me(token["access_token"]).body)["sub"] == "ada"
    assert provider.redeem(back["code"])["error"] == "invalid_grant"
    assert provider.me(token["access_token"]).status == 401  # RFC 6749 section 4.1.2


@pytest.mark.parametrize("hint", ["bob", "ada", "ada@example.test"])
def test_a_code_for_the_user_that_login_hint_names(provider, hint):
    token = provider.redeem(provider.code(login_hint=hint))
    assert json.loads(provider.me(token["access_token"]).body)["sub"] == hint.partition("@")[0]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S512"}, "invalid_request"),
        ({"client_id": "app", "redirect_uri": "http://127.0.0.1:7/done"}, "invalid_request"),
        ({"login_hint": "eve"}, "access_denied"),
    ],
)
def test_errors_that_go_back(provider, asked, error):
    back = provider.answer(**asked, state="s")
    assert (back["error"], back["state"], "code" in back) == (error, "s", False)


@pytest.mark.parametrize(
    "asked",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://evil.test/"},
        {"redirect_uri": CALLBACK + "&more"},
        {"redirect_uri": None},  # there are two
        {"client_id": "job", "redirect_uri": CALLBACK},
    ],
)
def test_nobody_is_sent_to_an_unknown_address(provider, asked):
    reply = provider.authorize(**asked)
    assert (reply.status, b"Location" in dict(reply.headers)) == (400, False)


def test_the_only_redirect_uri_may_be_left_out(provider):
    code = provider.code(
        client_id="app", redirect_uri=None, code_challenge=CHALLENGE, code_challenge_method="S256"
    )
    form = {"grant_type": "authorization_code", "code": code, "client_id": "app", "code_verifier": VERIFIER}
    assert "access_token" in provider.token(None, **form)


@pytest.mark.parametrize(
    ("asked", "form", "is_good"),
    [
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, {"code_verifier": VERIFIER}, True),
        ({"code_challenge": VERIFIER}, {"code_verifier": VERIFIER}, True),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, {"code_verifier": "w" * 50}, False),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, {"code_verifier": "short"}, False),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, {}, False),
        ({}, {"code_verifier": VERIFIER}, False),
        ({}, {"redirect_uri": "https://shop.test/other"}, False),
        ({}, {"client": "plain:x"}, False),
    ],
)
def test_redeeming_a_code(provider, asked, form, is_good):
    answer = provider.redeem(provider.code(**asked), **form)
    assert answer.get("error") == (None if is_good else "invalid_grant")


def test_codes_expire(provider):
    code = provider.code()
    provider.now += 60
    assert provider.redeem(code)["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("registered", "asked", "same"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb", True),
        ("http://[::1]/cb", "http://[::1]:5000/cb", True),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5000/other", False),
        ("http://127.0.0.1:80/cb", "http://127.0.0.1:81/cb", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:99999999/cb", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5000@evil.test/cb", False),
        ("http://127.0.0.1/cb", "http://evil.test:5000/cb", False),
        ("http://shop.test/cb", "http://shop.test:5000/cb", False),
        ("com.example.app:/cb", "com.example.app:/cb", True),
    ],
)
def test_which_addresses_are_the_same(registered, asked, same):
    assert is_same_uri(registered, asked) is same


# --- the page -----------------------------------------------------------------------------------------------


def fill_in(page, **fields):
    """What a browser sends for the form of a page."""
    found = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.body.decode()))
    return {**{name: value.replace("&amp;", "&") for name, value in found.items()}, **fields}


def test_logging_in_on_the_page():
    provider = Provider(config(login="form", algorithm="ES256"))
    page = provider.authorize(state="a&b", scope="openid", login_hint='<b>"')
    text = page.body.decode()
    assert (page.status, "<b>" in text) == (200, False)
    assert '<label for="username">' in text
    assert '<html lang="en">' in text
    wrong = provider.authorize("POST", **fill_in(page, username="bob", password="x"))
    assert (wrong.status, b'role="alert"' in wrong.body, b'value="bob"' in wrong.body) == (401, True, True)
    reply = provider.authorize("POST", **fill_in(wrong, username="bob", password="bob"))
    back = sent_back(reply)
    assert (reply.status, back["state"]) == (303, "a&b")
    token = provider.redeem(back["code"])
    assert json.loads(provider.me(token["access_token"]).body)["sub"] == "bob"
    assert provider.answer(prompt="none")["error"] == "login_required"


def test_without_users_nobody_logs_in():
    provider = Provider(config(users={}, algorithm="ES256"))
    assert provider.answer()["error"] == "access_denied"


@pytest.mark.parametrize("sent", ["a+b%20c", quote_plus("a+b%20c")])
def test_a_secret_by_basic_is_encoded_or_as_most_clients_send_it(sent):
    provider = Provider(config(clients={"job": "a+b%20c"}))
    assert "access_token" in provider.token(f"job:{sent}", grant_type="client_credentials")
    assert provider.token("job:a b c", grant_type="client_credentials")["error"] == "invalid_client"


def test_nothing_large_is_kept(provider):
    large = "x" * 30_000
    answer = json.loads(provider.authorize("POST", nonce=large).body)
    assert answer["error_description"] == "the parameter nonce is longer than 20000 characters"
    assert provider.token(grant_type="refresh_token", refresh_token=large)["error"] == "invalid_request"


def test_a_description_has_only_what_may_stand_there(provider):
    answer = provider.token(grant_type='a"b\\c\N{SNOWMAN}\n')
    assert re.fullmatch(
        r"[\x20-\x21\x23-\x5B\x5D-\x7E]+", answer["error_description"]
    )  # RFC 6749 section 5.2


def test_what_was_revoked_stays_so_while_access_tokens_outlive_refresh_tokens():
    provider = Provider(config(access_token_ttl="10h", refresh_token_ttl="1h"))
    token = provider.token(grant_type="password", username="ada", password="pw")
    provider.post("revoke", {"token": token["refresh_token"]}, "shop:s3cret")
    rows = drive(provider.world.store.rows("", "oauth:revoked")).items
    assert [row["expires_at"] - provider.now for row in rows.values()] == [36_000]


# --- userinfo, logging out ----------------------------------------------------------------------------------


def test_userinfo_needs_openid(provider):
    plain = provider.token(grant_type="password", username="ada", password="pw", scope="read")
    reply = provider.me(plain["access_token"], "/oauth/userinfo")
    assert (reply.status, json.loads(reply.body)["error"]) == (403, "insufficient_scope")
    assert b'scope="openid"' in dict(reply.headers)[b"WWW-Authenticate"]
    assert provider.status("/oauth/userinfo") == 401


def test_an_id_token_is_no_access_token(provider):
    token = provider.token(grant_type="password", username="ada", password="pw", scope="openid")
    reply = provider.me(token["id_token"])
    assert (reply.status, "of the type 'JWT'" in json.loads(reply.body)["message"]) == (401, True)


def test_logging_out_leads_back(provider):
    back = "/oauth/logout?post_logout_redirect_uri="
    reply = provider.reply(back + "https://shop.test/bye&state=s")
    assert (reply.status, dict(reply.headers)[b"Location"]) == (302, b"https://shop.test/bye?state=s")
    assert provider.status(back + "https://evil.test/") == 400
    assert provider.status(back + "javascript:alert(1)") == 400
    assert provider.status("/oauth/logout") == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_way_back_cannot_bring_headers_along(provider, method):
    back = "https://shop.test/bye\r\nSet-Cookie: a=b\\\N{SNOWMAN}"
    asked = {"post_logout_redirect_uri": back}
    reply = (
        provider.post("logout", asked)
        if method == "POST"
        else provider.reply(f"/oauth/logout?{urlencode(asked)}")
    )
    location = dict(reply.headers)[b"Location"]
    assert location == b"https://shop.test/bye%0D%0ASet-Cookie:%20a=b%5C%E2%98%83"
    assert b"\nSet-Cookie" not in reply.start


# --- keys, issuers, problems --------------------------------------------------------------------------------


def test_a_key_from_a_file(tmp_path):
    key = ec.generate_private_key(ec.SECP384R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(pem)
    written = config(algorithm="ES384", key_file="key.pem", issuer="http://me.test", audience="api")
    (tmp_path / "understudy.json").write_text(json.dumps(written))
    provider = Provider(tmp_path / "understudy.json")
    token = provider.token(grant_type="client_credentials")["access_token"]
    claims = pyjwt.decode(
        token,
        key.public_key(),
        ["ES384"],
        audience="api",
        issuer="http://me.test",
        options={"verify_exp": False},
    )
    assert claims["sub"] == "shop"
    assert provider.me(token).status == 200
    (jwk,) = provider.json("/oauth/jwks")["keys"]
    assert (jwk["alg"], "d" in jwk) == ("ES384", False)
    assert jwk["kid"] == pyjwt.get_unverified_header(token)["kid"]


@pytest.mark.parametrize(("algorithm", "size"), [("RS256", 16), ("ES384", 24), ("PS512", 32), ("EdDSA", 32)])
def test_the_hash_of_an_access_token(algorithm, size):
    assert len(at_hash("x", algorithm)) == -(-size * 4 // 3)


@pytest.mark.parametrize(
    ("more", "path", "text"),
    [
        ({"clients": {"a": {}}}, "auth.provider.clients.a", "has a `secret`, or is `public: true`"),
        ({"key_file": "key.pem"}, "auth.provider.key_file", "no private key for RS256"),
        ({"key_file": "none.pem"}, "auth.provider.key_file", "cannot be read"),
    ],
)
def test_problems(more, path, text, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "key.pem").write_bytes(public)
    (tmp_path / "understudy.json").write_text(json.dumps(config(**more)))
    with pytest.raises(ConfigError) as caught:
        build(tmp_path / "understudy.json")
    assert (path, True) in [(one.path, text in str(one)) for one in caught.value.problems]
