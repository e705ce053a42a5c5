"""The page: whole, alone, and harmless whatever clients have sent."""

import re

import pytest
from lxml import html

from tests.report.kit import Log
from understudy.model import Expect, ReportSettings
from understudy.report import judge
from understudy.report.html import page

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x00\x1b[31m"


def many():
    log = Log()
    log.operation([0.1, 0.2, 0.4])
    log.operation([0.5], reply={"Retry-After": "2"}, target="/late")
    log.reset(method="POST", target="/orders")
    log.add(201, method="POST", target="/orders", connection=2)
    log.add(404, target="/nope", endpoint=None)
    return log


def test_the_page_has_everything():
    report = judge(many().entries, Expect(max_attempts=2, jitter=True))
    document = html.fromstring(page(report))
    text = document.text_content()
    for found in report.findings:
        assert found.check in text
        assert found.message in text
    assert len(document.findall(".//svg")) == len(report.operations)
    assert document.find(".//strong").text == "fail"
    assert document.get("lang") == "en"
    assert [heading.text for heading in document.iter("h2")] == [
        "Findings", "Expectations", "Clients", "Operations",
    ]  # fmt: skip
    for link in document.iter("a"):
        assert document.get_element_by_id(link.get("href")[1:]) is not None


def test_it_needs_nothing_from_elsewhere():
    text = page(judge(many().entries))
    assert not re.search(r"https?:|url\(|@import|<script|<link|<img|\ssrc=", text)


def test_every_picture_has_a_text():
    document = html.fromstring(page(judge(many().entries)))
    assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in document.iter("svg"))


def test_what_clients_send_stays_text():
    log = Log()
    log.operation([0.1], target=f"/{EVIL}", agent=EVIL, reply={"Retry-After": "9"}, injected=(EVIL,))
    log.add(404, target=f"/nope{EVIL}", agent=EVIL, endpoint=None)
    text = page(judge(log.entries, Expect(breaker=True)))
    assert "<script" not in text
    assert "<img" not in text
    assert "\x00" not in text
    assert "\x1b" not in text
    document = html.fromstring(text)
    names = {name for element in document.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on")]


def test_an_empty_journal():
    document = html.fromstring(page(judge([])))
    assert "No requests: there is nothing to judge." in document.text_content()


@pytest.mark.parametrize("most", [0, 3])
def test_at_most_so_many_are_drawn(most):
    log = Log()
    for number in range(10):
        log.add(200, target=f"/{number}")
    text = page(judge(log.entries, settings=ReportSettings(max_operations=most)))
    assert text.count("<svg") == most
    assert f"{10 - most} more operations are not drawn" in text
