"""Links in recorded replies, in each form that they have, and within bounds."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.record import links
from understudy.record.exchange import BodyInFile, RecordedExchange, RecordedReply, RecordedRequest
from understudy.record.links import linked_hosts


def replied(body, kind="text/html", *headers):
    headers = ((b"Content-Type", kind.encode()), *headers)
    request = RecordedRequest(method="GET", origin="http://a.test", target="/")
    return RecordedExchange(request=request, reply=RecordedReply(status=200, headers=headers, body=body))


@pytest.mark.parametrize(
    ("kind", "body", "hosts"),
    [
        ("text/html; charset=utf-8", b'<a href="https://Files.test/p#sha256=1">p</a>', {"files.test"}),
        ("application/vnd.pypi.simple.v1+html", b"<a href=https://files.test/p>", {"files.test"}),
        ("text/html", b"<img src='//cdn.test:8443/x.png'><a href='/here'>", {"cdn.test:8443"}),
        ("application/json", b'{"next": "http://127.0.0.1:9000/?page=2"}', {"127.0.0.1:9000"}),
        ("application/json", b'{"next":"https:\\/\\/api.test\\/2"}', {"api.test"}),
        ("application/json", b'["https://a.test/", "https://b.test"]', {"a.test", "b.test"}),
        ("application/xml", b"<loc>https://a.test/1</loc><loc>https://a.test/2</loc>", {"a.test"}),
        ("application/xml", b'<a xmlns="http://www.w3.org/2005/Atom"/>', set()),
        ("text/plain", b"'https://a.test/'", set()),
        ("image/png", b'"https://a.test/"', set()),
        ("application/json", b'{"at": "10:30", "text": "see https://in.prose.test/"}', set()),
        ("application/json", b'{"mail": "mailto:a@b.test", "//": "a comment"}', set()),
    ],
)
def test_links(kind, body, hosts):
    assert set(linked_hosts([replied(body, kind)])) == hosts


def test_they_are_counted_by_reply():
    page = replied(b'<a href="https://a.test/1"><a href="https://a.test/2"><a href="https://b.test/">')
    assert linked_hosts([page, page, replied(b"")]) == {"a.test": 2, "b.test": 2}


def test_headers_files_and_codings(tmp_path):
    link = (b"link", b'<https://api.test/?page=2>; rel="next", <https://other.test/>; rel="last"')
    assert set(linked_hosts([replied(b"", "text/plain", link)])) == {"api.test", "other.test"}
    path = tmp_path / "body"
    path.write_bytes(gzip.compress(b'{"url": "https://a.test/"}'))
    packed = BodyInFile(path, path.stat().st_size)
    assert set(linked_hosts([replied(packed, "application/json", (b"Content-Encoding", b"gzip"))])) == {
        "a.test"
    }
    assert not linked_hosts([replied(b"x", "application/json", (b"Content-Encoding", b"gzip"))])


def test_only_so_much_is_looked_at(monkeypatch, tmp_path):
    monkeypatch.setattr(links, "MAX_BODY_BYTES", 40)
    page = b'<a href="https://a.test/">' + b" " * 40 + b'<a href="https://b.test/">'
    (tmp_path / "body").write_bytes(page)
    bodies = page, BodyInFile(tmp_path / "body", len(page)), gzip.compress(page)
    for body, more in zip(bodies, [(), (), ((b"Content-Encoding", b"gzip"),)], strict=True):
        assert set(linked_hosts([replied(body, "text/html", *more)])) <= {"a.test"}
    monkeypatch.setattr(links, "MAX_REPLIES", 3)
    assert linked_hosts([replied(page)] * 9) == {"a.test": 3}
    monkeypatch.setattr(links, "MAX_BYTES", 70)
    assert linked_hosts([replied(page)] * 9) == {"a.test": 2}


@given(st.binary(max_size=300), st.sampled_from(["gzip", "br", "zstd", "x", ""]))
def test_whatever_a_body_is(body, coding):
    linked_hosts([replied(body, "text/html", (b"Content-Encoding", coding.encode()))])
