from lxml import etree

from tests.report.kit import Log
from understudy.report import judge
from understudy.report.timeline import MAX_DRAWN, in_words, safe, timeline


def operation_of(log):
    [operation] = judge(log.entries).operations
    return operation


def drawn(log):
    return etree.fromstring(timeline(operation_of(log)))


def test_bars_gaps_faults_and_waits():
    log = Log()
    log.add(503, injected=("failure",), reply={"Retry-After": "1"})
    log.wait(0.4)
    log.gave_up(0.2)
    log.wait(0.3)
    log.add(200)
    svg = drawn(log)
    classes = [element.get("class") for element in svg.iter() if element.get("class")]
    assert [name for name in classes if name.startswith("bar")] == [
        "bar transient",
        "bar given-up",
        "bar success",
    ]
    assert classes.count("fault") == 1
    assert classes.count("asked") == 1
    texts = [element.text for element in svg.iter("text")]
    assert "400 ms" in texts
    assert "300 ms" in texts
    assert "503" in texts


def test_the_picture_in_words():
    log = Log()
    log.add(503, injected=("failure",))
    log.wait(0.4)
    log.add(200)
    assert (
        in_words(operation_of(log)) == "GET /x: 503 in 2.0 ms (failure injected), 400 ms later, 200 in 2.0 ms"
    )


def test_overlapping_attempts_have_lanes_of_their_own():
    log = Log()
    log.gave_up(at=0, took=0.3)
    log.add(200, at=0.1, took=0.2, connection=2)
    bars = [element for element in drawn(log).iter("rect") if element.get("class").startswith("bar")]
    assert bars[0].get("y") != bars[1].get("y")


def test_everything_stays_inside_the_picture():
    log = Log()
    log.operation([0.1, 5, 0.001], reply={"Retry-After": "86400"})
    svg = drawn(log)
    for element in svg.iter("rect"):
        assert 0 <= float(element.get("x")) <= 920


def test_long_operations_are_cut():
    log = Log()
    log.operation([0.01] * 500, last=503)
    bars = [element for element in drawn(log).iter("rect") if element.get("class").startswith("bar")]
    assert len(bars) == MAX_DRAWN
    assert in_words(operation_of(log)).endswith("and 441 more attempts")


def test_safe():
    assert safe('<a href="x">&\x00\x1b') == "&lt;a href=&quot;x&quot;&gt;&amp;\ufffd\ufffd"
