"""Who is let in, where operations say so themselves."""

from tests.contract.kit import changes, document

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
OAUTH = {"type": "oauth2", "flows": {}}


def api(own, whole=(), **schemes):
    operation = {"responses": {"200": {"description": ""}}}
    if own is not None:
        operation["security"] = own
    return document({"/x": {"get": operation}}, components={"securitySchemes": schemes}, security=list(whole))


def found(old, new):
    return [(one.check, one.detail) for one in changes(old, new)]


def test_an_operation_goes_before_the_whole():
    assert found(api(None, [{"key": []}], key=KEY), api([], [{"key": []}], key=KEY)) == [
        ("security-removed", "key")
    ]


def test_two_at_once_are_more_than_one():
    one, both = api([{"a": []}], a=KEY, b=OAUTH), api([{"a": [], "b": ["read"]}], a=KEY, b=OAUTH)

    assert found(one, both) == [("security-alternative-removed", "a; needed: a and b (read)")]
    assert found(both, one) == [("security-alternative-added", "a")]


def test_tokens_are_sent_in_the_same_way_whoever_gives_them():
    bearer = {"type": "http", "scheme": "Bearer"}

    assert found(api([{"a": []}], a=OAUTH), api([{"a": []}], a=bearer)) == []
    assert found(api([{"a": []}], a=KEY), api([{"a": []}], a=bearer)) == [
        ("security-scheme-changed", "a: apiKey header X-Key → http Bearer")
    ]


def test_what_is_no_scheme_is_no_crash():
    assert found(api([{"a": 3}], a={}), api([{"b": []}])) == [
        ("security-alternative-removed", "a; needed: b"),
        ("security-alternative-added", "b"),
    ]
