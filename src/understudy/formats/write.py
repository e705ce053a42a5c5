"""An import as a config that people read and change: YAML with comments, or JSON, and files beside it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any

from understudy.formats.emit import yaml_text
from understudy.formats.imported import Imported
from understudy.render.lexer import is_template

LONG = 2048
"""Characters from which a body, or a schema, is kept in a file of its own."""
_VARIABLE = re.compile(r"\$\{(?!\{)")
_SUFFIXES = (  # what a Content-Type has in it → how its file ends
    ("json", ".json"),
    ("xml", ".xml"),
    ("html", ".html"),
    ("csv", ".csv"),
    ("yaml", ".yaml"),
)
_SCHEMAS = ("body", "query", "headers", "params")


@dataclass
class Written:
    """The text of a config, and the files beside it by relative path."""

    text: str
    files: dict[str, bytes] = field(default_factory=dict)


def written(imported: Imported, suffix: str, title: str, *, split: bool = True) -> Written:
    """The files of a config. `suffix` is .json, .yaml or .yml; `title` a comment at the top of YAML.

    `split`: what is long goes to files of its own.
    """
    files = dict(imported.files)
    config = imported.config
    if split:
        config = _Splitter(files).config(config)
    config = escaped(config)
    if suffix == ".json":
        return Written(json.dumps(config, indent=2, ensure_ascii=False) + "\n", files)
    return Written(yaml_text(config, title, imported.comments), files)


def escaped(value: Any) -> Any:
    """The config with `${` written so that it stays what it is, and is no environment variable."""
    if isinstance(value, str):
        return _VARIABLE.sub("$${", value) if "${" in value else value
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [escaped(item) for item in value]
    return value


class _Splitter:
    """Moves what is long into files."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def config(self, config: dict[str, Any]) -> dict[str, Any]:
        endpoints = config.get("endpoints", [])
        return {**config, "endpoints": [self._endpoint(one) for one in endpoints]}

    def _endpoint(self, endpoint: dict[str, Any]) -> dict[str, Any]:
        name = endpoint.get("name") or f"{endpoint.get('method', 'GET')} {endpoint.get('path')}"
        made = self._content(endpoint, name)
        responses = made.get("responses")
        if isinstance(responses, list):
            made["responses"] = [self._choice(one, name) for one in responses]
        elif isinstance(responses, dict) and isinstance(responses.get("choices"), list):
            choices = [self._choice(one, name) for one in responses["choices"]]
            made["responses"] = {**responses, "choices": choices}
        validate = made.get("validate")
        if isinstance(validate, dict):
            made["validate"] = {key: self._schema(key, item, name) for key, item in validate.items()}
        return made

    def _choice(self, choice: dict[str, Any], name: str) -> dict[str, Any]:
        return self._content(choice, f"{name} {choice.get('status', '')}")

    def _content(self, content: dict[str, Any], name: str) -> dict[str, Any]:
        """An answer, its body in a file if that is long."""
        made = dict(content)
        for key in ("response", "body", "base64"):
            moved = self._moved(key, made, name) if key in made else None
            if moved is not None:
                made = {"file" if one == key else one: item for one, item in made.items()}
                made["file"] = moved
        return made

    def _moved(self, key: str, content: dict[str, Any], name: str) -> Any:
        """What `file` is instead of a body; None if it stays where it is."""
        value = content[key]
        if key == "response":
            text = json.dumps(value, indent=2, ensure_ascii=False)
            # in a file a template would have to make JSON by itself
            if len(text) < LONG or is_template(text):
                return None
            return self._add("bodies", name, ".json", text.encode() + b"\n")
        if not isinstance(value, str) or len(value) < LONG:
            return None
        if key == "base64":
            try:
                return self._add("bodies", name, ".bin", base64.b64decode(value, validate=True))
            except binascii.Error:
                return None
        path = self._add("bodies", name, _suffix(content), value.encode())
        return {"path": path, "template": True} if is_template(value) else path

    def _schema(self, key: str, schema: Any, name: str) -> Any:
        if key not in _SCHEMAS or not isinstance(schema, dict):
            return schema
        text = json.dumps(schema, indent=2, ensure_ascii=False)
        if len(text) < LONG:
            return schema
        return self._add("schemas", f"{name} {key}", ".json", text.encode() + b"\n")

    def _add(self, folder: str, name: str, suffix: str, data: bytes) -> str:
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80] or "body"
        path = f"{folder}/{stem}{suffix}"
        count = 1
        while path in self._files and self._files[path] != data:
            count += 1
            path = f"{folder}/{stem}-{count}{suffix}"
        self._files[path] = data
        return path


def _suffix(content: dict[str, Any]) -> str:
    headers = content.get("headers", {})
    types = [str(value) for name, value in headers.items() if name.lower() == "content-type"]
    return next((suffix for part, suffix in _SUFFIXES if types and part in types[0]), ".txt")
