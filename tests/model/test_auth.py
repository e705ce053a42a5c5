import msgspec
import pytest

from understudy.model import Access, ApiKey, Auth, Client, Jwt, Provider, Scheme


@pytest.mark.parametrize(
    ("model", "written", "message"),
    [
        (Scheme, {"api_key": "k", "bearer": "t"}, "has one of .* and bearer"),
        (Scheme, {"oauth": False}, "write `oauth: true`"),
        (Scheme, {"bearer": []}, "length >= 1"),
        (Scheme, {"bearer": {"tokens": {}}}, "length >= 1"),
        (Scheme, {"bearer": ""}, "length >= 1"),
        (Scheme, {"bearer": "t", "realm": 'a"b'}, "matching regex"),
        (ApiKey, {"keys": ["k"], "header": "a", "query": "b"}, "header and query"),
        (Jwt, {"secret": "s", "key_file": "f"}, "secret and key_file"),
        (Jwt, {"algorithms": ["none"]}, "Invalid enum value"),
        (Access, {"use": "main", "bearer": "t"}, "use and bearer"),
        (Client, {"secret": "s", "public": True}, "a public client has no secret"),
        (Client, {"redirect_uris": ["/callback"]}, "matching regex"),
        (Provider, {"clients": {}}, "length >= 1"),
        (Provider, {"clients": {"a": "s"}, "path": "/oauth/"}, "matching regex"),
        (Provider, {"clients": {"a": "s"}, "issuer": "https://a.test/?x"}, "matching regex"),
        (Provider, {"clients": {"a": "s"}, "algorithm": "HS256"}, "Invalid enum value"),
    ],
)
def test_what_is_refused(model, written, message):
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.convert(written, model)


def test_short_forms():
    auth = msgspec.convert(
        {
            "schemes": {"a": {"api_key": "k"}, "b": {"bearer": ["t"]}, "c": {"jwt": "own"}},
            "provider": {"clients": {"shop": "s3cret", "app": {"public": True}}, "users": {"ada": "pw"}},
        },
        Auth,
    )
    assert [scheme.kind for scheme in auth.schemes.values()] == ["api_key", "bearer", "jwt"]
    assert auth.provider.clients["app"] == Client(public=True)
