from understudy.cli.places import Row, lines_of
from understudy.formats.imported import Origin

ROWS = [
    Row("error", "a-long-name", "GET /a", "b \x1b[31m", (Origin("c.yaml", 3), None, Origin("d.yaml", None))),
    Row("info", "short", "", "text", (None,)),
]


def test_columns():
    assert lines_of(ROWS) == [
        "error    a-long-name  GET /a: b ?[31m  (c.yaml:3, d.yaml)",
        "info     short        text",
    ]


def test_colors():
    assert lines_of(ROWS[1:], color=True) == ["\x1b[36minfo   \x1b[0m  short  text"]


def test_nothing():
    assert lines_of([]) == []
