"""Which response, and in which media type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.openapi.documents import answers_of
from understudy.openapi.negotiate import choose_offer, offers_of, response_for, usual_response


def responses(*statuses):
    return answers_of({status: {"description": ""} for status in statuses})._responses


def offers(*types, examples=()):
    content = {name: {"example": 1} if name in examples else {} for name in types}
    (response,) = answers_of({"200": {"description": "", "content": content}})._responses
    return offers_of(response, 200)


@pytest.mark.parametrize(
    ("documented", "status", "sent"),
    [
        (["404", "201", "200"], "200", 200),
        (["2XX", "204"], "204", 204),
        (["2XX", "default"], "2XX", 200),
        (["404", "default"], "default", 200),
        (["500", "404", "301"], "301", 301),
        (["4XX", "404"], "404", 404),
        (["100", "404"], "404", 404),
    ],
)
def test_the_usual_response(documented, status, sent):
    found = usual_response(responses(*documented))
    assert found is not None
    assert (found[0].status, found[1]) == (status, sent)


@pytest.mark.parametrize("documented", [[], ["100"], ["1XX", "101"]])
def test_nothing_can_be_sent(documented):
    assert usual_response(responses(*documented)) is None


@pytest.mark.parametrize(
    ("documented", "wanted", "status", "sent"),
    [
        (["404", "4XX"], (404,), "404", 404),
        (["4XX", "404"], (404,), "404", 404),
        (["4XX", "400"], (422, 400), "4XX", 422),
        (["400", "default"], (422, 400), "400", 400),
        (["default"], (415, 422), "default", 415),
    ],
)
def test_the_response_for_a_status(documented, wanted, status, sent):
    found = response_for(responses(*documented), wanted)
    assert found is not None
    assert (found[0].status, found[1]) == (status, sent)


def test_no_response_for_a_status():
    assert response_for(responses("200", "5XX"), (404,)) is None


@pytest.mark.parametrize(
    ("types", "examples", "order"),
    [
        (["text/plain", "application/json"], [], ["application/json", "text/plain"]),
        (["a/b+json", "application/json"], ["a/b+json"], ["application/json", "a/b+json"]),
        (["text/csv", "text/plain"], ["text/plain"], ["text/plain", "text/csv"]),
        (["text/plain", "a/b+json"], ["text/plain"], ["a/b+json", "text/plain"]),
        (["*/*"], [], ["application/json", "application/xml", "text/plain"]),
        (["image/*", "text/*"], [], ["image/png", "text/plain"]),
        (["font/*", "model/*"], [], ["font/woff2", "model/gltf-binary"]),
        (["odd/*"], [], ["application/octet-stream"]),
        (["no type"], [], ["*/*"]),
    ],
)
def test_what_is_offered(types, examples, order):
    assert [offer.type for offer in offers(*types, examples=examples)] == order


def test_statuses_without_a_body_offer_nothing():
    (response,) = answers_of({"204": {"description": "", "content": {"application/json": {}}}})._responses
    assert offers_of(response, 204) == ()


def test_what_is_sent_as_the_content_type():
    sent = {
        offer.type: offer.sent
        for offer in offers("text/plain", "text/csv; charset=latin1", "odd", "a/b; c=d")
    }
    assert sent == {
        "text/plain": "text/plain; charset=utf-8",
        "text/csv; charset=latin1": "text/csv; charset=latin1",
        "*/*": "odd",
        "a/b; c=d": "a/b; c=d",
    }


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/xml", "application/xml"),
        ("application/xml, application/json", "application/xml"),
        ("application/json, application/xml", "application/json"),
        ("text/*, application/json, application/xml", "application/json"),
        ("application/xml, application/json;q=0.9", "application/xml"),
        ("application/json;q=0, */*", "text/plain"),
        ("text/*", "text/plain"),
        ("text/html, text/plain;q=0.1", "text/plain"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml"),
        ("application/json; version=2; q=0.5", "application/json"),
        ('application/xml; a="b,;c"', "application/xml"),
        ("text/xml", "application/xml"),
        ("image/png", None),
        ("application/json;q=0", None),
        ("nonsense", "application/json"),
    ],
)
def test_what_a_client_accepts(accept, chosen):
    found = choose_offer(accept, offers("text/plain", "application/xml", "application/json"))
    assert (found.type if found else None) == chosen


@pytest.mark.parametrize(
    ("types", "accept", "chosen"),
    [
        (["application/problem+json"], "application/json", "application/problem+json"),
        (["application/hal+json", "text/plain"], "application/json, text/plain;q=0.5", "text/plain"),
        (["application/atom+xml"], "application/xml", "application/atom+xml"),
        (["application/json"], "application/vnd.x+json", None),
        (["odd"], "*/*", "*/*"),
        (["odd"], "text/plain", None),
    ],
)
def test_types_of_their_own(types, accept, chosen):
    found = choose_offer(accept, offers(*types))
    assert (found.type if found else None) == chosen


@given(st.text(alphabet='*/;q=0.5,"ajsontex \\', max_size=60))
def test_any_header_has_an_outcome(accept):
    offered = offers("text/plain", "application/json")
    assert choose_offer(accept, offered) in (None, *offered)


def test_a_hostile_header_takes_no_time():
    offered = offers("text/plain")
    for text in (";" * 100_000, ";a=" * 30_000, '"' * 100_000, "a/b;" + " " * 100_000, ';a="\\' * 30_000):
        choose_offer(text, offered)
