"""The index must give exactly what a plain scan under the documented rule gives."""

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from understudy.match import Index, PathPattern, plain_scan, sort_key
from understudy.match.index import SortKey


@dataclass(eq=False)
class Candidate:
    path: str
    methods: frozenset[str]
    priority: int = 0
    order: int = 0
    conditional: bool = False
    pattern: PathPattern = field(init=False)
    sort_key: SortKey = field(init=False)
    conditions: None = None

    def __post_init__(self):
        self.pattern = PathPattern(self.path)
        self.sort_key = sort_key(self.priority, self.pattern, self.conditional, self.order)


def candidates(*paths, methods=("GET",)):
    return [Candidate(path, frozenset(methods), order=order) for order, path in enumerate(paths)]


SEGMENTS = st.sampled_from(
    ["a", "b", "A", "", "1", "{x}", "{y:int}", "{u:uuid}", "*", "v*", "{z}.json", "a{n:int}", "café", "a b"]
)
ENDS = st.sampled_from(["", "/**", "/{rest:path}", "/**/end"])
PATHS = st.builds(lambda segments, end: "/" + "/".join(segments) + end, st.lists(SEGMENTS, max_size=3), ENDS)
METHODS = st.frozensets(
    st.sampled_from(["GET", "POST", "HEAD", "DELETE", "OPTIONS", "ANY"]), min_size=1, max_size=2
)
ASKED = st.builds(
    lambda segments: "/" + "/".join(segments),
    st.lists(
        st.sampled_from(["a", "b", "A", "", "1", "-7", "v1", "x.json", "a3", "café", "a b", "end"]),
        max_size=4,
    ),
)


def distinct_parameters(path):
    try:
        PathPattern(path)
    except ValueError:
        return False
    return True


@st.composite
def endpoint_sets(draw):
    drawn = draw(
        st.lists(
            st.tuples(PATHS.filter(distinct_parameters), METHODS, st.integers(-1, 1), st.booleans()),
            max_size=12,
        )
    )
    return [
        Candidate(path, methods, priority, order, conditional)
        for order, (path, methods, priority, conditional) in enumerate(drawn)
    ]


@settings(max_examples=200)
@given(
    endpoint_sets(),
    ASKED,
    st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "PATCH"]),
    st.booleans(),
)
@example(candidates("/a/**", "/a"), "/a/", "GET", True)
@example(candidates("/**"), "/a/b", "GET", True)
@example(candidates("/**", "/a", "/**"), "/a/", "GET", False)
@example(candidates("/**", "/a"), "*", "GET", True)
@example(candidates("/**", "/{x}"), "/", "GET", True)
def test_index_gives_what_a_plain_scan_gives(entries, path, method, ignore):
    index = Index(entries, ignore_trailing_slash=ignore)
    route = index.find(path)
    found = () if route is None else route.for_method(method)
    expected = plain_scan(entries, path, method, ignore_trailing_slash=ignore)
    assert [entry.order for entry in found] == [entry.order for entry in expected]


@pytest.mark.parametrize(
    ("paths", "asked", "winner"),
    [
        (["/users/{id}", "/users/me"], "/users/me", "/users/me"),
        (["/users/{id}", "/users/{id:int}"], "/users/7", "/users/{id:int}"),
        (["/users/{id}", "/users/{id:int}"], "/users/x", "/users/{id}"),
        (["/**", "/users/*", "/users/{id}"], "/users/x", "/users/{id}"),
        (["/**", "/users/*"], "/users/x", "/users/*"),
        (["/a/**", "/a"], "/a", "/a"),
        (["/{x}/b", "/a/{y}"], "/a/b", "/a/{y}"),
        (["/first", "/first"], "/first", "/first"),
    ],
)
def test_more_specific_path_wins(paths, asked, winner):
    found = Index(candidates(*paths)).find(asked).for_method("GET")
    assert found[0].path == winner


def test_priority_beats_specificity():
    entries = [Candidate("/a", frozenset({"GET"})), Candidate("/**", frozenset({"GET"}), priority=1, order=1)]
    assert Index(entries).find("/a").for_method("GET")[0].path == "/**"


def test_an_endpoint_with_conditions_goes_before_one_without():
    entries = [
        Candidate("/a", frozenset({"GET"})),
        Candidate("/a", frozenset({"GET"}), order=1, conditional=True),
    ]
    assert Index(entries).find("/a").for_method("GET")[0].order == 1


def test_head_is_answered_by_get_but_prefers_its_own():
    entries = [Candidate("/a", frozenset({"GET"})), Candidate("/a", frozenset({"HEAD"}), order=1)]
    route = Index(entries).find("/a")
    assert [entry.order for entry in route.for_method("HEAD")] == [1, 0]
    assert route.allowed() == ["GET", "HEAD", "OPTIONS"]


def test_trailing_slash():
    lenient, strict = Index(candidates("/a", "/b/")), Index(candidates("/a"), ignore_trailing_slash=False)
    assert lenient.find("/a/") is not None
    assert lenient.find("/b") is not None
    assert strict.find("/a/") is None


def test_methods_that_clients_invent_use_no_memory():
    route = Index(candidates("/a")).find("/a")
    for number in range(1000):
        route.for_method(f"M{number}")
    assert len(route._by_method) <= 16
