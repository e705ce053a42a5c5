import pytest

from understudy.simulate.python.headers import Headers, MutableHeaders


def test_reading():
    headers = Headers([("x-a", "1"), ("X-A", "2"), ("cookie", "a=1"), ("cookie", "b=2")])
    assert headers["X-a"] == "1, 2"
    assert headers["Cookie"] == "a=1; b=2"
    assert headers.get("nothing") is None
    assert headers.getall("x-A") == ["1", "2"]
    assert (len(headers), list(headers), "X-A" in headers, "y" in headers) == (
        2,
        ["cookie", "x-a"],
        True,
        False,
    )
    with pytest.raises(KeyError):
        headers["y"]


def test_writing():
    headers = MutableHeaders([("X-A", "1"), ("x-a", "2")])
    headers["x-A"] = "3"
    headers.add("X-B", 4)
    headers["X-C"] = ["5", "6"]
    assert headers.pairs() == [("x-A", "3"), ("X-B", "4"), ("X-C", "5"), ("X-C", "6")]
    del headers["x-c"]
    assert headers == {"x-A": "3", "X-B": "4"}
    with pytest.raises(KeyError):
        del headers["x-c"]
