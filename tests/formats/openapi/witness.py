"""Random schemas that can be met: each is written around a value that meets it, its witness."""

from hypothesis import strategies as st

NAMES = ["id", "name", "kind", "a b", "ünïcode", "x-tag", "count/total", "createdAt"]
texts = st.text(alphabet="abcXYZ019 -_é", max_size=12)
numbers = st.integers(-1000, 1000) | st.sampled_from([0.5, -2.25, 1e6, 99.99])
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)
TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


@st.composite
def around(draw, value, depth=3):
    """A schema that the value meets."""
    pick = draw(st.integers(0, 13 if depth else 7))
    if pick == 8:
        return {"allOf": [draw(around(value, depth - 1)), draw(around(value, depth - 1))]}
    if pick == 9:
        branches = [draw(around(value, depth - 1)), draw(around(draw(values), depth - 1))]
        return {"anyOf": draw(st.permutations(branches))}
    if pick == 10:
        good = draw(around(value, depth - 1))
        return {"oneOf": draw(st.permutations([good, {"not": good}]))}
    if pick == 11:
        return {**plain(draw, value, depth), "not": {"const": ["something", "else"]}}
    if pick == 12:
        test = draw(around(value, depth - 1))
        return {"if": test, "then": draw(around(value, depth - 1)), "else": draw(around(draw(values), 0))}
    if pick == 13:
        return {"if": {"type": "array", "maxItems": 0}, "then": True, "else": draw(around(value, depth - 1))}
    if pick == 0:
        others = draw(st.lists(values, max_size=2))
        return {"enum": [value, *others]}
    if pick == 1:
        return {} if depth == 0 else {"description": "anything"}
    return plain(draw, value, depth)


def plain(draw, value, depth):
    if value is None:
        return {"type": draw(st.sampled_from(["null", ["null", "string"]]))}
    kind = TYPES[type(value)]
    schema = {"type": draw(st.sampled_from([kind, [kind, "null"]]))}
    maybe = st.booleans()
    if kind in ("integer", "number"):
        low, high = draw(st.sampled_from([0, 1, 50])), draw(st.sampled_from([0, 1, 50]))
        if draw(maybe):
            schema["minimum"] = value - low
        if draw(maybe):
            schema["exclusiveMaximum"] = value + high + 1
        if kind == "integer" and value and draw(maybe):
            schema["multipleOf"] = draw(st.sampled_from([1, abs(value)]))
    elif kind == "string":
        if draw(maybe):
            schema["minLength"] = max(0, len(value) - draw(st.integers(0, 3)))
        if draw(maybe):
            schema["maxLength"] = len(value) + draw(st.integers(0, 3))
    elif kind == "array":
        if draw(maybe):
            schema["maxItems"] = len(value) + draw(st.integers(0, 2))
        if draw(maybe):
            schema["minItems"] = len(value)
        if value and draw(maybe):
            schema["prefixItems"] = [draw(around(item, depth and depth - 1)) for item in value]
            if draw(maybe):
                schema["items"] = False
        elif value and draw(maybe):
            schema["contains"] = draw(around(value[0], depth and depth - 1))
    elif kind == "object":
        schema["properties"] = {
            name: draw(around(item, depth and depth - 1)) for name, item in value.items() if draw(maybe)
        }
        if draw(maybe):
            schema["required"] = [name for name in value if draw(maybe)]
        if draw(maybe):
            schema["minProperties"] = len(value)
        if draw(maybe):
            schema["maxProperties"] = len(value) + draw(st.integers(0, 2))
        if set(schema["properties"]) == set(value) and draw(maybe):
            closed = draw(st.sampled_from(["additionalProperties", "unevaluatedProperties"]))
            schema[closed] = False
        elif draw(maybe):
            schema["propertyNames"] = {"maxLength": 20}
    return schema


@st.composite
def satisfiable(draw):
    """A schema that can be met."""
    return draw(around(draw(values)))
