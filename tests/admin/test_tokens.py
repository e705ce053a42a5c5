import jwt
import pytest

from tests.kit import get
from understudy import MockServer

CONFIG = {
    "auth": {
        "schemes": {
            "main": {"jwt": {"secret": "a-secret-of-thirty-two-bytes-or-more", "algorithms": ["HS256"]}}
        }
    },
    "endpoints": [{"path": "/me", "auth": "main", "response": "{{ claims.sub }}"}],
}


@pytest.fixture(scope="module")
def server():
    with MockServer(CONFIG) as running:
        yield running


def token(server, body):
    return get(server, "/__token", "POST", body=body)


def test_a_token_that_the_server_takes(server):
    made = token(server, b'{"claims": {"sub": "ada"}, "scopes": ["read"]}').json()["token"]
    assert get(server, "/me", headers=f"Authorization: Bearer {made}\r\n").json() == "ada"
    claims = jwt.decode(made, "a-secret-of-thirty-two-bytes-or-more", algorithms=["HS256"])
    assert (claims["sub"], claims["scope"]) == ("ada", "read")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"scheme": "other"}', b'{"nonsense": 1}', b'{"algorithm": "none"}']
)
def test_what_cannot_be_made_is_told(server, body):
    refused = token(server, body)
    assert refused.status == 400
    assert refused.json()["error"]
