"""Programs with documents from the web."""

import json

import pytest

from tests.openapi.served import PETS
from understudy.errors import ConfigError
from understudy.net.builder import build

PET = {"type": "object", "required": ["id"], "properties": {"id": {"const": 7}}}


@pytest.fixture
def web(endpoints):
    """The address of a server that has documents."""
    return endpoints(
        {"path": "/api/pets.yaml", "body": PETS.replace("#/components/schemas/Pet", "pet.json")},
        {"path": "/api/pet.json", "response": PET},
        {"path": "/api/latin.yaml", "base64": "/w=="},
    ).url


def served(config, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(config))
    return build(tmp_path / "config.json")


def answer(program):
    from tests.openapi.served import Served

    return Served(program).ask("/v1/pets/7")


def test_a_document_may_be_at_an_address(web, tmp_path):
    assert answer(served({"openapi": f"{web}/api/pets.yaml"}, tmp_path)) == (200, {"id": 7})


def test_references_to_addresses_are_followed_if_the_config_says_so(web, tmp_path):
    (tmp_path / "pets.yaml").write_text(PETS.replace("#/components/schemas/Pet", f"{web}/api/pet.json"))
    assert answer(served({"openapi": {"spec": "pets.yaml", "remote": True}}, tmp_path)) == (200, {"id": 7})
    assert answer(served({"openapi": "pets.yaml"}, tmp_path)) != (200, {"id": 7})


def test_what_cannot_be_read_is_told(web, tmp_path):
    with pytest.raises(ConfigError, match="404"):
        served({"openapi": f"{web}/nothing.yaml"}, tmp_path)
    with pytest.raises(ConfigError, match="UTF-8"):
        served({"openapi": f"{web}/api/latin.yaml"}, tmp_path)


def test_nothing_is_read_from_the_web_by_who_was_not_told_to(web, tmp_path):
    from understudy.build import build as build_offline

    (tmp_path / "config.json").write_text(json.dumps({"openapi": f"{web}/api/pets.yaml"}))
    with pytest.raises(ConfigError, match="nothing is read from the web"):
        build_offline(tmp_path / "config.json")
