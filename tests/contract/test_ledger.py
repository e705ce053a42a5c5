"""What is counted of requests and replies that a document does not have so."""

import re
from pathlib import Path

import pytest

from tests.openapi.served import served
from understudy.contract.ledger import FOUND, LEVELS, MAX_KINDS, MAX_MESSAGE, OTHERS, Ledger, labels_of
from understudy.journal import Entry
from understudy.openapi.outgoing import STATUS
from understudy.openapi.parameters import DEPRECATED
from understudy.openapi.violation import UNDOCUMENTED
from understudy.request import Request
from understudy.steps import Plan, Reply

LABELS = {"listPets": "GET /pets", "addPet": "POST /pets"}


def entry(endpoint="listPets", *violations, status=200, target=b"/pets"):
    request = Request("GET", target, [], b"")
    request.path = target.decode()
    reply = Reply(status, (), b"")
    plan = Plan((reply,), reply, endpoint)
    plan.violations = violations
    return Entry(1, 0.0, request, plan, 1, "", 0.0, "sent", 0)


def violation(location="response", pointer="/body", keyword="type", message="wrong"):
    return {"location": location, "pointer": pointer, "keyword": keyword, "message": message}


@pytest.fixture
def ledger():
    made = Ledger()
    made.use(LABELS)
    return made


def told(ledger):
    return [(one.check, one.operation, one.pointer, one.times) for one in ledger.findings()]


CASES = {
    "invalid-request": (entry("listPets", violation("query", "/limit")), "/query/limit"),
    "invalid-reply": (entry("listPets", violation(), violation()), "/body"),
    "undocumented-status": (entry("listPets", violation(pointer="", keyword=STATUS), status=503), ""),
    "undocumented-request": (entry(None, status=404, target=b"/dogs"), ""),
    "deprecated-parameter": (entry("listPets", violation("query", "/old", DEPRECATED)), "/query/old"),
    "unseen-operation": (entry("addPet"), ""),
}


@pytest.mark.parametrize("check", FOUND)
def test_each_kind_of_finding(ledger, check):
    one, pointer = CASES[check]
    ledger.note(one)
    [found] = [seen for seen in ledger.findings() if seen.check == check]
    assert found.pointer == pointer
    assert found.level == FOUND[check].level
    assert found.as_json()["level"] in LEVELS


def test_a_success_that_is_not_documented_is_an_error(ledger):
    ledger.note(entry("listPets", violation(pointer="", keyword=STATUS), status=202))
    assert told(ledger)[0] == ("invalid-reply", "GET /pets", "", 1)


def test_what_is_alike_is_counted_together(ledger):
    for number in range(3):
        ledger.note(entry("listPets", violation(pointer=f"/body/{number}/tags/{number}/a1")))
    ledger.note(entry("addPet"))
    assert told(ledger) == [("invalid-reply", "GET /pets", "/body/*/tags/*/a1", 3)]
    assert ledger.operations == {"GET /pets": 3, "POST /pets": 1}
    assert ledger.violations() == {("GET /pets", "invalid-reply"): 3}
    assert ledger.counts() == {"error": 1, "warning": 0}
    ledger.clear()
    assert told(ledger) == [
        ("unseen-operation", "GET /pets", "", 0),
        ("unseen-operation", "POST /pets", "", 0),
    ]


def test_requests_that_no_document_has(ledger):
    ledger.note(entry(None, status=405, target=b"/pets"))
    ledger.note(entry("proxy", violation("path", "", UNDOCUMENTED), target=b"/dogs"))
    ledger.note(entry("proxy", violation("path", "", UNDOCUMENTED), target=b"/dogs"))
    ledger.note(entry(None, status=204))  # a preflight
    ledger.note(entry("other"))
    found = [(one.operation, one.times) for one in ledger.findings() if one.check == "undocumented-request"]
    assert found == [("GET /pets", 1), ("GET /dogs", 2)]
    assert ledger.requests == 0


def test_it_is_bounded(ledger):
    for number in range(MAX_KINDS + 50):
        ledger.note(entry("listPets", violation(pointer=f"/body/a{number}", message="x" * 1000)))
        ledger.note(entry(None, status=404, target=b"/dogs/%d" % number))
    found = [one for one in ledger.findings() if one.check == "invalid-reply"]
    assert len(found) == MAX_KINDS + 1
    assert (found[-1].message, found[-1].times) == (OTHERS, 50)
    assert max(len(one.message) for one in found) == 300
    assert len([one for one in ledger.findings() if one.check == "undocumented-request"]) == MAX_KINDS + 1


def test_operations_that_are_gone_are_not_missed(ledger):
    ledger.note(entry("addPet", violation()))
    ledger.use({"listPets": "GET /pets"})
    assert told(ledger) == [("invalid-reply", "addPet", "/body", 1), ("unseen-operation", "GET /pets", "", 0)]


def test_the_operations_of_a_program(tmp_path):
    assert labels_of(served(tmp_path).program) == {}
    program = served(tmp_path, proxy="http://localhost:9", prefix="/shop").program
    assert labels_of(program) == {
        "listPets": "GET /shop/pets",
        "addPet": "POST /shop/pets",
        "getPet": "GET /shop/pets/{petId}",
    }


def test_the_docs_have_all_of_it():
    page = (Path(__file__).parent.parent.parent / "docs" / "contract-proxy.md").read_text()
    for name, found in FOUND.items():
        assert re.search(rf"\| `{name}` \| {found.level} \|", page), name


def test_long_places_are_cut(ledger):
    ledger.note(entry("listPets", violation(pointer="/" + "x" * 10_000)))
    [found] = [seen for seen in ledger.findings() if seen.check == "invalid-reply"]
    assert len(found.pointer) == MAX_MESSAGE
