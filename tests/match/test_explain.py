from tests.match.test_index import Candidate
from understudy.match import explain_miss
from understudy.match.explain import MAX_COMPARED, differences
from understudy.request import Request


def asked(method, path):
    request = Request(method, path.encode())
    request.path = path
    return request


def named(*rows):
    entries = []
    for order, (method, path) in enumerate(rows):
        entry = Candidate(path, frozenset({method}), order=order)
        entry.name = f"{method} {path}"
        entries.append(entry)
    return entries


def test_the_nearest_three_come_first():
    entries = named(
        ("GET", "/api/users"),
        ("GET", "/api/orders"),
        ("POST", "/api/users"),
        ("GET", "/health"),
        ("GET", "/api/user/{id}"),
    )
    nearest = explain_miss(entries, asked("GET", "/api/usres"))
    assert [row["endpoint"] for row in nearest][:2] == ["GET /api/users", "POST /api/users"]
    assert len(nearest) == 3


def test_a_base_path_that_is_forgotten_is_what_is_missing():
    entries = named(
        ("GET", "/docs"), ("GET", "/v2/orders"), ("POST", "/v2/users"), ("GET", "/v2/users/{id:int}")
    )
    nearest = explain_miss(entries, asked("GET", "/users/7"))
    assert nearest[0]["path"] == "/v2/users/{id:int}"
    assert nearest[0]["differs"][0]["why"] == "/v2 is missing at the beginning"
    assert explain_miss(entries, asked("POST", "/users"))[0]["endpoint"] == "POST /v2/users"
    assert "missing" not in str(explain_miss(entries, asked("GET", "/")))


def test_each_differing_field_is_named():
    (entry,) = named(("POST", "/api/users/{id:int}"))
    assert differences(entry, asked("GET", "/api/users/x")) == [
        {"field": "method", "expected": "POST", "found": "GET"},
        {
            "field": "path",
            "expected": "/api/users/{id:int}",
            "found": "/api/users/x",
            "why": "segment 3: 'x' does not fit {id:int}",
        },
    ]


def test_no_difference_means_a_match():
    (entry,) = named(("GET", "/a/{x}"))
    assert differences(entry, asked("HEAD", "/a/1")) == []


def test_reasons():
    def why(pattern, path):
        (entry,) = named(("GET", pattern))
        return differences(entry, asked("GET", path))[0].get("why")

    assert why("/Users", "/users") == "segment 1: upper and lower case differ"
    assert why("/a/b", "/a") == "the path ends before 'b'"
    assert why("/a", "/a/b/c") == "the path has 2 segments more"
    assert why("/a/x", "/a/y") == "segment 2: expected 'x', found 'y'"


def test_many_endpoints_are_not_all_compared_letter_by_letter():
    entries = named(*[("GET", f"/service/{number}") for number in range(MAX_COMPARED * 3)])
    nearest = explain_miss(entries, asked("GET", "/service/1x"))
    assert nearest[0]["path"].startswith("/service/1")
