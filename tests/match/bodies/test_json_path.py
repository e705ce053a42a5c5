"""JSONPath by the compliance test suite of RFC 9535 (tests/corpus/jsonpath)."""

import json
from pathlib import Path

import pytest

from understudy.match import check as check_module
from understudy.match.bodies.json_path import compile_json_path
from understudy.match.kinds.error import ConditionError
from understudy.match.kinds.text import json_text
from understudy.model import BodyConditions, Operators
from understudy.request import Request

SUITE = json.loads((Path(__file__).parents[2] / "corpus" / "jsonpath" / "cts.json").read_text())
VALID = [case for case in SUITE if not case.get("invalid_selector")]
INVALID = [case for case in SUITE if case.get("invalid_selector")]


def found(selector, document):
    """The results as text, as an explanation shows them."""
    (check,) = compile_json_path(BodyConditions(json_path={selector: Operators(contains="\0never")}))
    shown = check.found(Request("POST", b"/", (), json.dumps(document).encode()))
    return [] if shown is None else shown if isinstance(shown, list) else [shown]


@pytest.fixture(autouse=True)
def _show_all(monkeypatch):
    monkeypatch.setattr(check_module, "MAX_SHOWN_VALUES", 1000)


def test_selectors():
    for case in VALID:
        document = case["document"]
        alternatives = case.get("results") or [case["result"]]
        if not isinstance(document, dict | list):
            alternatives = [[]]  # a text or a number has no parts: nothing is looked for in it
        wanted = [[json_text(value) for value in results] for results in alternatives]
        assert found(case["selector"], document) in wanted, case["name"]


def test_what_is_no_selector():
    for case in INVALID:
        try:
            compile_json_path(BodyConditions(json_path={case["selector"]: 1}))
            refusal = "none"
        except ConditionError as error:
            refusal = str(error)
        assert "not a JSONPath" in refusal, case["name"]
