import sys
from datetime import date
from decimal import Decimal

import pytest

from understudy.render import RenderError, TemplateProblem
from understudy.render.helpers import fakes


def test_the_same_lot_gives_the_same_person(stage, make_stage):
    leaf = "{{ fake.name() }} {{ fake.email() }}"
    assert stage.json(leaf, n=3) == make_stage().json(leaf, n=3)
    assert len({stage.json(leaf, n=n) for n in range(20)}) == 20
    first, second = stage.json("{{ fake.uuid4() }} {{ fake.uuid4() }}").split()
    assert first != second


def test_locales_and_arguments(stage):
    assert stage.json("{{ fake('ja_JP').country_code() }}")
    assert stage.json("{{ fake.pyint(min_value=5, max_value=5) }}") == 5
    assert len(stage.json("{{ fake.words(4) }}")) == 4
    assert isinstance(stage.json("{{ fake.name }}"), str)


def test_results_are_plain_data(stage):
    for provider in ("date_object()", "pydecimal()", "pyset(3, true, ['int'])", "profile()", "binary(4)"):
        stage.json({"x": f"{{{{ fake.{provider} }}}}"})


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"a": (1, None)}, {"a": [1, None]}),
        ({3, 1, 2}, [1, 2, 3]),
        (date(2026, 1, 31), "2026-01-31"),
        (Decimal("1.5"), 1.5),
        (b"\xe9", "é"),
        (1j, "1j"),
    ],
)
def test_plain(value, plain):
    assert fakes.plain(value) == plain


def test_wrong_arguments_are_named(stage):
    with pytest.raises(RenderError, match=r"fake\.name\(nope=1\)"):
        stage.json("{{ fake.name(nope=1) }}")


def test_without_faker_the_problem_says_how_to_install_it(stage, monkeypatch):
    monkeypatch.setitem(sys.modules, "faker", None)
    monkeypatch.setattr(fakes, "generator", fakes.generator.__wrapped__)
    monkeypatch.setattr(fakes, "providers", fakes.providers.__wrapped__)
    monkeypatch.setattr("understudy.render.expression.providers", fakes.providers)
    with pytest.raises(TemplateProblem, match=r"pip install 'understudy\[fake\]'"):
        stage.templates.compile_json("{{ fake.name() }}", "response")
