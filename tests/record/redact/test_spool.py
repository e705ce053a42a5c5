"""Bodies in files: read in windows, with secrets that lie across their borders."""

import gzip
import json

import pytest

from tests.record.redact.corpus import KEYS, drawn
from understudy.model import Redact
from understudy.record.exchange import BodyInFile, RecordedExchange, RecordedReply, RecordedRequest
from understudy.record.redact import Redactor, spool
from understudy.views.codings import decoded_start

REDACTOR = Redactor(True)
KEY = KEYS["github classic"][0]
BODIES = {
    "json": (
        "application/json",
        json.dumps([{"id": at, "password": f"hunter2-{at}", "x": [KEY]} for at in range(90)]),
    ),
    "pretty": (
        "application/json",
        json.dumps([{"secrets": [f"hunter2-{at}"] * 9} for at in range(40)], indent=1),
    ),
    "lines": ("application/x-ndjson", "".join(f'{{"a":{at},"token":"hunter2-{at}"}}\n' for at in range(150))),
    "form": (
        "application/x-www-form-urlencoded",
        "&".join(f"password=hunter2-{at}&x={at}" for at in range(150)),
    ),
    "xml": (
        "text/xml",
        "<a>" + "".join(f"<b/><password>hunter2-{at}</password>" for at in range(150)) + "</a>",
    ),
    "text": ("text/plain", "".join(f"line {at} password=hunter2-{at} {KEY}\n" for at in range(80))),
    "key": ("text/plain", ("a line\n" * 50 + KEYS["rsa key"][0] + "\n") * 8),
    "one long text": ("application/json", '{"a":"' + " ".join([KEY] * 100) + '","token":"hunter2-x"}'),
    "multipart": (
        "multipart/form-data; boundary=xx",
        "".join(
            f'--xx\r\nContent-Disposition: form-data; name="pin"\r\n\r\nhunter2-{at}\r\n' for at in range(80)
        )
        + "--xx--\r\n",
    ),
}


@pytest.fixture(params=[64, 500, 1000])
def small(request, monkeypatch):
    """Windows that are small, so that there are many."""
    monkeypatch.setattr(spool, "WHOLE", 0)
    monkeypatch.setattr(spool, "WINDOW", request.param)
    monkeypatch.setattr(spool, "MAX_WINDOW", 8 * request.param)
    monkeypatch.setattr(spool, "TAIL", 256)
    monkeypatch.setattr(spool, "PIECE", 37)


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize("name", BODIES)
@pytest.mark.usefixtures("small")
def test_windows_give_what_the_whole_gives(name, coding, tmp_path):
    kind, text = BODIES[name]
    file = tmp_path / "body"
    file.write_bytes(gzip.compress(text.encode()) if coding else text.encode())

    counts = REDACTOR.spooled(file, kind, coding)

    new = gzip.decompress(file.read_bytes()) if coding else file.read_bytes()
    assert b"hunter2" not in new
    assert KEY.encode() not in new
    assert drawn(64, "RSA 3").encode() not in new
    assert new == REDACTOR.body(text.encode(), kind)
    assert sum(counts.values()) > 5
    assert [one.name for one in tmp_path.iterdir()] == ["body"]


@pytest.mark.usefixtures("small")
def test_clean_and_binary_files_are_not_touched(tmp_path):
    for name, data in (("clean", b'[{"id":1},\n' * 500), ("binary", b"\x00\x01" * 5000 + KEY.encode())):
        file = tmp_path / name
        file.write_bytes(data)
        before = file.stat()
        assert REDACTOR.spooled(file, "", "") == {}
        assert (file.stat().st_ino, file.read_bytes()) == (before.st_ino, data)


@pytest.mark.usefixtures("small")
def test_what_does_not_decode_is_looked_at_as_it_is(tmp_path):
    file = tmp_path / "body"
    file.write_text(BODIES["text"][1])

    REDACTOR.spooled(file, "text/plain", "gzip")

    assert "hunter2" not in file.read_text()


@pytest.mark.usefixtures("small")
def test_a_bomb_is_not_unpacked(tmp_path):
    file = tmp_path / "bomb"
    data = gzip.compress(b"0" * 5_000_000)
    file.write_bytes(data)

    assert REDACTOR.spooled(file, "text/plain", "gzip") == {}
    assert file.read_bytes() == data


def test_a_copy_can_be_asked_for(tmp_path):
    file, copy = tmp_path / "body", tmp_path / "copy"
    file.write_text('{"password":"hunter2"}')

    assert REDACTOR.spooled(file, "application/json", to=copy) == {"password": 1}
    assert file.read_text() == '{"password":"hunter2"}'
    assert copy.read_text() == '{"password":"REDACTED-password"}'
    assert Redactor(False).spooled(file) == {}


def test_exchanges_with_bodies_in_files(tmp_path):
    file = tmp_path / "body"
    file.write_text('{"password":"hunter2"}')
    exchange = RecordedExchange(
        request=RecordedRequest(method="GET", origin="http://a", target="/"),
        reply=RecordedReply(status=200, headers=((b"Content-Length", b"22"),), body=BodyInFile(file, 22)),
    )

    new = Redactor(Redact()).exchange(exchange)

    assert new.reply.body == BodyInFile(file, 32)
    assert new.reply.headers == ((b"Content-Length", b"32"),)
    assert new.secrets == {"password": 1}
    asked = RecordedRequest(method="POST", origin="http://a", target="/", body=BodyInFile(file, 32))
    assert REDACTOR.request(asked).body is asked.body


@pytest.mark.parametrize("harm", ["cut", "more"])
def test_what_comes_of_a_broken_file_has_no_secret(tmp_path, monkeypatch, harm):
    monkeypatch.setattr(spool, "WHOLE", 0)
    raw = gzip.compress(b'{"a":["x"],"password":"hunter2-x","b":"' + bytes(range(35, 91)) * 200 + b'"}')
    raw = raw[:-9] if harm == "cut" else raw + b"garbage"
    path = tmp_path / "body"
    path.write_bytes(raw)
    assert b"hunter2-x" in decoded_start(raw, ("gzip",), 100_000)
    assert REDACTOR.spooled(path, "application/json", "gzip") == {"password": 1}
    start = decoded_start(path.read_bytes(), ("gzip",), 100_000)
    assert start.startswith(b'{"a":["x"],"password":"REDACTED-password","b":"#$%')


def test_a_broken_file_without_secrets_is_not_touched(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "WHOLE", 0)
    raw = gzip.compress(b'{"a":"nothing to see"}')[:-3]
    path = tmp_path / "body"
    path.write_bytes(raw)
    assert REDACTOR.spooled(path, "application/json", "gzip") == {}
    assert path.read_bytes() == raw
