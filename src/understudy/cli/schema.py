"""`understudy schema`: the config language as JSON Schema, for editors."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, TextIO

import msgspec

from understudy.faults.read import plain_kinds
from understudy.load.values import TEXT_KEYS
from understudy.model import Config
from understudy.model.faults import KINDS

NAME = "schema"
HELP = "Print the JSON Schema of the config, for editors."
EXAMPLE = """examples:
  understudy schema --output understudy.schema.json

In a JSON config:  "$schema": "understudy.schema.json"
In a YAML config:  # yaml-language-server: $schema=understudy.schema.json
"""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Understudy config"
VARIABLE = {
    "title": "An environment variable",
    "description": "`${NAME}`, or `${NAME:-default}`: read as a number or a boolean.",
    "type": "string",
    "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}$",
}
_TITLES = {  # what an editor shows for one alternative of a union
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--output", metavar="FILE", type=Path, help="write the schema to a file")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Print or write the schema; exit code 1 if the file cannot be written."""
    if args.output is None:
        out.write(schema_text())
        return 0
    try:
        args.output.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        print(f"{args.output}: cannot be written: {error.strerror or error}", file=err)
        return 1
    print(f"wrote {args.output}", file=out)
    return 0


def schema_text() -> str:
    """The schema as it is published: JSON, indented by two spaces, with a line break at its end."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a config file, made from the models."""
    made = msgspec.json.schema(Config)
    definitions: dict[str, Any] = {**made["$defs"], **fault_definitions()}
    for definition in definitions.values():
        if not definition.get("required"):
            definition.pop("required", None)
        for name, value in definition["properties"].items():
            definition["properties"][name] = _property(name, value)
    # The editor's hints for the whole file come from its root, so the root is no mere reference.
    config = definitions.pop("Config")
    definitions["EnvironmentVariable"] = VARIABLE
    root = {**config, "title": TITLE}
    return {"$schema": DIALECT, **root, "$defs": dict(sorted(definitions.items()))}


def fault_definitions() -> dict[str, dict[str, Any]]:
    """The definition of each kind of fault, and of what they refer to, by name."""
    references, made = msgspec.json.schema_components(KINDS.values(), ref_template="{name}")
    # names that two models share come with their modules
    names = {name: name.rpartition(".")[2] for name in made}
    for kind, reference in zip(KINDS, references, strict=True):
        names[reference["$ref"]] = _fault_name(kind)
        definition = made[reference["$ref"]]
        definition["title"] = kind
        definition["properties"]["kind"] = {"description": "What goes wrong.", "const": kind}
    return {names[name]: _renamed(definition, names) for name, definition in made.items()}


def _fault_name(kind: str) -> str:
    return f"{KINDS[kind].__name__}Fault"


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """With references to definitions of these names."""
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: f"#/$defs/{names[item]}" if key == "$ref" and item in names else _renamed(item, names)
        for key, item in value.items()
    }


def _with_faults(value: dict[str, Any]) -> dict[str, Any]:
    """A list of faults, which the models leave open, with what each kind takes."""
    if "anyOf" not in value.get("items", {}):
        return value
    plain = {"title": "a kind", "enum": plain_kinds()}
    longer = [{"$ref": f"#/$defs/{_fault_name(kind)}"} for kind in KINDS]
    return {**value, "items": {"anyOf": [plain, *longer]}}


def _property(name: str, value: dict[str, Any]) -> dict[str, Any]:
    value = _polish(_with_faults(value) if name == "faults" else value)
    if name not in TEXT_KEYS and _is_scalar(value):
        value = _with_variable(value)
    return value


def _polish(value: Any) -> Any:
    """Without what says nothing, and with a title on each alternative, which editors show in their menus."""
    if isinstance(value, list):
        return [_polish(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {
        key: item if key in ("examples", "default") else _polish(item)
        for key, item in value.items()
        if not (key == "default" and item is None)
    }
    if "anyOf" in value:
        choices = value["anyOf"]
        if {"type": "number"} in choices:
            choices = [choice for choice in choices if choice != {"type": "integer"}]
        value["anyOf"] = [
            {"title": _TITLES[choice["type"]], **choice} if choice.get("type") in _TITLES else choice
            for choice in choices
        ]
        if len(choices) == 1:
            value.update(choices[0])
            del value["anyOf"]
    return value


def _is_scalar(value: dict[str, Any]) -> bool:
    choices = value.get("anyOf", [value])
    return any(choice.get("type") in ("number", "integer", "boolean") for choice in choices)


def _with_variable(value: dict[str, Any]) -> dict[str, Any]:
    reference = {"$ref": "#/$defs/EnvironmentVariable"}
    if "anyOf" in value:
        return {**value, "anyOf": [*value["anyOf"], reference]}
    about = ("description", "examples", "default")
    said = {key: item for key, item in value.items() if key in about}
    plain = {key: item for key, item in value.items() if key not in about}
    return {**said, "anyOf": [{"title": _TITLES[value["type"]], **plain}, reference]}
