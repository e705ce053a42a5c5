"""The operations of a document as endpoints: when a config is loaded.

Only paths, methods and names are looked at. What an operation says is read when it is first asked for
something, so that a document of a thousand operations costs a server that is asked for three next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from understudy.errors import ConfigError, Problem
from understudy.formats.imported import Fetch, Options
from understudy.formats.openapi.document import Library
from understudy.formats.openapi.operations import MAX_NAME, Head
from understudy.formats.openapi.paths import Path as PathOfOurs
from understudy.formats.read import text_source
from understudy.load.defaults import fill, fill_defaults, merge_behaviours
from understudy.load.driven import Driven, Expanded
from understudy.load.fault import Fault
from understudy.load.files import is_file, missing, outside, real
from understudy.load.foreign import Opened
from understudy.load.hints import nearest
from understudy.load.source import Source
from understudy.model import Behaviour, Endpoint, OpenApi
from understudy.model.convert import convert
from understudy.openapi.lazy import Lazy, open_document
from understudy.openapi.spec import Spec

if TYPE_CHECKING:
    from understudy.formats.openapi.bodies import Bodies


def expand(
    settings: OpenApi, folder: Path, opened: Mapping[str, Opened], fetch: Fetch | None = None
) -> Expanded:
    """The endpoints of a document: one below a folder, at a web address, or opened already.

    `fetch` gives what is at an address; where the config asks for it, also what a document refers to.
    """
    made = Expanded()
    library = Library(fetch=_may_fetch(settings, opened, fetch))
    try:
        source = _source(settings, folder, opened, fetch, made)
        if source is None:
            return made
        spec = Spec(source, library, source.label)
        if not isinstance(source.data, Lazy):
            spec.follow()
        _Endpoints(spec, settings, made).add()
    except ConfigError as error:
        made.problems = error.problems
        return made
    except UnicodeDecodeError:  # of a large document that was not looked through for that
        made.problems = (Problem("the file is not UTF-8: save it as UTF-8", file=settings.spec),)
        made.endpoints.clear()
        return made
    made.warnings = spec.warnings()
    made.files = (*made.files, *(file for file in library.files() if file not in made.files))
    return made


def expand_written(
    settings: OpenApi, folder: Path, opened: Mapping[str, Opened], fetch: Fetch | None = None
) -> Expanded:
    """The same as endpoints that say all by themselves, as `understudy import` writes them.

    For whoever looks at configs, and not at what happens when they are served.
    """
    from understudy.formats.openapi.to_config import read_openapi  # a start needs none of it

    made = Expanded()
    try:
        source = _source(settings, folder, opened, fetch, made)
        if source is None:
            return made
        options = Options(
            servers=settings.servers,
            validate=settings.validate != "off",
            auth=settings.auth != "off",
            fetch=_may_fetch(settings, opened, fetch),
            source_url=source.label,
        )
        imported = read_openapi(source, options)
    except ConfigError as error:
        made.problems = error.problems
        return made
    config = imported.config
    made.schemes = config.get("auth", {}).get("schemes", {})
    made.files, made.warnings = (*made.files, *imported.read), imported.warnings
    defaults = convert(config.get("defaults", {}), Behaviour)
    prefix = settings.prefix.rstrip("/")
    for written in config["endpoints"]:
        endpoint = convert({**written, "path": prefix + written["path"]}, Endpoint)
        names = (endpoint.name, f"{endpoint.methods[0]} {written['path']}")
        own = [settings.operations[name] for name in names if name in settings.operations]
        made.endpoints.append((fill_defaults(endpoint, [*own, settings.defaults, defaults]), None))
    return made


def _may_fetch(settings: OpenApi, opened: Mapping[str, Opened], fetch: Fetch | None) -> Fetch | None:
    """What follows references to web addresses; None: they are not followed."""
    known = opened.get(settings.spec)
    if known is not None:
        return known.fetch
    return fetch if settings.remote or _is_remote(settings.spec) else None


def _is_remote(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _source(
    settings: OpenApi, folder: Path, opened: Mapping[str, Opened], fetch: Fetch | None, made: Expanded
) -> Source | None:
    """The document; None if the key names none, which `made` then tells. Raises ConfigError."""
    known = opened.get(settings.spec)
    if known is not None:
        return known.source
    if _is_remote(settings.spec):
        return _fetched(settings.spec, fetch)
    path = _file(settings.spec, folder, made)
    if path is None:
        return None
    made.files = (path,)
    return open_document(path)


def _fetched(url: str, fetch: Fetch | None) -> Source:
    """The document at an address. Raises ConfigError."""
    if fetch is None:
        raise ConfigError([Problem("nothing is read from the web here", file=url)])
    try:
        text = fetch(url).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError([Problem("the document is not UTF-8", file=url)]) from None
    return text_source(text, url, PurePosixPath(urlsplit(url).path).suffix)


_VERSION = re.compile(r"[1-4](?:\.[0-9]{1,3}){1,2}")


def _file(name: str, folder: Path, made: Expanded) -> Path | None:
    path = real(folder, name)
    keys = ("spec",)
    if _VERSION.fullmatch(name) and not (path and is_file(path)):
        message = "this is the version of an OpenAPI document, where its file is to be named"
        made.faults.append(Fault(message, keys, found=name, accepted="a file, such as api.yaml"))
    elif path is None:
        made.faults.append(Fault("this is not a file name", keys, found=name[:60]))
    elif not path.is_relative_to(folder):
        made.faults.append(outside(folder, path, keys))
    elif not is_file(path):
        made.faults.append(missing(path, keys))
    else:
        return path
    return None


class _Endpoints:
    """Makes the endpoints of one document."""

    def __init__(self, spec: Spec, settings: OpenApi, made: Expanded) -> None:
        self.spec = spec
        self.settings = settings
        self.made = made
        self.names: set[str] = set()
        self.unused = dict(settings.operations)
        self.bodies: Bodies | None = None
        self.common = merge_behaviours([settings.defaults])

    def add(self) -> None:
        """Add all of them."""
        for number, head in enumerate(self.spec.heads):
            endpoint = self._endpoint(number, head)
            if endpoint is not None:
                self.made.endpoints.append((endpoint, Driven(self.spec, number, self.settings)))
        if not self.spec.heads:
            self.spec.root.warn("the document has no operations: nothing is served of it")
        if self.settings.auth == "full":
            self.made.schemes = self.spec.security.schemes
        for name in self.unused:
            known = [head.node.text("operationId") for head in self.spec.heads]
            known += [f"{head.method} {head.path}" for head in self.spec.heads]
            near = nearest(name, known)
            self.made.faults.append(
                Fault(
                    f"the document has no operation {name!r}",
                    ("operations", name),
                    suggestion=f'"{near}"' if near else None,
                )
            )

    def _endpoint(self, number: int, head: Head) -> Endpoint | None:
        path = self.spec.path(number, self.settings)
        if path is None:
            return None
        written: dict[str, Any] = {"path": path.text, "method": head.method}
        name = self._name(head)
        if name:
            written["name"] = name
        tags = [str(tag.value) for tag in head.node.elements("tags") if isinstance(tag.value, str)]
        if tags:
            written["group"] = tags
        if path.query:
            written["match"] = {"query": path.query}
        if self.settings.auth == "full":
            written["auth"] = self._access(number)
        if head.node.child("callbacks") is not None:
            written["callbacks"] = self._callbacks(number, path)
        try:
            if written.keys() <= {"path", "method", "name", "group"}:
                endpoint = Endpoint(**written)
            else:
                endpoint = convert(
                    {key: item for key, item in written.items() if item is not UNSET}, Endpoint
                )
        except (ValueError, msgspec.ValidationError) as error:
            head.node.warn(f"the operation cannot be served, {error}: it is left out")
            return None
        own = self._own(head)
        return fill_defaults(endpoint, [*own, self.settings.defaults]) if own else fill(endpoint, self.common)

    def _name(self, head: Head) -> str:
        name = head.node.text("operationId").strip()[:MAX_NAME]
        if name in self.names:
            return ""
        self.names.add(name)
        return name

    def _own(self, head: Head) -> list[Behaviour]:
        """What the settings say of an operation alone, the nearest first."""
        found: list[Behaviour] = []
        if not self.settings.operations:
            return found
        for name in (head.node.text("operationId"), f"{head.method} {head.path}"):
            if name in self.settings.operations:
                self.unused.pop(name, None)
                found.append(self.settings.operations[name])
        return found

    def _access(self, number: int) -> Any:
        operation = self.spec.operation(number)
        access = self.spec.security.of(operation)
        if access is None:
            access = self.spec.security.access(self.spec.api.security, self.spec.root)
        return access

    def _callbacks(self, number: int, path: PathOfOurs) -> Any:
        from understudy.formats.openapi.bodies import Bodies
        from understudy.formats.openapi.callbacks import callbacks_of
        from understudy.formats.openapi.schemas import Schemas

        if self.bodies is None:
            self.bodies = Bodies(Schemas(self.spec.is_new))
        return callbacks_of(self.spec.operation(number), path, self.bodies) or UNSET
