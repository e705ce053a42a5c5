from understudy.render.spans import Span, span_at

SPANS = [Span(2, "a", "x", "x"), Span(5, "b", "y", "y")]


def test_the_span_that_holds_a_line():
    assert [span_at(SPANS, line).where for line in (1, 2, 4, 5, 9)] == ["a", "a", "a", "b", "b"]


def test_no_line_and_no_spans():
    assert span_at(SPANS, None) is None
    assert span_at([], 3) is None
