"""One response of a route: status, headers, body, latency."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from typing import Any

from understudy.formats.imported import literal
from understudy.formats.mockoon.buckets import Buckets
from understudy.formats.spot import Spot
from understudy.formats.texts import Texts

TEMPLATED_TYPES = (
    "application/json", "text/html", "text/css", "text/csv", "application/javascript", "text/javascript",
    "application/typescript", "text/plain", "application/xhtml+xml", "application/xml", "text/xml",
    "text/x-handlebars",
)  # fmt: skip
"""Types of files that are templates in Mockoon."""

_FRAMING = ("content-length", "transfer-encoding")
_RAW_END = "{{{{/raw}}}}"


class Responses:
    """Reads the responses of an environment, whose files are below `folder`; those used gather in `files`."""

    def __init__(self, texts: Texts, buckets: Buckets, folder: Path | None, latency_ms: float) -> None:
        self.files: dict[str, bytes] = {}
        self._texts = texts
        self._buckets = buckets
        self._folder = folder
        self._latency_ms = latency_ms

    def read(self, written: dict[str, Any], spot: Spot) -> dict[str, Any]:
        """The keys of an answer. Raises LeftOut."""
        answer: dict[str, Any] = {}
        status = written.get("statusCode", 200)
        if not isinstance(status, int) or not 200 <= status <= 599:
            spot.at("statusCode").leave(f"a status is from 200 to 599, this one is {status}")
        if status != 200:
            answer["status"] = status
        headers = read_headers(written.get("headers"), spot.at("headers"))
        runs = not written.get("disableTemplating")
        body = self._body(written, headers, runs, spot)
        content = body.get("body")
        fault = self._texts.fault(*([content] if runs else []), headers)
        if fault:
            spot.warn(f"the template is sent as it is written: {fault}")
            runs = False
            headers = {name: self.plain(value) for name, value in headers.items()}
        else:
            headers = {name: self._text(value) for name, value in headers.items()}
        if isinstance(content, str):
            body["body"] = self._text(self.named(content)) if runs else self.plain(content)
        if headers:
            answer["headers"] = headers
        return answer | self.latency(written, spot) | body

    def latency(self, written: dict[str, Any], spot: Spot) -> dict[str, Any]:
        """The latency of a response, which comes on top of that of the environment."""
        own = spot.at("latency").milliseconds(written.get("latency") or 0)
        return {"latency_ms": self._latency_ms + own} if own else {}

    def _text(self, value: Any) -> Any:
        return (
            [self._texts.text(one) for one in value] if isinstance(value, list) else self._texts.text(value)
        )

    def plain(self, value: Any) -> Any:
        """A text that is sent as it is, whatever it looks like."""
        if isinstance(value, list):
            return [self.plain(one) for one in value]
        if self._texts.language is None:
            return literal(value)
        if "{{" not in value:
            return value
        return value.replace("{{", "\\{{") if _RAW_END in value else f"{{{{{{{{raw}}}}}}}}{value}{_RAW_END}"

    def named(self, text: str) -> str:
        """A template with the names of data buckets for their ids."""
        for id_, name in self._buckets.names.items():
            if id_ in text:
                quoted = "'" + name.replace("'", "\\'") + "'"
                text = quoted.join(re.split(rf"""'{re.escape(id_)}'|"{re.escape(id_)}\"""", text))
        return text

    # ---- bodies

    def _body(
        self, written: dict[str, Any], headers: dict[str, Any], runs: bool, spot: Spot
    ) -> dict[str, Any]:
        kind = written.get("bodyType") or (
            "FILE" if written.get("filePath") and not written.get("body") else "INLINE"
        )
        if kind == "FILE" and written.get("filePath"):
            return self._file(written, headers, runs, spot.at("filePath"))
        if kind == "DATABUCKET":
            id_ = str(written.get("databucketID") or "")
            name = self._buckets.names.get(id_)
            if name is None:
                spot.at("databucketID").leave(f"there is no data bucket {id_!r}")
            if not any(key.lower() == "content-type" for key in headers):
                headers["Content-Type"] = "application/json"
            quoted = name.replace("'", "\\'")
            return {"body": f"{{{{{{data '{quoted}'}}}}}}"}
        return {"body": spot.at("body").text(written.get("body") or "")}

    def _file(
        self, written: dict[str, Any], headers: dict[str, Any], runs: bool, spot: Spot
    ) -> dict[str, Any]:
        path = spot.text(written["filePath"]).replace("\\", "/")
        if "{{" in path:
            spot.leave("the path of a file has no templates")
        data = self._read(path, spot)
        name = path.removeprefix("./")
        if not written.get("sendFileAsBody", True):
            file = path.rpartition("/")[2].replace('"', "")
            headers.setdefault("Content-Disposition", f'attachment; filename="{file}"')
        self.files[name] = data
        kind = mimetypes.guess_type(name)[0]
        if not runs or kind not in TEMPLATED_TYPES or b"{{" not in data:
            return {"file": name}
        text = data.decode("utf-8", "replace")
        if fault := self._texts.fault(text):
            spot.warn(f"the template in the file is sent as it is written: {fault}")
            return {"file": name}
        self.files[name] = self.named(text).encode()
        return {"file": {"path": name, "template": True}}

    def _read(self, path: str, spot: Spot) -> bytes:
        """The content of a file below the environment's folder."""
        if self._folder is None:
            spot.leave("there is no folder to look for the file in")
        base = self._folder.resolve()
        file = (base / path).resolve()
        if not file.is_relative_to(base):
            spot.leave("the file is outside of the environment's folder")
        try:
            return file.read_bytes()
        except OSError as error:
            spot.leave(f"the file cannot be read: {error.strerror or error}")


def read_headers(written: Any, spot: Spot) -> dict[str, Any]:
    """A list of headers by name; one that is repeated has a list of values."""
    headers: dict[str, Any] = {}
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        pair = inner.mapping(one)
        name = str(pair.get("key") or "").strip()
        if not name:
            continue
        if name.lower() in _FRAMING:
            inner.warn(f"{name} is set from the length of the body")
            continue
        value = inner.at("value").text(pair.get("value") or "")
        known = next((key for key in headers if key.lower() == name.lower()), None)
        if known is None:
            headers[name] = value
        else:
            before = headers[known]
            headers[known] = [*before, value] if isinstance(before, list) else [before, value]
    return headers
