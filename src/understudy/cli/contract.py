"""OpenAPI documents before a real server: `understudy api.yaml --target URL`, and what it comes to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from understudy.cli.places import Row, lines_of
from understudy.cli.printable import printable
from understudy.errors import ConfigError, Problem
from understudy.load.foreign import Adapted
from understudy.load.source import Source
from understudy.model.proxy import check_target

FAIL_ON = ("error", "warning")
SHOWN_FINDINGS = 100


class WrongOption(Exception):
    """Options that do not go together. Says why."""


def document_before(
    name: str | None, target: str | None, *, errors: bool, record: Path | None = None
) -> Adapted:
    """A config that serves a document, before a real server if there is one.

    `errors`: what is not as the document says is refused, as with Prism. `record` is the folder in which what
    the real server is asked is kept, with its replies. Raises WrongOption and ConfigError.
    """
    if record is not None and target is None:
        raise WrongOption("--record: of which server? understudy api.yaml --target URL --record FOLDER")
    option = "--errors" if target is None else "--target"
    if name is None:
        raise WrongOption(f"{option}: of which OpenAPI document? understudy api.yaml {option} ...")
    openapi: dict[str, Any] = {"spec": name}
    if errors:
        openapi["validate_responses"] = "strict"
    folder = Path.cwd()
    if "://" not in name:
        path = Path(os.path.abspath(name))
        _check_document(path, option)
        folder, openapi["spec"] = path.parent, path.name
    from understudy.openapi.serve import CORS

    config: dict[str, Any] = {"openapi": openapi, "cors": CORS}
    if target is not None:
        try:
            check_target(target)
        except ValueError as error:
            raise WrongOption(f"--target: {error}") from None
        openapi |= {"proxy": target, "validate": "strict" if errors else "warn"}
        if urlsplit(target).path.strip("/"):  # it stands in the place of that of the document's server
            openapi["servers"] = False
        if not errors:
            openapi["validate_responses"] = "warn"
            config["proxy"] = target
    if record is not None:
        folder = _record(config, folder, record, is_file="://" not in name)
    return Adapted(Source(None, config, label=name), folder)


def _record(config: dict[str, Any], folder: Path, record: Path, *, is_file: bool) -> Path:
    """Let the config record. The folder that it then begins in: one that has both. Raises WrongOption."""
    whole = Path(os.path.abspath(record))
    try:
        both = Path(os.path.commonpath((folder, whole.parent)))
    except ValueError:
        raise WrongOption(f"--record: {record} is on another drive than the document") from None
    config["record"] = {"folder": whole.relative_to(both).as_posix(), "mode": "record"}
    if is_file:
        path = folder.relative_to(both) / config["openapi"]["spec"]
        config["openapi"]["spec"] = path.as_posix()
    return both


def _check_document(path: Path, option: str) -> None:
    """Refuse what is no OpenAPI document. Raises ConfigError."""
    from understudy.formats.looks import like_openapi
    from understudy.openapi.lazy import open_document

    if not path.is_file():
        raise ConfigError([Problem("there is no such file", file=str(path))])
    if not like_openapi(open_document(path).data):
        message = f"{option} is for an OpenAPI document, which this is not"
        instead = "in a config: `openapi: {spec: FILE, proxy: URL}`"
        raise ConfigError([Problem(message, file=str(path), accepted=instead)])


class Summary(NamedTuple):
    """What `/__contract` says."""

    told: dict[str, Any]

    def fails_on(self, level: str) -> bool:
        """Whether something was found that is at least so bad."""
        counts = self.told["counts"]
        return any(counts[one] for one in FAIL_ON[: FAIL_ON.index(level) + 1])

    def as_text(self, *, color: bool = False) -> str:
        """A line for each finding, and how much of the document was seen."""
        findings = self.told["findings"]
        rows = [
            Row(one["level"], one["check"], _place(one), _detail(one), ())
            for one in findings[:SHOWN_FINDINGS]
        ]
        lines = lines_of(rows, color=color)
        if len(findings) > SHOWN_FINDINGS:
            lines.append(f"... and {len(findings) - SHOWN_FINDINGS:,} more: GET /__contract has them")
        operations, requests = self.told["operations"], self.told["requests"]
        seen = sum(map(bool, operations.values()))
        counts = ", ".join(_many(count, level) for level, count in self.told["counts"].items() if count)
        lines.append(
            f"{_many(requests, 'request')} for {seen:,} of {_many(len(operations), 'operation')}:"
            f" {counts or 'all as documented'}"
        )
        return "\n".join(lines)

    def as_json(self) -> str:
        """The same on one line, for programs."""
        return json.dumps({"event": "contract", **self.told}, separators=(",", ":"))


def _place(one: dict[str, Any]) -> str:
    times = f" ({one['times']:,}×)" if one["times"] > 1 else ""
    return printable(", ".join(filter(None, (one["operation"], one["pointer"])))) + times


def _detail(one: dict[str, Any]) -> str:
    return printable(one["message"], 300)


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


__all__ = ["FAIL_ON", "Summary", "WrongOption", "document_before"]
