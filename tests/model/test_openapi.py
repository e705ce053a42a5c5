"""What is written about OpenAPI documents."""

import msgspec
import pytest

from understudy.model import Config, OpenApi, each_openapi
from understudy.model.convert import convert


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ([], ()),
        ("a.yaml", (((), OpenApi(spec="a.yaml")),)),
        ({"spec": "a.yaml", "prefix": "/a"}, (((), OpenApi(spec="a.yaml", prefix="/a")),)),
        (["a.yaml", {"spec": "b.yaml"}], (((0,), OpenApi(spec="a.yaml")), ((1,), OpenApi(spec="b.yaml")))),
    ],
)
def test_each_document_has_a_long_form_and_a_place(written, found):
    assert each_openapi(convert({"openapi": written}, Config).openapi) == found


@pytest.mark.parametrize(
    ("settings", "page"),
    [
        ({}, "/docs"),
        ({"prefix": "/a/"}, "/a/docs"),
        ({"docs": "/help", "prefix": "/a"}, "/a/help"),
        ({"docs": True}, "/docs"),
        ({"docs": False}, None),
    ],
)
def test_where_the_page_is(settings, page):
    assert OpenApi(spec="a.yaml", **settings).page == page


@pytest.mark.parametrize(
    "wrong",
    [
        {"spec": ""},
        {"spec": "a", "prefix": "a"},
        {"spec": "a", "prefix": "/{a}"},
        {"spec": "a", "dynamic": "always"},
        {"spec": "a", "validate": "maybe"},
        {"spec": "a", "docs": "help"},
        {"spec": "a", "operations": {"listPets": {"path": "/a"}}},
    ],
)
def test_what_is_refused(wrong):
    with pytest.raises(msgspec.ValidationError):
        convert({"openapi": wrong}, Config)
