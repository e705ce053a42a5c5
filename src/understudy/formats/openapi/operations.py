"""What a document says of each operation, in one shape for OpenAPI 3.0, 3.1 and Swagger 2.0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from understudy.errors import ConfigError
from understudy.formats.openapi.document import Document, Library, Node
from understudy.formats.openapi.keys import METHODS, tell_slips
from understudy.load.fault import Fault
from understudy.load.words import show

STATUS = re.compile(r"[1-5](?:\d\d|XX)|default")
VERSIONS = ("2.0", "3.0", "3.1", "3.2")
MAX_OPERATIONS = 50_000
"""Operations of one document; the largest public one has 15,000."""
MAX_NAME = 200
"""Characters of an endpoint's name."""


@dataclass(frozen=True)
class Parameter:
    """A parameter. `where` is path, query, header or cookie; `is_json`: its text is JSON."""

    name: str
    where: str
    required: bool
    schema: Node | None
    style: str
    explode: bool
    is_json: bool
    node: Node


@dataclass(frozen=True)
class Example:
    """An example. `node` is its value: JSON, or bytes where a file beside the document has something else."""

    name: str
    node: Node


@dataclass(frozen=True)
class Media:
    """A body in one media type, as written, in lower case. `examples` in the order they are written."""

    type: str
    schema: Node | None
    examples: tuple[Example, ...]
    node: Node


@dataclass(frozen=True)
class Body:
    """A request body. `is_form_2`: it was put together from Swagger 2.0's form parameters."""

    required: bool
    media: tuple[Media, ...]
    node: Node


@dataclass(frozen=True)
class Header:
    """A header of a response."""

    name: str
    schema: Node | None
    examples: tuple[Example, ...]
    node: Node


@dataclass(frozen=True)
class Link:
    """Where a client may go from a response.

    `operation_id` or `operation_ref` names the operation; `parameters` are what it is asked with: constants,
    and runtime expressions (OpenAPI 3.1 section 4.7.20.1).
    """

    name: str
    operation_id: str
    operation_ref: str
    parameters: tuple[tuple[str, Any], ...]
    node: Node


@dataclass(frozen=True)
class Response:
    """A response; `status` is three digits, a range such as `4XX`, or `default`."""

    status: str
    headers: tuple[Header, ...]
    media: tuple[Media, ...]
    node: Node
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Callback:
    """A request that the server sends; `url` is an expression of section 4.7.20 of OpenAPI 3.1."""

    name: str
    url: str
    method: str
    body: Body | None
    node: Node


@dataclass(frozen=True)
class Operation:
    """An operation. `prefix` is the path of its server, without a slash at the end.

    `security` has alternatives, each of which names schemes that are all needed, with scopes; None: not said.
    """

    method: str
    path: str
    prefix: str
    id: str
    summary: str
    tags: tuple[str, ...]
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    security: tuple[dict[str, tuple[str, ...]], ...] | None
    callbacks: tuple[Callback, ...]
    node: Node


@dataclass(frozen=True)
class Api:
    """A whole document. `version` is one of VERSIONS; `schemes` are in the shape of OpenAPI 3."""

    title: str
    version: str
    operations: tuple[Operation, ...]
    schemes: dict[str, Node] = field(default_factory=dict)
    security: tuple[dict[str, tuple[str, ...]], ...] | None = None


def read_api(document: Document) -> Api:
    """What the document says. Raises ConfigError if it is none."""
    reader = reader_of(document.root)
    operations = tuple(map(reader.operation, reader.heads()))
    return reader.api(operations)


def reader_of(root: Node) -> Reader:
    """What reads a document of this version. Raises ConfigError if it is none."""
    version = _version(root)
    if version == "2.0":
        from understudy.formats.openapi.swagger import SwaggerReader

        return SwaggerReader(root, version)
    return Reader(root, version)


def _version(root: Node) -> str:
    data = root.value
    source = root.document.source
    if not isinstance(data, dict):
        raise ConfigError([source.problem(Fault("an OpenAPI document is an object", (), show(data)))])
    key = "openapi" if "openapi" in data else "swagger"
    written = str(data.get(key, ""))
    version = next((one for one in VERSIONS if written == one or written.startswith(f"{one}.")), None)
    accepted = ", ".join(VERSIONS)
    if key not in data:
        fault = Fault("the key `openapi`, with the version, is missing", accepted=accepted)
    elif version is None and not written[:1].isdigit():
        fault = Fault("this is a config that names a document, and no document", (key,), show(data[key]))
    elif version is None:
        fault = Fault("this version of OpenAPI is not known", (key,), written, accepted)
    elif (version == "2.0") != (key == "swagger"):
        fault = Fault("`swagger` is for version 2.0, `openapi` for those from 3.0", (key,), written)
    elif not isinstance(data.get("paths", {}), dict):
        fault = Fault("`paths` is an object, path by path", ("paths",), show(data["paths"]))
    elif not data.get("paths") and not {"webhooks", "components", "paths"}.intersection(data):
        fault = Fault("the document has no `paths`, so there is nothing to serve")
    else:
        assert version is not None
        return version
    raise ConfigError([source.problem(fault)])


def security_of(node: Node) -> tuple[dict[str, tuple[str, ...]], ...] | None:
    """The alternatives of `security`; None if it is not there."""
    written = node.get("security")
    if written is None or not isinstance(written.value, list):
        return None
    found: list[dict[str, tuple[str, ...]]] = []
    for one in written.value:
        if isinstance(one, dict):
            found.append(
                {
                    str(name): tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else ()
                    for name, scopes in one.items()
                }
            )
    return tuple(found)


class Head(NamedTuple):
    """What is known of an operation before it is read: `item` is the path it is under."""

    method: str
    path: str
    prefix: str
    item: Node
    node: Node


class Reader:
    """Reads the operations of OpenAPI 3. `version` is one of VERSIONS."""

    def __init__(self, root: Node, version: str) -> None:
        self.root = root
        self.version = version
        self.library: Library = root.document.library

    def api(self, operations: tuple[Operation, ...]) -> Api:
        """What the document says beside these operations of it."""
        info = self.root.get("info")
        return Api(
            title=info.text("title") if info is not None else "",
            version=self.version,
            operations=operations,
            schemes=self.schemes(),
            security=security_of(self.root),
        )

    def heads(self) -> Iterator[Head]:
        """All operations, in the order of the document."""
        outer = self.prefix(self.root) or ""
        self.tell(self.root, "document")
        for path, item in self.root.items("paths"):
            if path.startswith("x-"):
                continue
            if not isinstance(item.value, dict):
                item.warn("a path is an object, method by method: it is left out", found=show(item.value))
                continue
            if not path.startswith("/"):
                item.warn("a path begins with a slash: one was added", found=path)
                path = f"/{path}"
            own = self.prefix(item)
            self.tell(item, "path")
            for method in METHODS:
                node = item.get(method)
                if node is None:
                    continue
                if not isinstance(node.value, dict):
                    node.warn("an operation is an object: it is left out", found=show(node.value))
                    continue
                self.tell(node, "operation")
                prefix = self.prefix(node)
                prefix = next(one for one in (prefix, own, outer) if one is not None)
                yield Head(method.upper(), path, prefix, item, node)

    def tell(self, node: Node, what: str) -> None:
        """Warn of keys of a `what` that are slips."""
        tell_slips(node, what)

    def operation(self, head: Head) -> Operation:
        """One operation, read."""
        method, path, prefix, item, node = head
        parameters = self._parameters(item, node)
        return Operation(
            method=method,
            path=path,
            prefix=prefix,
            id=node.text("operationId"),
            summary=node.text("summary"),
            tags=tuple(str(tag.value) for tag in node.elements("tags") if isinstance(tag.value, str)),
            deprecated=node.flag("deprecated"),
            parameters=parameters,
            body=self.body(item, node),
            responses=tuple(self.responses(node)),
            security=security_of(node),
            callbacks=tuple(self._callbacks(node)),
            node=node,
        )

    def prefix(self, node: Node) -> str | None:
        """The path of the first server that is named at a node; None if none is."""
        server = next(node.elements("servers"), None)
        if server is None:
            return None
        url = server.text("url")
        for name, variable in server.items("variables"):
            url = url.replace(f"{{{name}}}", variable.text("default"))
        base = node.document.address
        try:
            # relative to where the document is (OpenAPI 3.1 section 4.7.5), as far as that says something
            path = urlsplit(urljoin(base if base.startswith("http") else "http://localhost/", url)).path
        except ValueError:
            server.warn("the address of the server cannot be read: its path is left out", "url", url)
            return ""
        return path.rstrip("/")

    def schemes(self) -> dict[str, Node]:
        """The security schemes by name."""
        components = self.root.get("components")
        return dict(components.items("securitySchemes")) if components is not None else {}

    def _parameters(self, item: Node, node: Node) -> tuple[Parameter, ...]:
        """Those of the operation and, unless it has its own, those of the path."""
        found: dict[tuple[str, str], Parameter] = {}
        for holder in (item, node):
            for one in holder.elements("parameters"):
                parameter = self.parameter(one)
                if parameter is not None:
                    found[parameter.where, parameter.name] = parameter
        return tuple(found.values())

    def parameter(self, node: Node) -> Parameter | None:
        """A parameter; None if it is none."""
        name, where = node.text("name"), node.text("in")
        if not name or where not in ("path", "query", "header", "cookie"):
            node.warn(
                "a parameter has a `name` and is `in` path, query, header or cookie: this one is left out"
            )
            return None
        self.tell(node, "parameter")
        style = node.text("style", "form" if where in ("query", "cookie") else "simple")
        media = next(node.items("content"), None)
        schema = node.get("schema") if media is None else media[1].get("schema")
        return Parameter(
            name=name,
            where=where,
            required=where == "path" or node.flag("required"),
            schema=schema,
            style=style,
            explode=node.flag("explode", style == "form"),
            is_json=media is not None,
            node=node,
        )

    def body(self, item: Node, node: Node) -> Body | None:
        """The request body."""
        written = node.get("requestBody")
        if written is None:
            return None
        self.tell(written, "request body")
        return Body(written.flag("required"), tuple(self.media(written)), written)

    def media(self, node: Node) -> Iterator[Media]:
        """The media types of `content`."""
        for name, one in node.items("content"):
            self.tell(one, "media type")
            yield Media(name.strip().lower(), one.get("schema"), tuple(examples_of(one)), one)

    def responses(self, node: Node) -> Iterator[Response]:
        """The responses in the order of the document."""
        for name, one in node.items("responses"):
            if name.startswith("x-"):
                continue
            status = name if name == "default" else name.upper()
            if not STATUS.fullmatch(status):
                one.warn("this is no status: the response is left out", found=name)
                continue
            self.tell(one, "response")
            media = tuple(self.response_media(node, one))
            yield Response(status, tuple(self.headers(one)), media, one, tuple(_links(one)))

    def response_media(self, operation: Node, response: Node) -> Iterator[Media]:
        """The bodies of a response."""
        yield from self.media(response)

    def headers(self, node: Node) -> Iterator[Header]:
        """The headers of a response."""
        for name, one in node.items("headers"):
            media = next(one.items("content"), None)
            described = one if media is None else media[1]
            yield Header(name, described.get("schema"), tuple(examples_of(described)), one)

    def _callbacks(self, node: Node) -> Iterator[Callback]:
        for name, paths in node.items("callbacks"):
            for url, item in paths.items():
                for method in METHODS:
                    one = item.get(method) if not url.startswith("x-") else None
                    if one is not None:
                        yield Callback(name, url, method.upper(), self.body(item, one), one)


def _links(node: Node) -> Iterator[Link]:
    for name, one in node.items("links"):
        parameters = one.get("parameters")
        given = parameters.value if parameters is not None else {}
        yield Link(
            name=name,
            operation_id=one.text("operationId"),
            operation_ref=one.text("operationRef"),
            parameters=tuple(given.items()) if isinstance(given, dict) else (),
            node=one,
        )


def examples_of(node: Node) -> Iterator[Example]:
    """The examples of a media type, a parameter or a header: first those with a name."""
    for name, one in node.items("examples"):
        for key in ("value", "dataValue"):
            value = one.child(key)
            if value is not None:
                yield Example(name, _meant(value))
                break
        else:
            yield from _external(name, one)
    plain = node.child("example")
    if plain is not None:
        resolved = plain.resolved()
        if resolved is not None:
            yield Example("", resolved)


def _meant(value: Node) -> Node:
    """The value of an example that refers to another example.

    By the letter it is data with the key `$ref`, but whoever writes one, as GitHub does, hardly means that.
    """
    written = value.value
    if isinstance(written, dict) and written.keys() == {"$ref"} and "/examples/" in str(written["$ref"]):
        found = value.resolved()
        other = found.child("value") if found is not None else None
        return other or value
    return value


def _external(name: str, node: Node) -> Iterator[Example]:
    """The example in another file: data where that is JSON or YAML, else the text, or the bytes, in it."""
    address = node.text("externalValue")
    if not address:
        node.warn("an example has a `value`: this one is left out")
        return
    from understudy.formats.openapi.document import Unresolved, split_target

    library = node.document.library
    try:
        if split_target(address).path.lower().endswith((".json", ".yaml", ".yml")):
            yield Example(name, library.open(node.document, address).root)
        else:
            yield Example(name, Node(library.content(node.document, address), node.document, node.keys))
    except Unresolved as error:
        node.warn(str(error), "externalValue", address)
