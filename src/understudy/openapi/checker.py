"""Schemas of a document as validators of what clients send, or of what they get.

Properties that are `readOnly` are none in requests, and those that are `writeOnly` none in responses: as in
Prism, a schema that forbids additional properties refuses them there, and any other takes no notice of them.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.schemas import ANNOTATIONS, Schemas
from understudy.load.fault import Keys
from understudy.openapi.shapes import ANY, Shape, shape_of
from understudy.openapi.texts import FORMATS
from understudy.openapi.violation import Violation
from understudy.openapi.words import tell
from understudy.simulate.validate.explain import TOO_DEEP, TOO_LARGE, Misfit, misfits
from understudy.simulate.validate.schema import MASK, MAX_BACKTRACKING

if TYPE_CHECKING:
    import jsonschema_rs

MAX_VIOLATIONS = 100
"""Most that is told of one request or response."""
MAX_KEYS = 30
MAX_KEY = 100
"""Keys of a location, and characters of each: they are the client's, and there may be many locations."""

Side = Literal["Request", "Response"]
_HIDDEN: dict[Side, str] = {"Request": "readOnly", "Response": "writeOnly"}
_SHOWN: dict[Side, str] = {"Request": "writeOnly", "Response": "readOnly"}
_MAX_PARTS = 5  # levels of `allOf` in which it is looked for
_DEFINITION = "#/$defs/"
_ONE = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "dependentSchemas")
_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""Formats that are bounds (OpenAPI 3.0 section 4.4), which Prism has too."""


class Place(NamedTuple):
    """Where values come from: of which side, and from which part of it ("query", "body", …)."""

    side: Side
    part: str

    def violation(self, path: tuple[str | int, ...], code: str, message: str) -> Violation:
        """A violation below this place, in Prism's words."""
        keys = tuple(str(key)[:MAX_KEY] for key in path[:MAX_KEYS])
        named = ("property " if self.part == "body" else "parameter ") + ".".join(keys) + " " if keys else ""
        location = (self.part, *keys) if self.side == "Request" else ("response", self.part, *keys)
        return Violation(location, code, f"{self.side} {self.part} {named}{message}")


class Checker:
    """A schema that has everything that it refers to with it. Raises ValueError if it cannot be used."""

    def __init__(self, document: Any) -> None:
        import jsonschema_rs

        self.document = document
        self.validator: jsonschema_rs.Validator = jsonschema_rs.validator_for(document, **_options())
        self._parts: jsonschema_rs.ValidatorMap | None = None

    @property
    def takes_any_text(self) -> bool:
        """Whether a text fits, and nothing else."""
        return bool(self.document == {"type": "string"})

    @cached_property
    def shape(self) -> Shape:
        """What texts become for it."""
        return shape_of(self.document)

    def part(self, pointer: str) -> jsonschema_rs.Validator | None:
        """The validator of a schema within this one, by its place in it (`#/properties/a`)."""
        if self._parts is None:
            import jsonschema_rs

            self._parts = jsonschema_rs.validator_map_for(self.document, **_options())
        return self._parts.get(pointer)

    def is_valid(self, value: Any) -> bool:
        """Whether a value fits."""
        try:
            return self.validator.is_valid(value)
        except ValueError:  # deeper than the library goes
            return False

    def look(self, value: Any, place: Place, above: tuple[str | int, ...] = ()) -> list[Violation]:
        """What does not fit in a value that stands at a place.

        First what is wrong with the whole, then by property, in the order of the schema.
        """
        found = misfits(self, value, MAX_VIOLATIONS, tell)
        if len(found) > 1:
            found.sort(key=self._rank)
        return [
            place.violation((*above, *one.path), one.keyword, _bounded(one.keyword, one.message))
            for one in found
        ]

    def _rank(self, misfit: Misfit) -> int:
        if not misfit.path:
            return -1
        first = misfit.path[0]
        return first if isinstance(first, int) else self._order.get(first, len(self._order))

    @cached_property
    def _order(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.shape.names)}


def _bounded(keyword: str, message: str) -> str:
    """The message, without the value where that is too large or too deep to be explained."""
    if keyword != "schema":
        return message
    return TOO_LARGE if message.endswith(TOO_LARGE) else TOO_DEEP


def _options() -> dict[str, Any]:
    import jsonschema_rs

    return {
        "validate_formats": True,
        "formats": FORMATS,
        "email_options": jsonschema_rs.EmailOptions(
            require_tld=True, allow_domain_literal=False, allow_display_text=False
        ),
        "mask": MASK,
        "pattern_options": jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKING),
        "offline": True,
    }


def compile_checker(document: Any, node: Node) -> Checker | None:
    """The checker of a schema, written at a node; None if anything fits, or, with a warning, it is no use."""
    if document is True or document == {}:
        return None
    import jsonschema_rs

    try:
        return Checker(document)
    except (jsonschema_rs.ReferencingError, ValueError) as error:
        reason = str(getattr(error, "message", error)).partition("\n")[0]
        node.warn(f"this schema cannot be used, anything is valid: {reason.replace(MASK, 'it')}")
        return None


class Checkers:
    """The checkers of one document for one side; what several operations refer to is made once."""

    def __init__(self, is_new: bool, side: Side) -> None:
        self.side: Side = side
        self._schemas = Schemas(is_new)
        self._hidden, self._shown = _HIDDEN[side], _SHOWN[side]
        self._checkers: dict[tuple[str, Keys], Checker | None] = {}
        self._made: dict[str, tuple[Any, Any]] = {}
        self._definitions: dict[str, Any] = {}

    def of(self, node: Node | None) -> Checker | None:
        """The checker of a schema; None if there is none, or anything fits."""
        if node is None:
            return None
        place = (node.document.address, node.keys)
        if place not in self._checkers:
            self._checkers[place] = self._checker(node)
        return self._checkers[place]

    def shape(self, node: Node | None) -> Shape:
        """The shape of a schema as it is written: with its XML names, and what this side does not see."""
        return ANY if node is None else shape_of(self._schemas.of(node))

    def _checker(self, node: Node) -> Checker | None:
        return compile_checker(self._document(node), node)

    def _document(self, node: Node) -> Any:
        """The schema as this side sees it, with the definitions that it needs."""
        document = self._schemas.of(node)
        if not isinstance(document, dict):
            return document
        definitions = document.get("$defs")
        self._definitions = definitions if definitions is not None else {}
        made = self._seen({key: item for key, item in document.items() if key != "$defs"})
        if definitions is not None:
            made["$defs"] = {name: self._definition(name, one) for name, one in definitions.items()}
        return made

    def _definition(self, name: str, written: Any) -> Any:
        known = self._made.get(name)
        if known is None or known[0] is not written:
            known = self._made[name] = (written, self._seen(written))
        return known[1]

    def _seen(self, schema: Any, above: frozenset[str] = frozenset()) -> Any:
        """A schema without what this side does not see; `above`: more properties that are hidden."""
        if not isinstance(schema, dict):
            return schema
        hidden = above | self._hidden_names(schema)
        made: dict[str, Any] = {}
        for key, value in schema.items():
            if key in ANNOTATIONS:
                continue
            if key == "properties":
                made[key] = {name: self._seen(one) for name, one in value.items() if name not in hidden}
            elif key == "required":
                names = [name for name in value if name not in hidden]
                if names:
                    made[key] = names
            elif key in _ONE:
                made[key] = self._seen(value)
            elif key in _LISTS:
                made[key] = [self._seen(one, hidden if key == "allOf" else frozenset()) for one in value]
            elif key in _MAPS:
                made[key] = {name: self._seen(one) for name, one in value.items()}
            else:
                made[key] = value
        bounds = _BOUNDS.get(str(schema.get("format")))
        if bounds is not None:
            made.setdefault("minimum", bounds[0])
            made.setdefault("maximum", bounds[1])
        return made

    def _hidden_names(self, schema: dict[str, Any]) -> frozenset[str]:
        """The properties that this side does not see, also those of the parts of `allOf`."""
        found: set[str] = set()
        stack, seen = [schema], 0
        while stack and seen < 100:
            one = self._resolved(stack.pop())
            seen += 1
            if isinstance(one, dict):
                properties = one.get("properties", {})
                found |= {name for name, inner in properties.items() if self._is_hidden(inner)}
                stack += one.get("allOf", ())
        return frozenset(found)

    def _is_hidden(self, schema: Any, depth: int = 0) -> bool:
        """Whether a property says so, or what it refers to, or else a part of its `allOf`."""
        if not isinstance(schema, dict) or depth > _MAX_PARTS:
            return False
        for one in (schema, self._resolved(schema)):
            if not isinstance(one, dict):
                return False
            if one.get(self._hidden) is True:
                return True
            if one.get(self._shown) is True:
                return False
            if any(self._is_hidden(part, depth + 1) for part in one.get("allOf", ())):
                return True
        return False

    def _resolved(self, schema: Any) -> Any:
        for _ in range(20):
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            if not isinstance(reference, str):
                break
            schema = self._definitions.get(reference.removeprefix(_DEFINITION))
        return schema
