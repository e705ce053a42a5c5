"""Which recorded answer a request gets, and why it gets none."""

import gzip
import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.match.kinds.error import ConditionError
from understudy.model.record import RecordMatch
from understudy.record.exchange import BodyInFile, RecordedExchange, RecordedReply, RecordedRequest
from understudy.record.matching import Found, Keys, Miss, Shelf
from understudy.record.matching.differences import differences
from understudy.record.matching.keys import as_recorded, as_request
from understudy.record.matching.meaning import MAX_READ_BYTES
from understudy.request import Request, Rewritten, canonical_path
from understudy.views.codings import encoded

ORIGIN = "https://api.example.com"
JSON = (b"Content-Type", b"application/json")
FORM = (b"Content-Type", b"application/x-www-form-urlencoded")


def recorded(target="/", method="GET", body=b"", headers=(), id="", origin=ORIGIN, says=b""):
    request = RecordedRequest(method=method, origin=origin, target=target, headers=headers, body=body)
    return RecordedExchange(request=request, reply=RecordedReply(status=200, body=says), id=id)


def asked(target="/", method="GET", body=b"", headers=()):
    request = Request(method, target.encode(), headers, body)
    request.path = canonical_path(target.encode().partition(b"?")[0])
    return request


def part(which):
    return ((b"Range", f"bytes={which}".encode()),)


def shelf(*exchanges, then="repeat", redact=lambda request: request, **rules):
    made = Shelf(RecordMatch(**rules), then, redact)
    made.fill(exchanges)
    return made


def same(one, other, **rules):
    """Whether two requests, given as arguments of `asked`, are taken for one another; both ways."""
    keys = Keys(RecordMatch(**rules))
    ours, theirs = asked(*one), asked(*other)
    alike = keys.of(ours) == keys.of(theirs)
    assert (keys.of_recorded(as_recorded(ours)) == keys.of(theirs)) == alike
    assert (differences(keys, as_recorded(ours), theirs) == []) == alike
    return alike


# --- what counts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "rules", "wanted"),
    [
        (("/a", "GET", b"", part("0-1")), ("/a", "GET", b"", ((b"range", b"bytes=0-1"),)), {}, True),
        (("/a", "GET", b"", part("0-1")), ("/a", "GET", b"", part("2-3")), {}, False),
        (("/a", "GET", b"", part("0-1")), ("/a", "GET", b"", part("0-1") + part("2-3")), {}, False),
        (("/a", "GET", b"", part("0-1")), ("/a",), {"headers": ["Accept"]}, False),
        (("/a", "GET"), ("/a", "POST"), {}, False),
        (("/a", "GET"), ("/a", "POST"), {"method": False}, True),
        (("/a",), ("/A",), {}, False),
        (("/a",), ("/b",), {"path": False}, True),
        (("/caf%C3%A9",), ("/caf%c3%a9",), {}, True),
        (("/%61",), ("/a",), {}, True),
        (("/a%2Fb",), ("/a/b",), {}, False),
        (("/?a=1&b=2",), ("/?b=2&a=1",), {}, True),
        (("/?a=1&a=2",), ("/?a=2&a=1",), {}, False),
        (("/?a=x+y",), ("/?a=x%20y",), {}, True),
        (("/?a=1",), ("/",), {}, False),
        (("/?",), ("/",), {}, True),
        (("/?a=1",), ("/?a=2",), {"query": False}, True),
        (("/?a=1&_=5",), ("/?a=1&_=6",), {"ignore_query": ["_"]}, True),
        (("/?a=1&_=5",), ("/?a=1",), {"ignore_query": ["_"]}, True),
        (("/?a=1&b=2",), ("/?a=1&b=3",), {"query": ["a"]}, True),
        (("/?a=1&b=2",), ("/?a=2&b=2",), {"query": ["a"]}, False),
        (("/?" + "&" * 20_000 + "a",), ("/?" + "&" * 20_000 + "b",), {}, False),
    ],
)
def test_methods_paths_and_queries(one, other, rules, wanted):
    assert same(one, other, **rules) is wanted


def test_headers_that_count():
    ours = ("/", "GET", b"", ((b"Accept", b"a"), (b"accept", b"b"), (b"X", b"1")))
    assert same(ours, ("/", "GET", b"", ((b"ACCEPT", b"a, b"),)), headers=["Accept"])
    assert not same(ours, ("/", "GET", b"", ((b"ACCEPT", b"b, a"),)), headers=["Accept"])
    assert not same(ours, ("/",), headers=["accept"])
    assert same(("/",), ("/", "GET", b"", ((b"X", b"1"),)), headers=["Accept"])


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (b'{"a": 1, "b": [1.0]}', b'{"b":[1],"a":1.0}', True),
        (b"[1]", b"[true]", False),
        (b"[0]", b"[false]", False),
        (b"[0]", b"[-0.0]", True),
        (b"[1e300]", b"[1.0e300]", True),
        (b"[12345678901234567890123]", b"[12345678901234567890124]", False),
        (b'["1"]', b"[1]", False),
        (b"[null]", b"[]", False),
        (b'{"a":1}', b'{"a":1,"b":2}', False),
        (b"{]", b"{ ]", False),
        (b'"\xc3\xa9"', b'"\\u00e9"', True),
    ],
)
def test_json_is_compared_by_its_values(one, other, wanted):
    assert same(("/", "POST", one, (JSON,)), ("/", "POST", other, (JSON,))) is wanted


def test_json_is_json_whatever_its_type_says():
    assert same(("/", "POST", b'{"a":1}', (JSON,)), ("/", "POST", b'{ "a": 1.0 }', (FORM,)))
    assert not same(("/", "POST", b'{"a":1}'), ("/", "POST", b'{ "a": 1 }'), body="raw")
    assert same(("/", "POST", b'{"a":1}'), ("/", "POST", b"x"), body=False)


def test_deep_json_is_compared_by_its_bytes():
    deep = b"[" * 500 + b"1" + b"]" * 500
    assert same(("/", "POST", deep), ("/", "POST", deep))
    assert not same(("/", "POST", deep), ("/", "POST", deep.replace(b"1", b"1 ")))
    bottomless = b"[" * 100_000
    assert not same(("/", "POST", bottomless), ("/", "POST", bottomless + b"["))


def test_forms_are_compared_by_their_fields():
    assert same(("/", "POST", b"a=1&b=x%20y", (FORM,)), ("/", "POST", b"b=x+y&a=1", (FORM,)))
    assert not same(("/", "POST", b"a=1&a=2", (FORM,)), ("/", "POST", b"a=2&a=1", (FORM,)))
    rules = {"ignore_body": ["csrf", "$.nonce"]}
    ours = ("/", "POST", b"a=1&csrf=5&nonce=6", (FORM,))
    assert same(ours, ("/", "POST", b"a=1", (FORM,)), **rules)
    assert not same(ours, ("/", "POST", b"a=2", (FORM,)), **rules)


def multipart(boundary, *fields):
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n{kind}\r\n{value}\r\n'
        for name, more, kind, value in fields
    )
    header = (b"Content-Type", f"multipart/form-data; boundary={boundary}".encode())
    return ("/", "POST", f"{parts}--{boundary}--\r\n".encode(), (header,))


def test_multipart_is_compared_by_its_parts():
    text, file = ("a", "", "", "1"), ("f", '; filename="x.txt"', "Content-Type: text/plain\r\n", "hello")
    ours = multipart("one", text, file)
    assert same(ours, multipart("two", file, text))
    assert not same(ours, multipart("two", text, ("f", '; filename="y.txt"', file[2], "hello")))
    assert not same(ours, multipart("two", text, ("f", file[1], file[2], "hallo")))
    assert not same(ours, multipart("two", text))
    assert same(ours, multipart("two", ("a", "", "", "2"), file), ignore_body=["a"])
    as_json = "Content-Type: application/json\r\n"
    assert same(
        multipart("x", ("j", "", as_json, '{"a":1}')), multipart("y", ("j", "", as_json, '{"a":1.0}'))
    )
    assert not same((*multipart("one", text)[:2], b"--one", ours[3]), ("/", "POST", b"--two", ours[3]))


def test_xml_is_compared_by_its_canonical_form():
    kind = ((b"Content-Type", b"application/soap+xml"),)
    ours = ("/", "POST", b'<a xmlns:x="u" c="1" b="2"><x:d> t </x:d></a>', kind)
    assert same(
        ours, ("/", "POST", b'<?xml version="1.0"?><a b="2" c="1">\n <y:d xmlns:y="u">t</y:d></a>', kind)
    )
    assert not same(ours, ("/", "POST", b'<a c="1" b="2"><d>t</d></a>', kind))
    bomb = b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'
    assert not same(("/", "POST", bomb, kind), ("/", "POST", bomb + b" ", kind))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_compressed_bodies_are_compared_by_what_is_in_them(coding):
    headers = (JSON, (b"Content-Encoding", coding.encode()))
    packed = encoded(b'{"a": 1}', [coding])
    assert same(("/", "POST", packed, headers), ("/", "POST", b'{"a":1.0}', (JSON,)))
    assert not same(("/", "POST", packed, headers), ("/", "POST", b'{"a":2}', (JSON,)))


def test_a_bomb_is_compared_by_its_bytes():
    headers = ((b"Content-Encoding", b"gzip"),)
    one, other = (gzip.compress(bytes(20_000_000), level, mtime=0) for level in (1, 9))
    assert same(("/", "POST", one, headers), ("/", "POST", one, headers))
    assert not same(("/", "POST", one, headers), ("/", "POST", other, headers))


@pytest.mark.parametrize(
    ("rule", "one", "other", "wanted"),
    [
        ("id", {"id": 1, "n": [{"id": 2, "x": 1}]}, {"n": [{"x": 1}]}, True),
        ("$.id", {"id": 1, "n": {"id": 2}}, {"id": 3, "n": {"id": 2}}, True),
        ("$.id", {"id": 1, "n": {"id": 2}}, {"id": 3, "n": {"id": 3}}, False),
        ("$..t", {"a": [{"t": 1}, {"t": 2}]}, {"a": [{}, {"t": 4}]}, True),
        ("$.a[1:]", {"a": [1, 2, 3]}, {"a": [1]}, True),
        ("$.a[1:]", {"a": [1, 2, 3]}, {"a": [2]}, False),
        ("$", {"a": 1}, {"b": 2}, True),
        ("$.a[?@.x > 1]", {"a": [{"x": 1}, {"x": 5}]}, {"a": [{"x": 1}]}, True),
    ],
)
def test_fields_that_do_not_count(rule, one, other, wanted):
    bodies = [("/", "POST", json.dumps(value).encode(), (JSON,)) for value in (one, other)]
    assert same(*bodies, ignore_body=[rule]) is wanted


def test_what_is_no_json_path_is_refused_with_its_place():
    with pytest.raises(ConditionError) as refused:
        Keys(RecordMatch(ignore_body=["fine", "$.["]))
    assert refused.value.keys == ("ignore_body", 1)


def test_the_views_of_a_request_stay_as_they_were():
    request = asked("/", "POST", b'{"id": 1, "a": 1.0}', (JSON,))
    Keys(RecordMatch(ignore_body=["id", "$.a"])).of(request)
    assert request.json() == {"id": 1, "a": 1.0}


def test_the_server_counts_if_asked_for():
    keys = Keys(RecordMatch(host=True))
    wanted = keys.of_recorded(recorded("/x?a=1").request)
    for target, headers in (
        (f"{ORIGIN}/x?a=1", ()),
        ("https://API.example.com:443/x?a=1", ()),
        ("/x?a=1", ((b"Host", b"api.example.com"),)),
    ):
        request = Request("GET", target.encode(), headers)
        assert keys.of(request) == wanted
        assert as_recorded(request).target == "/x?a=1"
    for target, headers in (
        ("https://other.example.com/x?a=1", ()),
        ("https://api.example.com:8443/x?a=1", ()),
        ("/x?a=1", ()),
        ("/x?a=1", ((b"Host", b"localhost:8000"),)),
    ):
        assert keys.of(Request("GET", target.encode(), headers)) != wanted
    assert as_recorded(Request("GET", f"{ORIGIN}?a=1".encode())).url == f"{ORIGIN}/?a=1"


def test_requests_are_compared_as_they_were_sent():
    rewritten = Request("GET", Rewritten(b"/v2/users?b=1", b"/users?a=1"))
    rewritten.path = "/v2/users"
    assert isinstance(shelf(recorded("/users?a=1")).find(rewritten, ""), Found)


def test_bodies_in_files(tmp_path):
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b'{"a": 1}')
    size = MAX_READ_BYTES + 1
    large.write_bytes(b"[" + b" " * (size - 2) + b"]")
    keys = Keys(RecordMatch())
    in_small = recorded("/", "POST", BodyInFile(small, 8)).request
    in_large = recorded("/", "POST", BodyInFile(large, size)).request
    assert keys.of_recorded(in_small) == keys.of(asked("/", "POST", b'{"a":1.0}'))
    assert keys.of_recorded(in_large) == keys.of(asked("/", "POST", large.read_bytes()))
    assert keys.of_recorded(in_large) != keys.of(asked("/", "POST", b"[]"))
    found = differences(keys, in_large, asked("/", "POST", b"[]"))
    assert [(one.field, one.recorded, one.asked) for one in found] == [("body", f"{size} bytes", "2 bytes")]
    small.unlink()
    with pytest.raises(FileNotFoundError):
        keys.of_recorded(in_small)
    assert "cannot be read" in differences(keys, in_small, asked("/", "POST", b"[]"))[0].recorded


@pytest.mark.parametrize("rules", [{}, {"body": "raw"}, {"body": False}])
def test_a_body_that_was_not_sent_to_the_end_does_not_count(rules):
    cut = recorded("/up", "POST", b"some", id="cut")
    cut = replace(cut, request=replace(cut.request, is_whole=False))
    made = shelf(recorded("/up", "POST", b"known", id="whole"), **rules)
    made.add(cut)
    assert made.take(asked("/up", "POST", b"known"), "").exchange.id == "whole"
    assert made.take(asked("/up", "POST", b"anything else"), "").exchange.id == "cut"
    assert made.may_have(asked("/up", "POST"))
    assert isinstance(made.take(asked("/elsewhere", "POST", b"some"), ""), Miss)
    assert not differences(Keys(RecordMatch(**rules)), cut.request, asked("/up", "POST", b"x"))
    other = recorded("/up", "POST", b"x")
    ids = ["cut"] if rules.get("body", True) else ["whole", "cut"]
    assert [one.id for one in made.like(other)] == ids
    assert [one.id for one in made.like(cut)] == ids


# --- one after the other ------------------------------------------------------------------------------------


def ids(made, request, count, space=""):
    found = [made.take(request, space) for _ in range(count)]
    return [one.exchange.id if isinstance(one, Found) else None for one in found]


@pytest.mark.parametrize(
    ("then", "wanted"),
    [("repeat", "1 2 3 3 3 3 3"), ("cycle", "1 2 3 1 2 3 1"), ("error", "1 2 3 - - - -")],
)
def test_answers_come_in_the_order_of_recording(then, wanted):
    made = shelf(
        recorded("/", id="1"), recorded("/x", id="x"), recorded("/", id="2"), recorded("/", id="3"), then=then
    )
    assert [id or "-" for id in ids(made, asked(), 7)] == wanted.split()
    assert ids(made, asked(), 1, "other space") == ["1"]
    made.rewind("")
    assert ids(made, asked(), 1) == ["1"]
    assert ids(made, asked(), 1, "other space") == ["2"]
    made.rewind()
    assert ids(made, asked(), 1, "other space") == ["1"]
    assert [one.id for one in made.unused()] == ["x"]
    assert made.used == {"1", "2", "3"}


def not_modified(id, *condition):
    """A recorded 304 to a request with this condition."""
    return replace(recorded(headers=condition, id=id), reply=RecordedReply(status=304, framing="none"))


HAS_1, HAS_2 = (b"If-None-Match", b'"1"'), (b"if-none-match", b'"2"')
SINCE = (b"If-Modified-Since", b"Sat, 31 Jan 2026 12:00:00 GMT")


@pytest.mark.parametrize("then", ["repeat", "cycle", "error"])
def test_not_modified_is_only_for_who_has_that_version(then):
    made = shelf(recorded(id="200"), not_modified("304", HAS_1), then=then)
    fresh, known, stale = asked(), asked(headers=(HAS_1,)), asked(headers=(HAS_2,))
    assert ids(made, fresh, 2) == ["200", None if then == "error" else "200"]
    assert ids(made, known, 1) == ["304"]
    assert ids(made, stale, 1, "other") == ["200"]
    assert ids(made, stale, 1, "other") == [None if then == "error" else "200"]


def test_who_polls_gets_the_recorded_turns():
    made = shelf(not_modified("a", HAS_1), recorded(id="b"), not_modified("c", HAS_2))
    known = asked(headers=(HAS_1,))
    assert ids(made, known, 2) == ["a", "b"]
    assert ids(made, asked(headers=(HAS_2,)), 2) == ["c", "c"]
    assert ids(made, known, 1) == ["b"]


def test_a_lone_not_modified_is_none_for_others_and_says_why():
    made = shelf(not_modified("304", HAS_1))
    assert ids(made, asked(headers=(HAS_1,)), 2) == ["304", "304"]
    told = made.find(asked(), "").as_json()
    assert told["reason"] == "never recorded"
    assert told["nearest"][0]["differs"] == [
        {"field": "headers.if-none-match", "recorded": '"1"', "asked": None}
    ]
    assert "loosen" not in told["hint"]
    dated = shelf(not_modified("304", SINCE))
    assert ids(dated, asked(headers=(SINCE,)), 1) == ["304"]
    assert ids(dated, asked(headers=((SINCE[0], b"Sun, 01 Feb 2026 12:00:00 GMT"),)), 1) == ["304"]
    assert (
        dated.find(asked(), "").as_json()["nearest"][0]["differs"][0]["field"] == "headers.if-modified-since"
    )


def test_a_page_that_may_not_ask_is_told_how_to():
    ask_first = ((b"Origin", b"http://a"), (b"Access-Control-Request-Method", b"PUT"))
    made = shelf(recorded())
    assert (
        "--cors, or `cors: true`" in made.find(asked("/", "OPTIONS", headers=ask_first), "").as_json()["hint"]
    )
    assert "cors" not in made.find(asked("/", "OPTIONS"), "").as_json()["hint"]


def test_finding_takes_nothing():
    made = shelf(recorded(id="1"), recorded(id="2"), then="error")
    assert [made.find(asked(), "").exchange.id for _ in range(3)] == ["1", "1", "1"]
    assert ids(made, asked(), 2) == ["1", "2"]
    assert made.find(asked(), "").is_consumed
    assert made.has(asked())
    assert not made.has(asked("/other"))
    assert made.used == {"1", "2"}


@pytest.mark.parametrize(("then", "is_only"), [("repeat", True), ("cycle", True), ("error", False)])
def test_the_only_answer_is_said_to_be_it(then, is_only):
    made = shelf(recorded(id="1"), then=then)
    assert made.find(asked(), "").is_only is is_only
    made.add(recorded(id="2"))
    assert made.find(asked(), "").is_only is False
    alone = shelf(not_modified("304", HAS_1), then=then)
    assert not alone.find(asked(headers=(HAS_1,)), "").is_only, "others that have its key get nothing"


def test_head_gets_what_get_gets():
    made = shelf(recorded(id="get"))
    assert made.find(asked(method="HEAD"), "").exchange.id == "get"
    made.add(recorded(method="HEAD", id="head"))
    assert made.find(asked(method="HEAD"), "").exchange.id == "head"
    assert made.find(asked(), "").exchange.id == "get"
    assert isinstance(shelf(recorded(method="HEAD")).find(asked(), ""), Miss)


def test_what_changes_keeps_the_order():
    made = shelf(recorded(id="1"), recorded(id="2"), recorded(id="3"), then="error")
    assert ids(made, asked(), 2) == ["1", "2"]
    made.remove("1")
    assert ids(made, asked(), 1) == ["3"]
    made.add(recorded(id="4"))
    assert ids(made, asked(), 2) == ["4", None]
    made.replace(recorded(id="2", says=b"new"))
    made.rewind()
    assert made.find(asked(), "").exchange.reply.body == b"new"
    made.replace(recorded("/moved", id="3"))
    assert ids(made, asked("/moved"), 2) == ["3", None]
    assert ids(made, asked(), 3) == ["2", "4", None]
    made.replace(recorded(id="3"))
    made.rewind()
    assert ids(made, asked(), 3) == ["2", "3", "4"]
    assert [one.id for one in made.exchanges] == ["2", "3", "4"]
    assert len(made) == 3
    for id in ("2", "3", "4"):
        made.remove(id)
    assert not made.has(asked())
    for change in (made.remove, lambda id: made.replace(recorded(id=id))):
        with pytest.raises(KeyError):
            change("5")


def test_what_was_recorded_for_the_same_request():
    made = shelf(recorded("/?a=1", id="1"), recorded("/", id="2"), recorded("/?a=1", id="3"))
    assert [one.id for one in made.like(recorded("/?a=1"))] == ["1", "3"]
    assert made.like(recorded("/?a=2")) == ()
    assert made.get("2").request.target == "/"
    assert made.get("4") is None


def test_what_may_be_recorded_is_known_from_the_head():
    made = shelf(recorded("/a?key=***", "POST", b"{}", id="1"), recorded("/b", id="2"), redact=Hiding())
    assert made.may_have(asked("/a?key=s3cret", "POST", headers=((b"Content-Length", b"5"),)))
    assert made.may_have(asked("/b", "HEAD"))
    assert not made.may_have(asked("/a?key=s3cret", "PUT"))
    made.remove("2")
    assert not made.may_have(asked("/b"))
    assert not shelf().may_have(asked("/"))


def test_adding_a_known_id_replaces_it():
    made = shelf(recorded(id="1"))
    made.add(recorded("/x", id="1"))
    assert (len(made), made.has(asked("/x")), made.has(asked())) == (1, True, False)


def test_exchanges_without_ids_are_kept_apart():
    made = shelf(recorded(says=b"1"), recorded(says=b"2"))
    made.add(recorded(says=b"3"))
    assert [made.take(asked(), "").exchange.reply.body for _ in range(3)] == [b"1", b"2", b"3"]


def test_rules_change_after_recording():
    made = shelf(recorded("/?t=1", id="1"), recorded("/?t=2", id="2"))
    assert isinstance(made.take(asked("/?t=3"), ""), Miss)
    made.rekey(RecordMatch(ignore_query=["t"]), "cycle")
    assert ids(made, asked("/?t=3"), 3) == ["1", "2", "1"]
    with pytest.raises(ConditionError):
        made.rekey(RecordMatch(ignore_body=["$["]), "error")
    assert ids(made, asked("/?t=3"), 2) == ["2", "1"]


def test_positions_are_bounded(monkeypatch):
    monkeypatch.setattr("understudy.record.matching.shelf.MAX_POSITIONS", 50)
    made = shelf(recorded(id="1"), recorded(id="2"))
    assert ids(made, asked(), 1, "first") == ["1"]
    for number in range(50):
        made.take(asked(), f"space {number}")
    assert ids(made, asked(), 1, "first") == ["1"]
    assert ids(made, asked(), 1, "space 49") == ["2"]


# --- secrets ------------------------------------------------------------------------------------------------


class Hiding:
    """Redacts the query's `key`, and counts how often it is asked."""

    def __init__(self):
        self.count = 0

    def __call__(self, request):
        self.count += 1
        path, mark, query = request.target.partition("?")
        pairs = ["key=***" if pair.startswith("key=") else pair for pair in query.split("&")]
        target = path + mark + "&".join(pairs)
        return (
            request
            if target == request.target
            else RecordedRequest(
                method=request.method,
                origin=request.origin,
                target=target,
                headers=request.headers,
                body=request.body,
            )
        )


def test_secrets_are_taken_out_only_where_it_matters():
    hide = Hiding()
    made = shelf(recorded("/plain", id="plain"), recorded("/?key=***&a=1", id="secret"), redact=hide)
    assert ids(made, asked("/plain"), 3) == ["plain"] * 3
    assert hide.count == 0
    assert ids(made, asked("/?a=1&key=s3cret"), 3) == ["secret"] * 3
    assert hide.count == 1
    assert ids(made, asked("/?a=1&key=0ther"), 1) == ["secret"]
    assert ids(made, asked("/?a=1&key=s3cret", "HEAD"), 1) == ["secret"]
    assert ids(made, asked("/?a=2&key=s3cret"), 1) == [None]


def test_secrets_are_not_shown():
    made = shelf(recorded("/?key=***&a=1", id="1"), redact=Hiding())
    said = made.find(asked("/?key=s3cret&a=2"), "").as_json()
    assert "s3cret" not in json.dumps(said)
    assert said["nearest"][0]["differs"] == [{"field": "query.a", "recorded": "1", "asked": "2"}]


# --- why not ------------------------------------------------------------------------------------------------


def test_a_miss_names_what_is_nearest_and_each_part_that_differs():
    made = shelf(
        recorded("/users?page=1", id="users"),
        recorded("/orders", "POST", b'{"name": "Ann", "items": [1, 2]}', (JSON,), id="order"),
        recorded("/something/else", id="else"),
    )
    said = made.find(asked("/users?page=2&q=x"), "").as_json()
    assert said["error"] == "No recording found"
    assert said["reason"] == "never recorded"
    assert (said["method"], said["target"], said["recordings"]) == ("GET", "/users?page=2&q=x", 3)
    assert said["nearest"][0] == {
        "recording": "users",
        "method": "GET",
        "target": "/users?page=1",
        "differs": [
            {"field": "query.page", "recorded": "1", "asked": "2"},
            {"field": "query.q", "recorded": None, "asked": "x"},
        ],
    }
    assert "`ignore_query: [page, q]`" in said["hint"]
    assert "`once`" in said["hint"]
    body = b'{"name": "Bob", "items": [1]}'
    said = made.find(asked("/orders", "POST", body, (JSON,)), "").as_json()
    assert said["nearest"][0]["differs"] == [
        {"field": "body.$.name", "recorded": "Ann", "asked": "Bob"},
        {"field": "body.$.items[1]", "recorded": 2, "asked": None},
    ]
    assert "`ignore_body: [name, items]`" in said["hint"]
    said = made.find(asked("/user", "PUT"), "").as_json()
    assert [one["field"] for one in said["nearest"][0]["differs"]] == ["method", "path", "query.page"]
    assert "loosen" not in said["hint"]


def test_a_miss_is_a_404():
    reply = shelf().find(asked(), "").reply()
    assert reply.status == 404
    assert "nothing was recorded yet" in json.loads(reply.body)["hint"]
    assert json.loads(reply.body)["nearest"] == []


def test_what_was_consumed_is_told_apart():
    made = shelf(recorded(id="1"), recorded(id="2"), then="error")
    ids(made, asked(), 2)
    said = made.take(asked(), "").as_json()
    assert (said["reason"], said["times"], said["recorded"]) == ("already consumed", 2, ["1", "2"])
    assert "recorded twice" in said["hint"]
    assert made.take(asked(), "").exchange is None
    assert "twice" in made.take(asked(), "").short
    assert made.take(asked("/x"), "").short == "never recorded"


@pytest.mark.parametrize(
    ("rules", "one", "other", "fields"),
    [
        ({"headers": ["Accept"]}, ("/", "GET", b"", ((b"Accept", b"a"),)), ("/",), ["headers.accept"]),
        (
            {},
            ("/", "POST", b"a=1&b=2", (FORM,)),
            ("/", "POST", b"a=2&c=1", (FORM,)),
            ["body.a", "body.b", "body.c"],
        ),
        ({}, ("/", "POST", b"text"), ("/", "POST", b"next"), ["body"]),
        ({}, ("/", "POST", b"text"), ("/", "POST"), ["body"]),
        ({"body": "raw"}, ("/", "POST", b"\xff"), ("/", "POST", b"{}"), ["body"]),
        ({}, ("/", "POST", b"text"), ("/", "POST", b"{}"), ["body"]),
        ({}, ("/", "POST", b"[true]"), ("/", "POST", b"[1]"), ["body.$[0]"]),
        (
            {},
            multipart("b", ("a", "", "", "1")),
            multipart("b", ("a", "", "", "2"), ("b", "", "", "")),
            ["body.part a", "body.part b"],
        ),
        (
            {},
            ("/", "POST", b"<?xml version='1.0'?><a>1</a>"),
            ("/", "POST", b"<?xml version='1.0'?><a>2</a>"),
            ["body./a/text()"],
        ),
    ],
)
def test_each_part_that_differs_is_named(rules, one, other, fields):
    keys = Keys(RecordMatch(**rules))
    assert [found.field for found in differences(keys, as_recorded(asked(*one)), asked(*other))] == fields


def test_a_miss_among_many_is_explained_from_few():
    made = shelf(*(recorded(f"/items/{n}?page={n % 7}", id=str(n)) for n in range(3000)))
    said = made.find(asked("/items/2999?page=x"), "").as_json()
    assert said["nearest"][0]["recording"] == "2999"
    same_path = shelf(*(recorded(f"/graphql?n={n}&v={n}", id=str(n)) for n in range(3000)))
    said = same_path.find(asked("/graphql?n=777&v=x"), "").as_json()
    assert said["nearest"][0]["recording"] == "777"


# --- held against a plain scan ------------------------------------------------------------------------------

small = st.sampled_from(["a", "b", "1"])
values = st.recursive(
    st.sampled_from([0, 1, 1.0, True, False, None, "a", 0.5]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(small, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def requests(draw):
    query = "&".join(f"{name}={value}" for name, value in draw(st.lists(st.tuples(small, small), max_size=2)))
    target = "/" + draw(small) + (f"?{query}" if query else "")
    method = draw(st.sampled_from(["GET", "HEAD", "POST"]))
    body = (
        json.dumps(draw(values), indent=draw(st.sampled_from([None, 1]))).encode()
        if method == "POST"
        else b""
    )
    headers = ((b"X-A", draw(small).encode()),) if draw(st.booleans()) else ()
    return target, method, body, (*headers, JSON)


rules_of = st.fixed_dictionaries(
    {},
    optional={
        "method": st.booleans(),
        "path": st.booleans(),
        "query": st.booleans() | st.lists(small, max_size=2),
        "ignore_query": st.lists(small, max_size=1),
        "headers": st.just(["x-a"]),
        "body": st.booleans(),
        "ignore_body": st.lists(small, max_size=1),
    },
)


def equal_json(one, other):
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal_json, one, other))
    return one == other


def bare(value, names):
    if isinstance(value, dict):
        return {key: bare(item, names) for key, item in value.items() if key not in names}
    return [bare(item, names) for item in value] if isinstance(value, list) else value


def plain_same(match, one, other):
    """The rules, read out loud, one part after the other."""
    ours, theirs = asked(*one), asked(*other)
    if match.method and ours.method != theirs.method:
        return False
    if match.path and ours.path != theirs.path:
        return False
    for name in {*ours.query, *theirs.query}:
        counts = match.query is True or (match.query is not False and name in match.query)
        if counts and name not in match.ignore_query and ours.query.get(name) != theirs.query.get(name):
            return False
    if any(ours.header(name) != theirs.header(name) for name in match.headers):
        return False
    if not match.body:
        return True
    if not ours.body or not theirs.body:
        return ours.body == theirs.body
    names = match.ignore_body
    return equal_json(bare(json.loads(ours.body), names), bare(json.loads(theirs.body), names))


@settings(max_examples=100)
@given(
    kept=st.lists(requests(), max_size=8),
    wanted=st.lists(requests(), max_size=8),
    rules=rules_of,
    then=st.sampled_from(["repeat", "cycle", "error"]),
)
def test_the_index_gives_what_a_plain_scan_gives(kept, wanted, rules, then):
    match = RecordMatch(**rules)
    exchanges = [
        RecordedExchange(request=as_recorded(asked(*one)), id=str(number)) for number, one in enumerate(kept)
    ]
    made = shelf(*exchanges, then=then, **rules)
    taken: dict[tuple, int] = {}
    for one in [*wanted, *kept]:
        fits = [number for number, other in enumerate(kept) if plain_same(match, other, one)]
        if not fits and one[1] == "HEAD" and match.method:
            as_get = (one[0], "GET", *one[2:])
            fits = [number for number, other in enumerate(kept) if plain_same(match, other, as_get)]
        count = taken.get(tuple(fits), 0)
        taken[tuple(fits)] = count + 1
        if count >= len(fits):
            count = (
                {"repeat": len(fits) - 1, "cycle": count % len(fits), "error": None}[then] if fits else None
            )
        expected = None if count is None else str(fits[count])
        assert ids(made, asked(*one), 1) == [expected]
        assert made.has(asked(*one)) == bool(fits)


@given(
    target=st.binary(max_size=40),
    body=st.binary(max_size=60),
    kind=st.sampled_from(
        [b"application/json", b"text/xml", FORM[1], b"multipart/form-data; boundary=b", b"x"]
    ),
    coding=st.sampled_from([b"", b"gzip", b"br", b"gzip, zstd"]),
)
def test_any_request_has_a_key_and_an_explanation(target, body, kind, coding):
    headers = ((b"Content-Type", kind), (b"Content-Encoding", coding), (b"Host", target))
    request = Request("POST", b"/" + target.replace(b"://", b""), headers, body)
    made = shelf(recorded("/a", "POST", b"{}", (JSON,)), ignore_body=["$..a", "b"], host=True)
    found = made.find(request, "")
    if isinstance(found, Miss):
        json.dumps(found.as_json())
    again = as_request(as_recorded(request))
    with suppress(UnicodeDecodeError):
        target.decode()
        assert Keys(RecordMatch()).of(again) == Keys(RecordMatch()).of(request)


def test_another_part_is_no_answer_and_no_rule_makes_it_one():
    on_it = shelf(recorded("/a", headers=part("0-1"), id="a"))
    miss = on_it.take(asked("/a", headers=part("2-3")), "")
    assert isinstance(miss, Miss)
    told = str(miss.as_json())
    assert "headers.range" in told
    assert "headers without" not in told


@pytest.mark.parametrize("rules", [{}, {"headers": ["Accept", "X-Range"]}])
def test_a_part_may_be_cut_from_the_whole(rules):
    made = shelf(
        recorded("/a", headers=part("0-1"), id="part"),
        recorded("/a", id="whole"),
        recorded("/a", "POST", id="post"),
        **rules,
    )
    for method in ("GET", "HEAD"):
        request = asked("/a", method, headers=part("2-3"))
        assert made.take(request, "").exchange.id == "whole"
        assert made.may_have(request)
    assert ids(made, asked("/a", headers=part("0-1")), 1) == ["part"]
    assert not made.has(asked("/a", "POST", headers=part("2-3")))
    assert not made.has(asked("/b", headers=part("2-3")))


@pytest.mark.parametrize(("then", "wanted"), [("repeat", "2"), ("cycle", "1"), ("error", None)])
def test_a_part_is_of_the_whole_that_was_handed_out_last(then, wanted):
    made = shelf(recorded("/a", id="1"), recorded("/a", id="2"), then=then)
    some = asked("/a", headers=part("2-3"))
    assert ids(made, some, 2) == ["1", "1"], "before there was any, it is of the first"
    assert made.find(some, "").exchange.id == "1"
    for name in ("1", "2"):
        assert ids(made, asked("/a"), 1) == [name]
        assert ids(made, some, 2) == [name, name]
    assert ids(made, asked("/a"), 1) == [wanted]


def test_a_part_is_not_the_whole():
    assert not shelf(recorded("/a", headers=part("0-1"))).has(asked("/a"))
