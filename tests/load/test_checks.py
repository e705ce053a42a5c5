import base64

import pytest

from understudy.load import decode_base64, load


def warned(*endpoints):
    return [warning.path for warning in load({"endpoints": list(endpoints)}).warnings]


def test_base64_may_be_broken_into_lines():
    data = bytes(range(200))

    assert decode_base64(base64.encodebytes(data).decode()) == data


@pytest.mark.parametrize("text", ["a", "a===", "*", "YQ==YQ==", "ä"])
def test_what_is_not_base64(text):
    with pytest.raises(ValueError):
        decode_base64(text)


def test_unreachable_endpoints():
    assert warned({"path": "/a"}, {"path": "/a"}) == ["endpoints[1]"]
    assert warned({"path": "/a", "method": "ANY"}, {"path": "/a", "method": "PUT"}) == ["endpoints[1]"]
    assert warned({"path": "/a"}, {"path": "/a", "priority": 1}) == ["endpoints[0]"]
    assert warned({"path": {"regex": "x"}}, {"path": {"regex": "x"}}) == ["endpoints[1]"]
    both = {"path": "/a", "method": ["GET", "PUT"]}
    assert warned({"path": "/a"}, {"path": "/a", "method": "PUT"}, both) == ["endpoints[2]"]


def test_reachable_endpoints():
    assert warned({"path": "/a"}, {"path": "/a", "method": "PUT"}) == []
    assert warned({"path": "/a"}, {"path": "/a", "method": "ANY"}) == []
    assert warned({"path": "/a"}, {"path": "/a", "method": ["GET", "PUT"]}) == []
    assert warned({"path": "/{a}"}, {"path": "/{a:int}"}) == []
    assert warned({"path": "/a"}, {"path": {"regex": "/a"}}) == []


def test_a_flood_of_warnings_is_cut():
    warnings = load({"endpoints": [{"path": "/a"}] * 500}).warnings

    assert len(warnings) == 101
    assert any(warning.message == "and 399 more like the one before" for warning in warnings)


def test_files_that_are_referred_to(loaded):
    got = loaded(
        {
            "config.yaml": """
                static: [public, {folder: ./public}, .]
                endpoints:
                  - {path: /a, file: a.txt}
                  - {path: /b, file: {path: ./public/../a.txt}}
            """,
            "a.txt": "x",
            "public/b": "",
        }
    )

    assert [path.name for path in got.files] == ["config.yaml", "a.txt"]
