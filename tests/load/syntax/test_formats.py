"""One language: the same data written as JSON, YAML and TOML loads to the same config."""

import json

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from understudy.load import load
from understudy.load.fault import NotReadable
from understudy.load.syntax import FORMATS, parse, places

# TOML has no null, and its whole numbers have 64 bits. Lone surrogates and control characters aside.
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028\u2029"), max_size=8
)
values = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts.filter(lambda text: "${" not in text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


def as_toml(value):
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(
                f"{json.dumps(key, ensure_ascii=False)} = {as_toml(item)}" for key, item in value.items()
            )
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, float):
        text = repr(value)
        return text if "." in text or "e" not in text else text.replace("e", ".0e")
    return json.dumps(value, ensure_ascii=False)


class Yaml12(yaml.SafeDumper):
    """PyYAML quotes what YAML 1.1 takes for a number; 1.2, which is read here, takes more: `0E0`, `0o7`."""


Yaml12.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="'" if text[:1] in {*"-.0123456789"} else None
    ),
)

WRITERS = {
    "json": lambda config: json.dumps(config),
    "yaml": lambda config: yaml.dump(config, Dumper=Yaml12, allow_unicode=True),
    "toml": lambda config: "\n".join(
        f"{json.dumps(key)} = {as_toml(value)}" for key, value in config.items()
    ),
}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values, st.dictionaries(texts, values, max_size=3))
@example("0E0", {"0o17": "0o17"})
def test_same_data_same_config(tmp_path, response, database):
    config = {
        "port": 80,
        "database": database,
        "endpoints": [{"path": "/a", "response": response, "latency_ms": {"uniform": [1, 2.5]}}],
    }
    configs = []
    for suffix in FORMATS:
        path = tmp_path / f"config.{suffix}"
        path.write_text(WRITERS[suffix](config), encoding="utf-8")
        loaded = load(path, environ={})
        configs.append((loaded.config, loaded.database))

    assert configs[0] == configs[1] == configs[2]
    assert configs[0][1] == database


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"a": 1}', "json"),
        ("[1]", "json"),
        ("a: 1", "yaml"),
        ("{a: 1}", "yaml"),
        ("a = 1", "toml"),
        ("[a]\nb = 1", "toml"),
    ],
)
def test_the_format_of_an_unknown_suffix_is_told_by_the_content(text, name):
    assert parse(text, ".conf")[1] == name


@pytest.mark.parametrize(("text", "said"), [('{"a": 1,}]', "JSON"), ("a: b: c", "YAML")])
def test_what_is_no_format_is_explained_as_the_likeliest(text, said):
    with pytest.raises(NotReadable) as raised:
        parse(text, ".conf")

    assert f"not valid {said}" in raised.value.faults[0].message


def test_places_has_the_same_lines_for_each_format():
    texts = {"json": '{\n"a": [\n1]}', "yaml": "\na:\n  - 1", "toml": "\na = [\n1]"}

    for name, text in texts.items():
        assert places(text, name).find(("a", 0)).line == 3
