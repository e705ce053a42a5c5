import argparse
import io
import json

import jwt as pyjwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from understudy import MockServer
from understudy.cli import token

SECRET = "a secret that is long enough for HS512, which asks for sixty-four bytes"
CONFIG = {
    "auth": {
        "schemes": {
            "main": {
                "jwt": {"secret": SECRET, "issuer": "me", "audience": "api", "claims": {"tenant": "acme"}}
            },
            "own": {"jwt": "own"},
            "fixed": {"bearer": "t"},
        }
    },
    "endpoints": [{"path": f"/{name}", "auth": name, "response": "{{ claims }}"} for name in ("main", "own")],
}


def run(*arguments):
    parser = argparse.ArgumentParser()
    token.add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    code = token.run(parser.parse_args([str(one) for one in arguments]), out, err)
    return code, out.getvalue().strip(), err.getvalue()


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "understudy.json"
    path.write_text(json.dumps(CONFIG))
    return path


def test_a_token_that_the_config_lets_in(config):
    code, text, _ = run(
        *(config, "--scheme", "main", "--claim", "sub=1", "--claim", "admin=true", "--claim", "name=Ada"),
        *("--scope", "read", "--scope", "write list", "--expires-in", "2h"),
    )
    claims = pyjwt.decode(text, SECRET, ["HS256"], audience="api", issuer="me")
    assert code == 0
    wanted = {"sub": "1", "admin": True, "name": "Ada", "scope": "read write list", "tenant": "acme"}
    assert {name: claims[name] for name in wanted} == wanted
    assert claims["exp"] - claims["iat"] == 7200
    with MockServer(config) as server:
        answer = requests.get(f"{server.url}/main", headers={"Authorization": f"Bearer {text}"}, timeout=10)
        assert answer.json() == claims


def test_an_expired_one(config):
    _, text, _ = run(config, "--scheme", "main", "--expires-in=-1m")
    with pytest.raises(pyjwt.ExpiredSignatureError):
        pyjwt.decode(text, SECRET, ["HS256"], audience="api")


def test_a_running_server_signs_with_its_own_key(config):
    with MockServer(config) as server:
        code, text, _ = run("--url", server.url, "--scheme", "own", "--claim", "sub=ada")
        answer = requests.get(f"{server.url}/own", headers={"Authorization": f"Bearer {text}"}, timeout=10)
        assert (code, answer.json()["sub"]) == (0, "ada")
        assert run("--url", server.url, "--scheme", "fixed")[0] == 2
        wrong = requests.post(f"{server.url}/__token", json={"claim": 1}, timeout=10)
        assert (wrong.status_code, "unknown field" in wrong.json()["error"]) == (400, True)
        nothing = requests.post(f"{server.url}/__token", timeout=10)
        assert "name the scheme" in nothing.json()["error"]


def test_the_provider_signs_where_there_is_no_scheme():
    config = {"auth": {"provider": {"clients": {"a": "b"}, "algorithm": "ES256"}}}
    with MockServer(config) as server:
        code, text, _ = run("--url", server.url, "--scope", "openid", "--claim", "sub=ada")
        info = requests.get(
            f"{server.url}/oauth/userinfo", headers={"Authorization": f"Bearer {text}"}, timeout=10
        )
        assert (code, info.json()) == (0, {"sub": "ada"})


def test_without_a_config(tmp_path):
    assert pyjwt.decode(run("--secret", SECRET, "--alg", "HS512")[1], SECRET, ["HS512"])["exp"]
    key = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    assert pyjwt.decode(run("--key", tmp_path / "key")[1], key.public_key(), ["EdDSA"])["exp"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--scheme", "own"], 2, "Try: understudy token --url http://127.0.0.1:8000"),
        (["--scheme", "fixed"], 2, "has fixed secrets"),
        (["--scheme", "nobody"], 2, "only: main, own"),
        ([], 2, "name the scheme"),
        (["--scheme", "main", "--alg", "RS256"], 2, "does not take RS256: HS256"),
        (["--url", "http://127.0.0.1:1"], 1, "no Understudy answers"),
        (["--url", "ftp://x"], 1, "an address looks like"),
        (["--key", "/nowhere/key"], 2, "cannot be read"),
    ],
)
def test_what_cannot_be_done(config, arguments, code, text):
    found = run(config, *arguments)
    assert (found[0], found[1]) == (code, "")
    assert text in found[2]


def test_a_public_key_cannot_sign(tmp_path):
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key").write_bytes(pem)
    code, _, text = run("--key", tmp_path / "key")
    assert (code, "only public keys" in text) == (2, True)


@pytest.mark.parametrize(
    "arguments", [["--claim", "x"], ["--expires-in", "soon"], ["--secret", "a", "--key", "b"]]
)
def test_what_is_no_option(arguments):
    with pytest.raises(SystemExit):
        run(*arguments)


def test_a_bad_config(tmp_path):
    (tmp_path / "understudy.json").write_text('{"prot": 1}')
    code, _, text = run(tmp_path / "understudy.json")
    assert (code, 'did you mean "port"?' in text) == (2, True)
