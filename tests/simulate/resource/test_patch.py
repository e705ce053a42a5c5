import json
from pathlib import Path

import pytest

from understudy.simulate.resource import patch as module
from understudy.simulate.resource.patch import json_patch, same
from understudy.simulate.resource.refused import Refused

CORPUS = Path(__file__).parent.parent.parent / "corpus" / "json_patch"
CASES = [
    case
    for name in ("tests.json", "spec_tests.json")
    for case in json.loads((CORPUS / name).read_text())
    if "doc" in case and not case.get("disabled")
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.get("comment", json.dumps(case["patch"]))[:60])
def test_the_suite(case):
    before = json.dumps(case["doc"])
    if "error" in case:
        with pytest.raises(Refused) as refused:
            json_patch(case["doc"], case["patch"])
        assert refused.value.status in {400, 409}
    elif "expected" in case:
        assert same(json_patch(case["doc"], case["patch"]), case["expected"])
    else:
        json_patch(case["doc"], case["patch"])
    assert json.dumps(case["doc"]) == before


@pytest.mark.parametrize(
    "patch",
    [
        {},
        [1],
        [{"op": []}],
        [{"op": "add", "path": "a", "value": 1}],
        [{"op": "add", "path": "/~2", "value": 1}],
        [{"op": "add", "path": "/~~01", "value": 1}],
        [{"op": "move", "from": "/a", "path": "/a/b"}],
        [{"op": "test", "path": ""}] * 1001,
    ],
)
def test_what_is_no_patch(patch):
    with pytest.raises(Refused) as refused:
        json_patch({"a": {}}, patch)
    assert refused.value.status == 400


def test_copies_cannot_grow_without_bound(monkeypatch):
    monkeypatch.setattr(module, "MAX_COPIED_BYTES", 10_000)
    doubling = [{"op": "copy", "from": "", "path": f"/{number}"} for number in range(40)]
    with pytest.raises(Refused, match="copy"):
        json_patch({"a": 1}, doubling)


def test_true_is_no_number():
    assert same(1, 1.0)
    assert not same(1, True)
    assert not same({"a": [0]}, {"a": [False]})
