import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.match import PARAMETER_TYPES, PathPattern, PathSyntaxError
from understudy.match.path import pattern_of
from understudy.model import RegexPath
from understudy.request import canonical_path


@pytest.mark.parametrize(
    ("pattern", "path", "values"),
    [
        ("/users", "/users", {}),
        ("/users", "/Users", None),
        ("/users/{id}", "/users/7", {"id": "7"}),
        ("/users/{id}", "/users/", None),
        ("/users/{id}", "/users/a/b", None),
        ("/users/{id:int}", "/users/-7", {"id": -7}),
        ("/users/{id:int}", "/users/7.5", None),
        ("/users/{id:int}", "/users/" + "9" * 19, None),
        ("/p/{x:float}", "/p/1.5", {"x": 1.5}),
        (
            "/p/{x:uuid}",
            "/p/123E4567-e89b-42d3-a456-426614174000",
            {"x": "123E4567-e89b-42d3-a456-426614174000"},
        ),
        ("/p/{x:uuid}", "/p/123", None),
        ("/p/{x:slug}", "/p/a-b_c", {"x": "a-b_c"}),
        ("/p/{x:slug}", "/p/-a", None),
        ("/p/{x:date}", "/p/2026-02-28", {"x": "2026-02-28"}),
        ("/p/{x:date}", "/p/2026-13-01", None),
        ("/files/{rest:path}", "/files/a/b", {"rest": "a/b"}),
        ("/files/{rest:path}", "/files", None),
        ("/files/{rest:path}/info", "/files/a/b/info", {"rest": "a/b"}),
        ("/v*/ping", "/v1/ping", {}),
        ("/v*/ping", "/v/ping", {}),
        ("/v*/ping", "/v1/x/ping", None),
        ("/*/x", "//x", None),
        ("/static/**", "/static", {}),
        ("/static/**", "/static/a/b", {}),
        ("/static/**", "/staticky", None),
        ("/a/**/z", "/a/z", {}),
        ("/a/**/z", "/a/b/c/z", {}),
        ("**", "/anything/at/all", {}),
        ("/{name}.json", "/report.json", {"name": "report"}),
        ("/{a}-{b}", "/x-y", {"a": "x", "b": "y"}),
        ("/caf%C3%A9", "/café", {}),
        ("/a.b", "/axb", None),
        ("/{x}", "/line\nbreak", {"x": "line\nbreak"}),
    ],
)
def test_match(pattern, path, values):
    assert PathPattern(pattern).match(path) == values


def test_an_encoded_slash_stays_inside_its_segment():
    pattern = PathPattern("/users/{name}")
    assert pattern.match(canonical_path(b"/users/a%2Fb")) == {"name": "a/b"}
    assert pattern.match(canonical_path(b"/users/100%25")) == {"name": "100%"}
    assert pattern.match(canonical_path(b"/users/a%252Fb")) == {"name": "a%2Fb"}


def test_regex_must_match_the_whole_path():
    pattern = PathPattern(RegexPath(regex=r"/v(?P<version>[12])/x"))
    assert pattern.match("/v1/x") == {"version": "1"}
    assert pattern.match("/v1/x/y") is None
    assert pattern.match("/v1/x\n") is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/{a", "brace"),
        ("/a}", "brace"),
        ("/{a}/{a}", "two parameters"),
        ("/{a:integer}", "not a type"),
        ("/x**", "stands alone"),
        ("/x{a:path}", "stands alone"),
        ("/{a b}", "brace"),
    ],
)
def test_a_path_that_cannot_be_read(path, text):
    with pytest.raises(PathSyntaxError, match=text):
        PathPattern(path)


@pytest.mark.parametrize("regex", ["(?=a)b", r"(a)\1"])
def test_a_regex_that_could_hang_is_refused(regex):
    with pytest.raises(PathSyntaxError, match="bounded time"):
        PathPattern(RegexPath(regex=regex))


def test_hostile_input_takes_linear_time():
    # With a backtracking engine each of these would take longer than the age of the universe.
    assert PathPattern(RegexPath(regex="/(a+)+b")).match("/" + "a" * 10_000) is None
    assert PathPattern("/{a}-{b}-{c}-{d}-{e}!").match("/" + "-" * 5_000) is None
    assert PathPattern("/" + "/".join(["**", "x"] * 8)).match("/" + "x/" * 3_000) is None


@given(st.sampled_from(sorted(PARAMETER_TYPES)), st.text(max_size=30))
def test_a_typed_parameter_never_raises(kind, text):
    pattern = PathPattern(f"/{{value:{kind}}}")
    found = pattern.match("/" + canonical_path(text.encode("utf-8", "replace")))
    assert found is None or set(found) == {"value"}


@given(st.binary(max_size=60))
def test_canonical_spelling_is_a_fixed_point(raw):
    path = canonical_path(raw)
    assert canonical_path(path.encode()) == path


def test_a_pattern_is_made_once():
    assert pattern_of("/a/{x}") is pattern_of("/a/{x}")
    for _ in range(2):
        with pytest.raises(PathSyntaxError):
            pattern_of("/a/{x}/{x}")


PIECES = st.sampled_from(["a", "b", "", "{x}", "{y:str}", "{z}", "a.b", "caf%C3%A9"])


@given(
    st.lists(PIECES, min_size=1, max_size=4),
    st.lists(st.sampled_from(["a", "b", "", "\n", "a.b", "axb", "café", "x%2Fy"]), max_size=5),
)
def test_plain_paths_need_no_regex(pieces, texts):
    """One that is written as a regular expression is its twin."""
    written = "/" + "/".join(pieces)
    try:
        pattern = PathPattern(written)
    except PathSyntaxError:
        return  # a parameter that is there twice
    names = {"{x}": "x", "{y:str}": "y", "{z}": "z"}
    regex = "/".join(
        f"(?P<{names[one]}>[^/]+)" if one in names else re.escape(canonical_path(one.encode()))
        for one in pieces
    )
    path = "/" + "/".join(texts)
    twin = PathPattern(RegexPath(regex=f"(?s)^/{regex}$"))
    assert pattern.match(path) == twin.match(path)
    assert pattern.fits(path) is twin.fits(path)


def test_a_literal_path_of_any_length_is_compared():
    long = "/" + "a" * 5_000_000
    pattern = PathPattern(long)
    assert pattern.fits(long)
    assert pattern.match(long) == {}
    assert pattern.match(long + "b") is None
    assert pattern.parameters == ()
