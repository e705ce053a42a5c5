"""The table of styles in OpenAPI 3.1 (section 4.7.12.4) is read, and so is what a plain twin has written."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.openapi.shapes import shape_of
from understudy.openapi.styles import (
    ABSENT,
    FIELD_STYLES,
    MAX_DEPTH,
    TEXT_STYLES,
    Fields,
    Misstyled,
    Spec,
    simple,
)
from understudy.request import Request

ONE = {"type": "string"}
LIST = {"type": "array", "items": {"type": "string"}}
OBJECT = {"type": "object", "properties": {key: {"type": "string"} for key in "RGB"}}
BLUE = "blue"
COLORS = ["blue", "black", "brown"]
RGB = {"R": "100", "G": "200", "B": "150"}

TEXT_TABLE = [
    ("simple", False, "", ONE, ""),
    ("simple", False, "", LIST, []),
    ("simple", False, "blue", ONE, BLUE),
    ("simple", False, "blue,black,brown", LIST, COLORS),
    ("simple", True, "blue,black,brown", LIST, COLORS),
    ("simple", False, "R,100,G,200,B,150", OBJECT, RGB),
    ("simple", True, "R=100,G=200,B=150", OBJECT, RGB),
    ("label", False, ".", ONE, ""),
    ("label", False, ".blue", ONE, BLUE),
    ("label", False, ".blue,black,brown", LIST, COLORS),
    ("label", True, ".blue.black.brown", LIST, COLORS),
    ("label", False, ".R,100,G,200,B,150", OBJECT, RGB),
    ("label", True, ".R=100.G=200.B=150", OBJECT, RGB),
    ("matrix", False, ";color", ONE, ""),
    ("matrix", False, ";color=blue", ONE, BLUE),
    ("matrix", True, ";color=blue", ONE, BLUE),
    ("matrix", False, ";color=blue,black,brown", LIST, COLORS),
    ("matrix", True, ";color=blue;color=black;color=brown", LIST, COLORS),
    ("matrix", True, ";", LIST, []),
    ("matrix", False, ";color=R,100,G,200,B,150", OBJECT, RGB),
    ("matrix", True, ";R=100;G=200;B=150", OBJECT, RGB),
]

FIELD_TABLE = [
    ("form", True, "color=", ONE, ""),
    ("form", True, "color=blue", ONE, BLUE),
    ("form", False, "color=blue,black,brown", LIST, COLORS),
    ("form", False, "color=blue%2Cblack%2Cbrown", LIST, COLORS),
    ("form", False, "color=a%2Cb,c", LIST, ["a,b", "c"]),
    ("form", False, "color=blue,black&color=brown", LIST, COLORS),
    ("form", True, "color=blue&color=black&color=brown", LIST, COLORS),
    ("form", True, "color=blue", LIST, [BLUE]),
    ("form", True, "color=blue,black", LIST, ["blue,black"]),
    ("form", False, "color=R,100,G,200,B,150", OBJECT, RGB),
    ("form", True, "R=100&G=200&B=150&X=1", OBJECT, RGB),
    ("form", True, "X=1", OBJECT, ABSENT),
    ("form", True, "x=1", LIST, ABSENT),
    ("form", False, "x=1", LIST, ABSENT),
    ("form", True, "x=1", ONE, ABSENT),
    ("form", True, "color=a&color=b", ONE, ["a", "b"]),
    ("spaceDelimited", False, "color=blue%20black%20brown", LIST, COLORS),
    ("spaceDelimited", False, "color=blue+black+brown", LIST, COLORS),
    ("spaceDelimited", False, "color=R%20100%20G%20200%20B%20150", OBJECT, RGB),
    ("spaceDelimited", True, "color=blue&color=black&color=brown", LIST, COLORS),
    ("pipeDelimited", False, "color=blue%7Cblack%7Cbrown", LIST, COLORS),
    ("pipeDelimited", False, "color=blue|black|brown", LIST, COLORS),
    ("pipeDelimited", False, "color=R%7C100%7CG%7C200%7CB%7C150", OBJECT, RGB),
    ("tabDelimited", False, "color=blue%09black%09brown", LIST, COLORS),
    ("deepObject", True, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150", OBJECT, RGB),
    ("deepObject", True, "color[R]=100&color[G]=200&color[B]=150", OBJECT, RGB),
    ("deepObject", True, "colors[R]=100", OBJECT, ABSENT),
    ("deepObject", True, "color[]=a&color[]=b", LIST, ["a", "b"]),
    ("deepObject", True, "color[1]=b&color[0]=a&color[10]=c", LIST, ["a", "b", "c"]),
    ("deepObject", True, "color=a&color=b", LIST, ["a", "b"]),
    ("deepObject", True, "color=a", {"type": ["object", "string"]}, "a"),
    ("deepObject", True, "color[a", OBJECT, ABSENT),
    ("deepObject", True, "color[a]b=1", OBJECT, ABSENT),
    ("deepObject", True, "color[R]=1&color[R][x]=2", OBJECT, {"R": "1"}),
]

EITHER = {"oneOf": [ONE, LIST]}


def spec(schema, explode=False):
    return Spec("color", shape_of(schema), explode)


def fields(query):
    made = Request("GET", b"/?" + query.encode())
    return Fields(made.query, made.query_string)


@pytest.mark.parametrize(("style", "explode", "text", "schema", "expected"), TEXT_TABLE)
def test_texts_of_the_table(style, explode, text, schema, expected):
    assert TEXT_STYLES[style](spec(schema, explode))(text) == expected


@pytest.mark.parametrize(("style", "explode", "query", "schema", "expected"), FIELD_TABLE)
def test_fields_of_the_table(style, explode, query, schema, expected):
    found = FIELD_STYLES[style](spec(schema, explode))(fields(query))
    assert found is expected if expected is ABSENT else found == expected


@pytest.mark.parametrize(
    ("style", "text", "said"),
    [
        ("label", "blue", '"."'),
        ("matrix", "color=blue", '";"'),
        ("matrix", ";colour=blue", '";color="'),
        ("matrix", ";", '";color="'),
    ],
)
def test_what_is_in_no_style_is_told(style, text, said):
    with pytest.raises(Misstyled, match=said):
        TEXT_STYLES[style](spec(ONE))(text)


def test_one_that_may_be_a_list_is_one_until_there_are_more():
    assert simple(spec(EITHER))("a") == "a"
    assert simple(spec(EITHER))("a,b") == ["a", "b"]
    assert TEXT_STYLES["matrix"](spec(EITHER, True))(";color=a") == "a"
    for style, explode, query in [("form", True, "color=a&color=b"), ("form", False, "color=a,b")]:
        read = FIELD_STYLES[style](spec(EITHER, explode))
        assert read(fields("color=a")) == "a"
        assert read(fields(query)) == ["a", "b"]


def test_separators_of_swagger_2():
    assert simple(spec(LIST), "|")("a|b,c") == ["a", "b,c"]


def test_objects_within_objects_and_their_bound():
    schema = {"properties": {"a": {"properties": {"b": LIST, "c": {"items": OBJECT}}}}}
    read = FIELD_STYLES["deepObject"](spec(schema))
    assert read(fields("color[a][b][]=1&color[a][b][]=2&color[a][c][0][R]=1")) == {
        "a": {"b": ["1", "2"], "c": [{"R": "1"}]}
    }
    assert read(fields("color" + "[x]" * (MAX_DEPTH + 1) + "=1")) is ABSENT
    assert read(fields("color" + "[x]" * MAX_DEPTH + "=1")) is not ABSENT


# --- written by a plain twin, and read back -----------------------------------------------------------------

WORD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
PLAIN = st.text("abcXYZ019_- é", min_size=1, max_size=8)  # without what separates


def written(style, explode, name, value):
    """The query for a value, by RFC 6570 and the table."""

    def pairs(items):
        return "&".join(f"{quote(key, safe='')}={quote(one, safe='')}" for key, one in items)

    if isinstance(value, str):
        return pairs([(name, value)])
    if style == "deepObject":
        return pairs((f"{name}[{key}]", one) for key, one in value.items())
    if explode:
        return pairs(value.items() if isinstance(value, dict) else ((name, one) for one in value))
    flat = value if isinstance(value, list) else [part for pair in value.items() for part in pair]
    separator = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}[style]
    return f"{name}=" + separator.join(quote(one, safe="") for one in flat)


@given(st.sampled_from(["form", "spaceDelimited", "pipeDelimited", "tabDelimited"]), st.data())
def test_lists_of_any_text_come_back_exploded(style, data):
    value = data.draw(st.lists(WORD, min_size=1, max_size=4))
    read = FIELD_STYLES[style](spec(LIST, True))
    assert read(fields(written(style, True, "color", value))) == value


@given(st.lists(WORD, min_size=2, max_size=4))
def test_lists_of_any_text_come_back_joined_by_commas(value):
    assert FIELD_STYLES["form"](spec(LIST))(fields(written("form", False, "color", value))) == value


@given(st.sampled_from(["spaceDelimited", "pipeDelimited", "tabDelimited"]), st.data())
def test_lists_come_back_joined_otherwise(style, data):
    value = data.draw(st.lists(PLAIN.map(lambda text: text.replace(" ", "")).filter(bool), min_size=1))
    assert FIELD_STYLES[style](spec(LIST))(fields(written(style, False, "color", value))) == value


@given(
    st.sampled_from(["form exploded", "form", "deepObject"]), st.dictionaries(st.sampled_from("RGB"), WORD)
)
def test_objects_come_back(how, value):
    style, _, explode = how.partition(" ")
    if not value or (style == "form" and not explode and len(value) < 1):
        return
    read = FIELD_STYLES[style](spec(OBJECT, bool(explode)))
    assert read(fields(written(style, bool(explode), "color", value))) == value


@given(st.sampled_from(sorted(TEXT_STYLES)), st.booleans(), st.lists(PLAIN, min_size=1, max_size=4))
def test_lists_in_paths_come_back(style, explode, value):
    start, separator = {
        ("simple", False): ("", ","),
        ("simple", True): ("", ","),
        ("label", False): (".", ","),
        ("label", True): (".", "."),
        ("matrix", False): (";color=", ","),
        ("matrix", True): (";color=", ";color="),
    }[style, explode]
    assert TEXT_STYLES[style](spec(LIST, explode))(start + separator.join(value)) == value


@given(st.text(max_size=30))
def test_any_text_is_read_or_is_in_no_style(text):
    for style in TEXT_STYLES.values():
        for schema in (ONE, LIST, OBJECT, EITHER):
            for explode in (False, True):
                try:
                    style(spec(schema, explode))(text)
                except Misstyled:
                    continue


@given(st.text("color[]RGB=&,|% +01\t", max_size=60))
def test_any_query_is_read(query):
    for style in FIELD_STYLES.values():
        for schema in (ONE, LIST, OBJECT, EITHER):
            for explode in (False, True):
                style(spec(schema, explode))(fields(query))
