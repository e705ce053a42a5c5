"""Data of documents: the same, or made anew."""

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings

from tests.formats.openapi.witness import satisfiable
from tests.openapi.documents import document, media, operation
from understudy.formats.openapi.generate import CannotGenerate
from understudy.render.draws import Draws

USER = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "example": "Ada"},
        "nick": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}


def served(schema, **more):
    return document(operation({"200": media(schema=schema)}), **more)


def schema_of(read):
    return read.operations["GET /a"].responses[0].media[0].schema


def lots(n):
    return Draws(7, "test", n)


def test_the_same_data_is_the_same_and_has_the_examples_of_the_schema():
    read = served(USER)
    first = read.data.same(schema_of(read), "GET /a 200")
    assert first["name"] == "Ada"
    assert served(USER).data.same(schema_of(read), "GET /a 200") == first
    assert read.data.same(schema_of(read), "GET /b 200")["id"] != first["id"]


def test_parts_of_one_answer_do_not_share_their_lots():
    read = served({"type": "integer", "minimum": 0, "maximum": 10**9})
    schema = schema_of(read)
    assert read.data.same(schema, "a", "X-One") != read.data.same(schema, "a", "X-Two")
    assert read.data.anew(schema, lots(0), "X-One") != read.data.anew(schema, lots(0), "X-Two")


def test_data_made_anew_depends_on_the_lots_alone_and_has_no_examples():
    read = served(USER)
    schema = schema_of(read)
    made = [read.data.anew(schema, lots(n)) for n in range(20)]
    assert made == [served(USER).data.anew(schema, lots(n)) for n in range(20)]
    assert len({one["name"] for one in made}) > 1
    assert "Ada" not in {one["name"] for one in made}


def test_branches_that_overlap_are_no_reason_to_give_up():
    read = served(
        {"oneOf": [{"type": "integer"}, {"type": "integer", "minimum": -1e9}], "maximum": 5, "minimum": 5}
    )
    assert read.data.same(schema_of(read), "a") == 5


def test_one_branch_alone_is_met_where_that_can_be():
    schema = {"oneOf": [{"type": "integer", "maximum": 5}, {"type": "integer", "minimum": 5}]}
    read = served(schema)
    valid = jsonschema_rs.validator_for(schema)
    assert all(valid.is_valid(read.data.anew(schema_of(read), lots(n))) for n in range(50))


def test_a_faker_that_is_not_known_is_a_warning():
    read = served({"type": "string", "x-faker": "nothing.known"})
    assert isinstance(read.data.anew(schema_of(read), lots(0)), str)
    assert any("Faker has no provider for x-faker: nothing.known" in warning for warning in read.warnings)


def test_a_schema_without_data_is_said_each_time():
    read = served({"type": "integer", "minimum": 2, "maximum": 1})
    for _ in range(2):
        with pytest.raises(CannotGenerate):
            read.data.same(schema_of(read), "a")


@pytest.mark.parametrize(
    ("options", "holds"),
    [
        ({"requiredOnly": True}, lambda made: set(made) == {"id", "name"}),
        ({"required-only": True}, lambda made: set(made) == {"id", "name"}),
        ({"optionals-probability": 0}, lambda made: "nick" not in made),
        ({"alwaysFakeOptionals": True}, lambda made: "nick" in made),
        ({"max-items": 7}, lambda made: len(made["tags"]) <= 7),
        ({"useExamplesValue": True}, lambda made: made["name"] == "Ada"),
        ({"failOnInvalidTypes": False}, lambda made: "nick" in made),
    ],
)
def test_options_of_json_schema_faker(options, holds):
    read = served(USER, **{"x-json-schema-faker": options})
    assert all(holds(read.data.anew(schema_of(read), lots(n))) for n in range(20))
    assert read.warnings == []


def test_more_items_where_more_may_be():
    read = served(USER, **{"x-json-schema-faker": {"max-items": 7}})
    assert max(len(read.data.anew(schema_of(read), lots(n))["tags"]) for n in range(50)) > 2


def test_options_that_say_nothing_here_are_warnings():
    read = served(
        USER,
        **{
            "x-json-schema-faker": {
                "locale": "de",
                "max-items": "many",
                "requiredOnly": 1,
                "optionalsProbability": 2,
            }
        },
    )
    said = "\n".join(read.warnings)
    assert "locale\n  this option has no counterpart here" in said
    assert said.count("this is no value of the option") == 3


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(satisfiable())
def test_what_is_made_is_valid(schema):
    read = served(schema)
    valid = jsonschema_rs.validator_for(schema, validate_formats=True)
    try:
        made = [read.data.anew(schema_of(read), lots(n)) for n in range(3)]
    except CannotGenerate:
        return
    assert all(map(valid.is_valid, made))
