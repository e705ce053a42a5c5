"""The official test suite of JSON Schema, asked over the stage as a client would."""

import json
from pathlib import Path

import pytest

from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.build import build

CORPUS = Path(__file__).parents[2] / "corpus" / "json_schema"
DRAFTS = {
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
SERVER = "http://localhost:1234"
"""Where the suite wants a server with more schemas."""


def groups(draft):
    lines = (CORPUS / f"{draft}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def fetches(group, draft):
    """Whether the schema leads to the suite's server, and so is refused."""
    if SERVER not in json.dumps(group["schema"]):
        return False
    try:
        build({"endpoints": [endpoint(0, group, draft)]})
    except ConfigError as error:
        return "is not fetched: put what it refers to into a file" in str(error)
    return False


def endpoint(number, group, draft):
    schema = group["schema"]
    if isinstance(schema, dict):
        schema = {"$schema": DRAFTS[draft], **schema}
    validate = {"body": schema, "formats": False}
    return {"path": f"/{number}", "method": "POST", "validate": validate}


@pytest.mark.parametrize(("draft", "remote", "cases"), [("draft7", 11, 850), ("draft2020-12", 22, 1150)])
def test_the_suite(draft, remote, cases):
    every = groups(draft)
    local = [group for group in every if not fetches(group, draft)]
    bench = Bench({"endpoints": [endpoint(number, group, draft) for number, group in enumerate(local)]})
    wrong, count = [], 0
    for number, group in enumerate(local):
        for description, data, valid in group["tests"]:
            count += 1
            status = bench.status(f"/{number}", "POST", body=data)
            if status != (200 if valid else 422):
                wrong.append((group["file"], group["description"], description, status))
    assert not wrong
    assert (len(every) - len(local), count >= cases) == (remote, True)
