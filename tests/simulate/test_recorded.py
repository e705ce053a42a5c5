import pytest

from understudy.simulate.recorded import NotRecorded, read_recorded


@pytest.mark.parametrize(
    ("written", "counts"),
    [
        (b"12\n\n# a comment\n 8.5 \n12\n", {12: 2, 8.5: 1}),
        (b"\xef\xbb\xbf1e2\r\n", {100: 1}),
        (b" [12, 8.5, 12]", {12: 2, 8.5: 1}),
        (b"[[12, 2], [8.5, 1], [99, 0]]", {12: 2, 8.5: 1, 99: 0}),
        (b"[1, [2, 3]]", {1: 1, 2: 3}),
        (b"0", {0: 1}),
    ],
)
def test_forms(written, counts):
    assert read_recorded(written) == counts


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (b"", "no times"),
        (b"# nothing\n", "no times"),
        (b"[]", "no times"),
        (b"[[5, 0]]", "no times"),
        (b"12\nfast\n", 'line 2 is not a number: text "fast"'),
        (b"12\n-1\n", "line 2 is not a time from 0 to 86400000"),
        (b"nan", "line 1 is not a time"),
        (b"inf", "line 1 is not a time"),
        (b"\xff\xfe1", "not UTF-8"),
        (b"[1, 2", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'[1, "2"]', r'\[1\] is not a time from 0 to 86400000 milliseconds: text "2"'),
        (b"[true]", r"\[0\] is not a time"),
        (b"[86400001]", r"\[0\] is not a time"),
        (b"[[1]]", r"\[0\] is not \[milliseconds, count\]"),
        (b"[[1, -2]]", r"\[0\] has a count"),
        (b"[[1, 1.5]]", r"\[0\] has a count"),
        (b"[[1, true]]", r"\[0\] has a count"),
        (b"[[1, 99999999999999999]]", r"\[0\] has a count"),
    ],
)
def test_what_is_no_time_is_told_with_its_place(written, says):
    with pytest.raises(NotRecorded, match=says):
        read_recorded(written)
