"""Every mistake in a value, where msgspec names only the first.

Runs only after `msgspec.convert` has refused the value. It walks over the value and the model side by
side, and reads the model's own types, so it knows no key by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Any

import msgspec
from msgspec import inspect as shapes

from understudy.load import hints
from understudy.load.fault import Fault, Keys
from understudy.load.limits import MAX_FAULTS
from understudy.load.words import any_of, cut, describe, kinds_of, named, show, show_plain, summary
from understudy.model import Behaviour, Config, Endpoint
from understudy.model.base import Model
from understudy.model.convert import convert

MAX_KEYS_SHOWN = 12
_OWNERS: tuple[tuple[type[msgspec.Struct], str], ...] = (  # where a key belongs that stands elsewhere
    (Behaviour, "an endpoint, or `defaults`"),
    (Endpoint, "an endpoint"),
    (Config, "the top of the config"),
)


def diagnose(value: Any, model: type, keys: Keys = ()) -> list[Fault]:
    """All faults of `value` as a `model`, in the order of the document. `keys` is where the value stands.

    The list is empty exactly if `msgspec.convert(value, model)` works.
    """
    try:
        convert(value, model)
    except msgspec.ValidationError as error:
        found = list(islice(_walk(value, _shape(model), keys), MAX_FAULTS + 1))
        if len(found) > MAX_FAULTS:
            found[MAX_FAULTS:] = [Fault(f"there are more mistakes than these {MAX_FAULTS:,}", keys)]
        return found or [Fault(_lower(str(error)), keys)]
    return []


@cache
def _shape(model: type) -> shapes.Type:
    return shapes.type_info(model)


def _walk(value: Any, shape: shapes.Type, keys: Keys) -> Iterator[Fault]:
    kinds = kinds_of(shape)
    if isinstance(kinds[0], shapes.AnyType):
        return
    fitting = [kind for kind in kinds if _accepts_shape(kind, value)]
    if not fitting:
        yield _wrong_shape(value, kinds, keys)
        return
    kind = fitting[0]
    match kind:
        case shapes.StructType():
            yield from _struct(value, kind, keys)
        case shapes.ListType():
            yield from _list(value, kind, keys)
        case shapes.TupleType():
            yield from _tuple(value, kind, keys)
        case shapes.DictType():
            if len(value) < (kind.min_length or 0):
                yield Fault("the object is empty", keys, show(value), describe(kinds))
            for name, item in value.items():
                yield from _walk(item, kind.value_type, (*keys, name))
        case _:
            yield from _leaf(value, kind, kinds, keys)


def _accepts_shape(kind: shapes.Type, value: Any) -> bool:
    match kind:
        case shapes.AnyType():
            return True
        case shapes.StructType() | shapes.DictType():
            return isinstance(value, dict)
        case shapes.ListType() | shapes.TupleType():
            return isinstance(value, list)
        case shapes.StrType():
            return isinstance(value, str)
        case shapes.LiteralType():
            return isinstance(value, str)
        case shapes.BoolType():
            return isinstance(value, bool)
        case shapes.NoneType():
            return value is None
        case shapes.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case shapes.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
    return True  # a kind the model does not have yet: msgspec's own message will do


def _leaf(value: Any, kind: shapes.Type, kinds: tuple[shapes.Type, ...], keys: Keys) -> Iterator[Fault]:
    match kind:
        case shapes.IntType() | shapes.FloatType():
            low = (kind.ge is not None and value < kind.ge) or (kind.gt is not None and value <= kind.gt)
            high = (kind.le is not None and value > kind.le) or (kind.lt is not None and value >= kind.lt)
            if low or high:
                yield Fault(
                    "the number is too small" if low else "the number is too large",
                    keys,
                    found=show(value),
                    accepted=describe(kinds),
                    suggestion=_suggestion(value, kinds, keys),
                )
        case shapes.StrType():
            message, suggestion = "", None
            if kind.min_length is not None and len(value) < kind.min_length:
                message = "the text is empty" if kind.min_length == 1 else "the text is too short"
            elif kind.max_length is not None and len(value) > kind.max_length:
                message = "the text is too long"
            elif kind.pattern is not None and not re.search(kind.pattern, value):
                message = "the text does not fit"
                if re.search(kind.pattern, f"/{value}"):
                    message, suggestion = "the text begins with a slash", show_plain(f"/{value}")
            if message:
                accepted = None if suggestion else describe(kinds)
                yield Fault(message, keys, found=show(value), accepted=accepted, suggestion=suggestion)
        case shapes.LiteralType():
            if value not in kind.values:
                near = hints.nearest(value, [str(item) for item in kind.values])
                suggestion = show_plain(near) if near else _suggestion(value, kinds, keys)
                yield Fault("not one of the choices", keys, show(value), describe(kinds), suggestion)


def _list(value: list[Any], kind: shapes.ListType, keys: Keys) -> Iterator[Fault]:
    if kind.min_length is not None and len(value) < kind.min_length:
        yield Fault("the list is too short", keys, show(value), f"a list of at least {kind.min_length}")
    for index, item in enumerate(value):
        yield from _walk(item, kind.item_type, (*keys, index))


def _tuple(value: list[Any], kind: shapes.TupleType, keys: Keys) -> Iterator[Fault]:
    if len(value) != len(kind.item_types):
        yield Fault(f"expected a list of {len(kind.item_types)} values", keys, found=show(value))
        return
    for index, (item, item_type) in enumerate(zip(value, kind.item_types, strict=True)):
        yield from _walk(item, item_type, (*keys, index))


def _struct(value: dict[str, Any], kind: shapes.StructType, keys: Keys) -> Iterator[Fault]:
    with suppress(msgspec.ValidationError):
        convert(value, kind.cls)
        return  # the many endpoints that are right are not walked over
    fields = {field.encode_name: field for field in kind.fields}
    meant: set[str] = set()
    faults: list[Fault] = []
    for name, item in value.items():
        if len(faults) > MAX_FAULTS:
            break
        field = fields.get(name)
        if field is None and name == kind.tag_field and item == kind.tag:
            continue  # it has said which model this is
        if field is None:
            faults.append(_unknown(name, value, kind, keys, meant))
        else:
            faults.extend(_walk(item, field.type, (*keys, name)))
    for name, field in fields.items():
        if field.required and name not in value and name not in meant:
            yield Fault(
                f'the key "{name}" is missing',
                keys,
                found=show(value),
                accepted=describe(kinds_of(field.type)),
            )
    good = _without(value, fields, [fault.keys[len(keys) :] for fault in faults])
    spoilt = {name for name in value if name in fields and name not in good} | meant
    faults.extend(_own_rules(good, spoilt, kind, keys))
    order = {name: index for index, name in enumerate(value)}
    yield from sorted(faults, key=lambda fault: order.get(str((*fault.keys, "")[len(keys)]), len(order)))


def _without(value: dict[str, Any], known: Collection[str], wrong: list[Keys]) -> dict[str, Any]:
    """The part of an object that has the right types: without wrong values, or wrong elements of them."""
    good = {name: item for name, item in value.items() if name in known}
    for name, *inner in wrong:
        item = good.get(str(name))
        if inner and isinstance(item, dict):
            good[str(name)] = {key: part for key, part in item.items() if key != inner[0]}
        else:
            good.pop(str(name), None)
    return good


def _unknown(name: str, value: dict[str, Any], kind: shapes.StructType, keys: Keys, meant: set[str]) -> Fault:
    bases = [base for base in kind.cls.__mro__[1:] if issubclass(base, Model)]
    shared = {key for base in bases for key in base.__struct_encode_fields__}
    # what this object is about comes before what others have too
    known = sorted((field.encode_name for field in kind.fields), key=shared.__contains__)
    absent = [key for key in known if key not in value and key not in meant]
    models = [cls.__name__ for cls in kind.cls.__mro__ if issubclass(cls, msgspec.Struct)]
    if kind.tag is not None:
        models.insert(0, str(kind.tag))
    message = f'unknown key "{cut(name)}"'
    key = hints.foreign_key(name, models, absent)
    if key is None:
        label = hints.deeper(name, models)
        if label is not None:
            return Fault(f"{message} here: it belongs to {label}", (*keys, name))
        for owner, label in _OWNERS:
            if owner is not kind.cls and name in owner.__struct_encode_fields__:
                return Fault(f"{message} here: it belongs to {label}", (*keys, name))
        inside = [field.encode_name for field in kind.fields if _has_key(field.type, name)]
        if 1 <= len(inside) <= 2:
            within = any_of([f"`{one}`" for one in inside])
            return Fault(f"{message} here: it belongs into {within}", (*keys, name))
        present = hints.foreign_key(name, models, [key for key in known if key in value])
        if present is not None:
            return Fault(f'{message}: "{present}" is there already', (*keys, name))
        key = hints.near_key(name, absent)
        if key is None and kind.cls.__name__ in hints.DATA:
            return Fault(f"{message} here: it belongs to {hints.DATA[kind.cls.__name__]}", (*keys, name))
    if key is not None:
        meant.add(key)
        return Fault(message, (*keys, name), suggestion=f'"{key}"')
    return Fault(message, (*keys, name), accepted=", ".join(known))


def _has_key(shape: shapes.Type, name: str) -> bool:
    """Whether an object that a field takes has such a key."""
    return any(
        isinstance(kind, shapes.StructType) and name in kind.cls.__struct_encode_fields__
        for kind in kinds_of(shape)
    )


def _own_rules(
    good: dict[str, Any], spoilt: Collection[str], kind: shapes.StructType, keys: Keys
) -> Iterator[Fault]:
    """What the model's `__post_init__` says, key by key, since it stops at its first complaint.

    A key is tried alone, beside the required ones; if it is refused, then beside all that are not, as it may
    need them. Where a list or an object is refused, each of its elements is tried. Keys that are `spoilt`
    have a mistake of their own: what is right as soon as they are is no other one.
    """
    cls: type[msgspec.Struct] = kind.cls
    if not hasattr(cls, "__post_init__"):
        return
    needed = {field.encode_name: _example(field.type) for field in kind.fields if field.required}
    lent: dict[str, Any] = {}
    for field in kind.fields:
        example = _example(field.type)
        if field.encode_name in spoilt and not list(_walk(example, field.type, ())):
            lent[field.encode_name] = example

    def complaint(own: dict[str, Any]) -> str | None:
        text = _complaint(cls, {**needed, **own})
        if text is not None and lent and _complaint(cls, {**needed, **own, **lent}) is None:
            return None
        return text

    refused = {name: item for name, item in good.items() if complaint({name: item}) is not None}
    fine = {name: item for name, item in good.items() if name not in refused}
    together = complaint(fine)
    is_helped = True
    while is_helped:
        is_helped = False
        for name, item in list(refused.items()):
            text = complaint({**fine, name: item})
            if text is None or text == together:
                fine[name] = refused.pop(name)
                together, is_helped = text, True
    if together is not None:
        yield Fault(together, keys)
    for name, item in refused.items():

        def among(part: Any, name: str = name) -> str | None:
            text = complaint({**fine, name: part})
            return None if text == together else text

        text = among(item)
        assert text is not None, "else it would be fine"
        for inner, inner_text in list(_complaints(item, among)) or [((), text)]:
            yield Fault(inner_text, (*keys, name, *inner), found=_found(item, inner))


def _complaints(value: Any, complaint: Callable[[Any], str | None]) -> Iterator[tuple[Keys, str]]:
    if isinstance(value, list):
        tries: list[tuple[str | int, Any]] = [(index, [item]) for index, item in enumerate(value)]
    elif isinstance(value, dict):
        tries = [(name, {name: item}) for name, item in value.items()]
    else:
        return
    for key, part in tries:
        text = complaint(part)
        if text is not None:
            yield (key,), text


def _complaint(cls: type[msgspec.Struct], value: dict[str, Any]) -> str | None:
    """What the model's own check says about a value whose types are right."""
    try:
        convert(value, cls)
    except msgspec.ValidationError as error:
        return str(error.__cause__) if isinstance(error.__cause__, ValueError) else None
    return None


def _example(shape: shapes.Type) -> Any:
    while isinstance(shape, shapes.Metadata):
        examples = (shape.extra_json_schema or {}).get("examples")
        if examples:
            return examples[0]
        shape = shape.type
    return "x"


def _wrong_shape(value: Any, kinds: tuple[shapes.Type, ...], keys: Keys) -> Fault:
    expected = any_of([summary(kind) for kind in named(kinds)])
    accepted = describe(kinds)
    return Fault(
        f"expected {expected}",
        keys,
        found=show(value),
        accepted=accepted if accepted != expected else _keys_of(kinds),
        suggestion=_suggestion(value, kinds, keys),
    )


def _keys_of(kinds: tuple[shapes.Type, ...]) -> str | None:
    """The keys of the object that is expected, if they can be taken in at a glance."""
    match kinds:
        case (shapes.StructType(fields=fields),) if len(fields) <= MAX_KEYS_SHOWN:
            return "an object with " + ", ".join(f"`{field.encode_name}`" for field in fields)
    return None


def _suggestion(value: Any, kinds: tuple[shapes.Type, ...], keys: Keys) -> str | None:
    key = next((key for key in reversed(keys) if isinstance(key, str)), "")
    for candidate in hints.instead(value, key):
        for kind in kinds:
            if _accepts_shape(kind, candidate) and not list(_walk(candidate, kind, ())):
                return show_plain(candidate)
    return None


def _found(value: Any, inner: Keys) -> str:
    for key in inner:
        value = value[key]
    return show(value)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
