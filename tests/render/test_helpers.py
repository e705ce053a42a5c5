import re
from pathlib import Path

import pytest

from understudy.render.helpers import HELPERS, render_helpers_table
from understudy.render.helpers.base import parameters
from understudy.render.names import FILTERS, FUNCTIONS
from understudy.render.scope import Scope

DOCS = Path(__file__).parents[2] / "docs" / "templates.md"


@pytest.mark.parametrize("helper", HELPERS.values(), ids=lambda helper: helper.name)
def test_every_row(helper, stage, make_stage):
    assert helper.name in helper.example, "the example shows the helper"
    assert helper.usage.startswith(helper.name)
    assert helper.doc.endswith((".", "`", "…"))
    one = stage.raw([helper.example])
    assert one == make_stage().raw([helper.example]), "the same seed gives the same reply"
    assert one not in (b"[]", b'[""]')
    if helper.bare:
        stage.raw([f"{{{{ {helper.name} }}}}"])
    if helper.filter:
        assert parameters(helper.make(Scope()))[0] in {"value", "text"}


def test_no_name_is_taken_twice():
    assert not (set(HELPERS) & FUNCTIONS)
    assert not ({name for name, helper in HELPERS.items() if helper.filter} & FILTERS)


def test_the_usage_names_every_argument():
    for helper in HELPERS.values():
        if helper.name in {"fake", "random_choice"}:
            continue
        names = parameters(helper.make(Scope()))
        shown = re.findall(r"\w+", helper.usage.partition("(")[2])
        missing = [name for name in names[1:] if name not in shown]
        assert not missing, f"{helper.name} does not show {missing}"


def test_the_docs_hold_the_table_of_all_helpers():
    text = DOCS.read_text()
    table = text.partition("<!-- helpers:begin -->")[2].partition("<!-- helpers:end -->")[0]
    assert table.strip() == render_helpers_table().strip(), (
        "docs/templates.md is behind: put render_helpers_table() between its helpers markers"
    )


def test_the_docs_examples_render(stage, request_to):
    text = DOCS.read_text()
    rows = re.findall(r"^\| `(\{\{.*?\}\}|\{%.*?%\})` \| `(.*?)` \|$", text, re.MULTILINE)
    assert len(rows) > 10
    request = request_to("/books?page=2&tag=a&tag=b", headers=[("X-Request-Id", "r-1")], params={"id": 2})
    for template, expected in rows:
        assert stage.raw(template.replace("\\|", "|"), request).decode() == expected, template
