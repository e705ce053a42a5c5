import json

from hypothesis import given
from hypothesis import strategies as st

from tests.simulate.kit import Bench
from understudy.formats.imported import literal, literal_json, literal_path
from understudy.match.path import PathPattern
from understudy.request import canonical_path

TEXTS = st.lists(
    st.sampled_from(["{{", "}}", "{%", "%}", "{#", "#}", "{", "raw", " endraw ", "{% raw %}", "{% endraw %}"])
    | st.sampled_from(["a", "'", '"', "\\", " ", "é", "-", "+"])
).map("".join)


@given(TEXTS)
def test_whatever_looks_like_a_template_is_none(text):
    served = Bench(
        {
            "endpoints": [
                {"path": "/a", "body": literal(text)},
                {"path": "/b", "response": literal_json([text])},
            ]
        }
    )

    assert served.reply("/a").body.decode() == text
    assert json.loads(served.reply("/b").body) == [text]


def test_text_without_templates_stays_as_it_is():
    value = {"a": ["b", 1, None, {"c": "{d}"}]}

    assert literal_json(value) == value


@given(st.lists(st.sampled_from(["{a}", "{", "}", "*", "**", "/", "x", "%7B", "%2F", "é"])).map("".join))
def test_whatever_looks_like_a_parameter_is_none(path):
    pattern = PathPattern(literal_path(f"/{path}"))
    assert pattern.literal == canonical_path(f"/{path}".encode())
