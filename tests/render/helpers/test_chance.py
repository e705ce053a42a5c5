import re

import pytest

from understudy.render import RenderError

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def many(stage, leaf, count=300):
    return [stage.json(leaf, n=n) for n in range(count)]


def test_uuids_are_version_4_and_differ(stage):
    drawn = many(stage, "{{uuid}}")
    assert all(UUID.fullmatch(value) for value in drawn)
    assert len(set(drawn)) == len(drawn)
    first, second = stage.json("{{uuid}} {{ uuid() }}").split()
    assert first != second


def test_bare_random_int_is_text(stage):
    drawn = many(stage, "{{random_int}}")
    assert all(isinstance(value, str) and 0 <= int(value) <= 1_000_000 for value in drawn)


def test_called_random_int_is_a_number(stage):
    assert set(many(stage, "{{ random_int(1, 6) }}")) == {1, 2, 3, 4, 5, 6}


def test_bounds_may_come_from_the_request(stage, request_to):
    assert stage.json("{{ random_int(query.a, query.b) }}", request_to("/?a=4&b=4")) == 4
    with pytest.raises(RenderError, match="high is 'x'"):
        stage.json("{{ random_int(1, query.b) }}", request_to("/?b=x"))
    with pytest.raises(RenderError, match="no integer from 9 to 1"):
        stage.json("{{ random_int(query.a, 1) }}", request_to("/?a=9"))


def test_random_price(stage):
    drawn = many(stage, "{{random_price}}", 600)
    assert {int(value.removeprefix("$")) for value in drawn} == set(range(20, 81))
    assert stage.json("{{ random_price(5, 5) }}") == "$5"


def test_random_float(stage):
    drawn = many(stage, "{{ random_float(2, 3, 1) }}")
    assert min(drawn) == 2.0
    assert max(drawn) == 3.0
    assert all(0 <= value < 1 for value in many(stage, "{{ random_float() }}"))


def test_random_bool(stage):
    assert 200 < sum(many(stage, "{{ random_bool(0.8) }}")) < 280
    assert not any(many(stage, "{{ random_bool(0) }}"))
    assert all(many(stage, "{{ random_bool(1) }}"))


def test_random_choice(stage):
    assert set(many(stage, "{{ random_choice('a', 'b', 3) }}")) == {"a", "b", 3}
    assert set(many(stage, "{{ random_choice(['a', 'b']) }}")) == {"a", "b"}
    assert stage.json("{{ random_choice('alone') }}") == "alone"
    assert stage.json("{{ random_choice(database).id }}") in {1, 2, 3}
    for empty in ("random_choice([])", "random_choice()"):
        with pytest.raises(RenderError, match="nothing to choose"):
            stage.json(f"{{{{ {empty} }}}}")


def test_random_string(stage):
    assert re.fullmatch(r"[A-Za-z0-9]{16}", stage.json("{{ random_string() }}"))
    assert re.fullmatch(r"[0-9a-f]{500}", stage.json("{{ random_string(500, 'hex') }}"))
    assert set(stage.json("{{ random_string(200, 'xy') }}")) == {"x", "y"}
    assert stage.json("{{ random_string(0) }}") == ""
    for call, message in (
        ("random_string(-1)", "length is -1"),
        ("random_string(100001)", "length is 100001"),
        ("random_string(3, '')", "alphabet is empty"),
    ):
        with pytest.raises(RenderError, match=message):
            stage.json(f"{{{{ {call} }}}}")
