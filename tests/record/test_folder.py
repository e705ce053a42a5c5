"""What is written into a folder of recordings comes back equal; what strangers put there does no harm."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.record.exchanges import CODERS, exchange, exchanges, plain
from understudy.errors import ConfigError, UnderstudyError
from understudy.model.record import Record, RecordMatch, Redact
from understudy.record.exchange import BodyInFile, Chunk, Failed, RecordedReply, SocketMessage
from understudy.record.folder import (
    FolderWriter,
    bodies,
    names,
    read_exchange,
    read_folder,
    read_recording,
    reader,
    target_of,
    write_settings,
)
from understudy.record.folder.bodies import json_style
from understudy.record.folder.desk import OLD_S, PREFIX, is_left
from understudy.record.folder.times import seconds_of, stamp
from understudy.views.codings import codings_of, decoded


@pytest.fixture
def writer(tmp_path):
    with FolderWriter(tmp_path / "recordings") as made:
        yield made


def files(folder):
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and PREFIX not in str(path)
    )


def again(writer):
    return read_folder(writer.path).exchanges


def edit(path, change):
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


# ---- there and back


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=st.lists(exchanges(), min_size=1, max_size=3))
def test_what_is_written_comes_back_equal(found, tmp_path_factory):
    with FolderWriter(tmp_path_factory.mktemp("recordings")) as writer:
        written = [writer.write(one) for one in found]
    read = {one.id: one for one in read_folder(writer.path).exchanges}
    assert len(read) == len(found)
    for one, before in zip(written, found, strict=True):
        assert plain(read[one.id]) == plain(one) == before
        assert (writer.path / f"{one.id}.json").is_file()
    for name in files(writer.path):
        assert name == name.lower()
        assert len(os.path.basename(name)) < 130


def test_what_a_file_looks_like(writer):
    stream = replace(
        exchange(), reply=RecordedReply(status=200, body=b"a\n", framing="chunked", chunks=(Chunk(1.5, 2),))
    )
    one = writer.write(stream)
    assert one.id == "api.example.com/get-users-42"
    assert (
        (writer.path / "api.example.com/get-users-42.json").read_text()
        == """{
  "recorded_at": "2026-01-01T00:00:00.125Z",
  "request": {
    "method": "GET",
    "url": "https://api.example.com/users/42"
  },
  "response": {
    "status": 200,
    "framing": "chunked",
    "text": "a\\n",
    "chunks": [
      "1.5 ms: 2 bytes"
    ]
  },
  "wait_ms": 41.5,
  "total_ms": 43.25
}
"""
    )


def test_json_stays_the_text_that_it_was(writer):
    body = b'{\n    "a": 1.50,\n    "a": "\\u00e9",\n    "big": 1E400\n}\n'
    writer.write(exchange(body=body))
    text = (writer.path / "api.example.com/get-users-42.json").read_text()
    assert '"a": 1.50' in text
    assert '"json_style": "indent 4, newline"' in text
    assert again(writer)[0].reply.body == body


@pytest.mark.parametrize(
    ("body", "style"),
    [
        (b'{"a":[1,2]}', "compact"),
        (b'{"a": [1, 2]}\n', "spaced, newline"),
        (b'{\n  "a": []\n}', "indent 2"),
        (b'{\n "a": {}\n}', "lines"),
        (b'{"a" : 1}', None),
        (b'{\n\t"a": 1\n}', None),
        (b"[1] [2]", None),
        (b"[" * 101 + b"]" * 101, None),
        (b"[" + b'"[[[",' * 101 + b"1]", "compact"),
        (b'"\xff"', None),
    ],
)
def test_styles_of_json(body, style):
    assert json_style(body) == style


def test_where_bodies_stand(writer):
    html = exchange(headers=((b"X", b"1"),), body=b"<p>\n</p>")
    html = replace(html, reply=replace(html.reply, headers=((b"content-type", b"text/HTML; charset=x"),)))
    writer.write(html)
    packed = gzip.compress(b'{"a":1}')
    writer.write(exchange(body=packed, headers=((b"Content-Encoding", b"gzip"),), target="/zip"))
    writer.write(exchange(body=packed[:-1], headers=((b"Content-Encoding", b"gzip"),), target="/cut"))
    assert files(writer.path) == [
        "api.example.com/get-cut.json",
        "api.example.com/get-cut.response.bin",
        "api.example.com/get-users-42.json",
        "api.example.com/get-users-42.response.html",
        "api.example.com/get-zip.json",
        "api.example.com/get-zip.response.json.gz",
    ]
    text = json.loads((writer.path / "api.example.com/get-zip.json").read_text())
    assert text["response"]["json"] == {"a": 1}
    assert text["response"]["encoded"] == "get-zip.response.json.gz"


@pytest.mark.parametrize("coding", CODERS)
def test_who_edits_a_packed_body_need_not_pack_it(writer, coding):
    headers = ((b"Content-Encoding", coding.encode()),)
    writer.write(exchange(body=CODERS[coding](b'{"a":1}'), headers=headers))
    file = writer.path / "api.example.com/get-users-42.json"
    file.write_text(file.read_text().replace('"a": 1', '"a": 2'))
    reply = again(writer)[0].reply
    assert decoded(reply.body, codings_of(coding), 100) == b'{"a":2}'
    assert (b"Content-Length", b"%d" % len(reply.body)) in reply.headers


def test_who_edits_a_body_need_not_count(writer):
    one = exchange()
    writer.write(replace(one, reply=replace(one.reply, chunks=(Chunk(1, 4), Chunk(2, 5)))))
    file = writer.path / "api.example.com/get-users-42.json"
    file.write_text(file.read_text().replace('"id": 42', '"id": 4242'))
    reply = again(writer)[0].reply
    assert reply.body == b'{"id":4242}'
    assert (b"Content-Length", b"11") in reply.headers
    assert reply.chunks == (Chunk(1, 4), Chunk(2, 7))
    file.write_text(file.read_text().replace('"id": 4242', '"a": 0').replace('json": {', 'json": {'))
    assert again(writer)[0].reply.chunks == (Chunk(1, 4), Chunk(2, 3))


def test_a_body_that_was_broken_off_stays_so(writer):
    one = exchange(failed=Failed("reset", "by peer", 5))
    one = replace(one, reply=replace(one.reply, headers=((b"Content-Length", b"1000"),)))
    writer.write(one)
    assert plain(again(writer)[0]) == one


def test_large_bodies_stay_in_files(writer, monkeypatch):
    monkeypatch.setattr(bodies, "MAX_IN_MEMORY", 100)
    monkeypatch.setattr(reader, "MAX_IN_MEMORY", 100)
    monkeypatch.setattr("understudy.record.folder.writer.MAX_IN_MEMORY", 100)
    spooled = writer.spool()
    spooled.write_bytes(b"x" * 1000)
    inode = spooled.stat().st_ino
    one = exchange(headers=())
    reply = RecordedReply(status=200, body=BodyInFile(spooled, 1000), framing="close")
    written = writer.write(replace(one, reply=reply))
    place = writer.path / "api.example.com/get-users-42.response.bin"
    assert written.reply.body == BodyInFile(place, 1000)
    assert place.stat().st_ino == inode
    assert not spooled.exists()
    assert again(writer) == (written,)
    kept = writer.replace(replace(written, note="again"))
    assert again(writer) == (kept,)
    assert place.stat().st_ino == inode
    small = writer.spool()
    small.write_bytes(b"[1]")
    written = writer.write(replace(one, reply=replace(reply, body=BodyInFile(small, 3))))
    assert written.reply.body == b"[1]"
    assert not small.exists()
    assert not list(writer.path.glob(f"{PREFIX}*/*/*/*"))


def test_a_large_body_from_elsewhere_is_copied(writer, tmp_path, monkeypatch):
    monkeypatch.setattr("understudy.record.folder.writer.MAX_IN_MEMORY", 1)
    other = tmp_path / "other"
    other.write_bytes(b"abc")
    one = exchange()
    headers = ((b"Content-Encoding", b"gzip"),)
    reply = RecordedReply(status=200, headers=headers, body=BodyInFile(other, 3), framing="close")
    copied = writer.own(replace(one, reply=reply))
    copied.reply.body.path.write_bytes(b"xyz")
    writer.write(replace(one, reply=reply))
    assert other.read_bytes() == b"abc"
    assert again(writer)[0].reply.body == b"abc"


# ---- names


def test_the_next_of_the_same_name_gets_a_number(writer):
    ids = [writer.write(exchange(f"/users/42?page={n}")).id for n in range(3)]
    assert [one.partition("/")[2] for one in ids] == ["get-users-42", "get-users-42~2", "get-users-42~3"]
    assert [one.id for one in again(writer)] == ids
    with FolderWriter(writer.path) as other:
        assert other.write(exchange()).id == "api.example.com/get-users-42~4"
    assert writer.write(exchange()).id == "api.example.com/get-users-42~5"


@pytest.mark.parametrize(
    ("method", "target", "name"),
    [
        ("GET", "/", "get"),
        ("GET", "/a/b.json?x=/y", "get-a-b-json"),
        ("POST", "/%2e%2e/%2Fetc", "post-etc"),
        ("CON", "/", "con_"),
        ("GET", "/ä/你好", "get"),
        ("~", "/", "request"),
        ("GET", "/" + "x" * 300, "get-" + "x" * 76),
        ("GET", "/p/" + "5c" * 40 + "/emma-1.0.tar.gz", "get-p-" + "5c" * 28 + "5--emma-1-0-tar-gz"),
        ("GET", "/" + "a" * 90 + "/" + "b" * 90, "get-" + "a" * 18 + "--" + "b" * 56),
        ("GET", "/" + "a" * 90 + "/12/", "get-" + "a" * 72 + "--12"),
    ],
)
def test_slugs(method, target, name):
    assert names.slug(method, target) == name


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("https://API.example.com", "api.example.com"),
        ("http://localhost:9000", "localhost_9000"),
        ("http://[::1]:80", "_1_80"),
        ("http://aux.example", "aux.example_"),
        ("http://..", "host"),
        ("http://" + "a" * 300, "a" * 100),
    ],
)
def test_folders_of_hosts(origin, name):
    assert names.host_folder(origin) == name


@pytest.mark.parametrize("name", ["", ".x", "a/b", "..", "a\\b", "C:x", "a\nb", "a\0", "x" * 256])
def test_names_that_lead_elsewhere(name):
    assert not names.is_beside(name)


@given(st.floats(0, 253_402_300_799, allow_nan=False))
def test_times_are_the_same_again(seconds):
    assert seconds_of(stamp(seconds)) == seconds


def test_times_as_people_write_them():
    assert seconds_of("2026-01-31T13:00:00+01:00") == seconds_of("2026-01-31 12:00:00")
    for wrong in ("yesterday", "2026-13-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-01-31"):
        with pytest.raises(ValueError):
            seconds_of(wrong)
    for beyond in (-1.0, 1e12, float("nan")):
        with pytest.raises(ValueError, match="is no time"):
            stamp(beyond)


# ---- writing


def test_an_exchange_is_replaced_with_its_files(writer):
    one = writer.write(exchange(body=b"<p>\n" * 2))
    other = writer.write(exchange())
    assert len(files(writer.path)) == 3
    new = writer.replace(replace(one, reply=replace(exchange().reply, body=b"[]", headers=())))
    assert files(writer.path) == ["api.example.com/get-users-42.json", "api.example.com/get-users-42~2.json"]
    assert again(writer) == (new, other)


def test_one_that_was_written_by_hand_is_replaced(writer):
    file = writer.path / "mine.yaml"
    file.write_text("request: {method: GET, url: 'http://h/'}\nfailed: {kind: dns}\n")
    (one,) = again(writer)
    writer.replace(replace(one, note="x"))
    assert files(writer.path) == ["mine.json"]


def test_an_exchange_is_removed_with_its_files(writer):
    one = writer.write(exchange(body=b"<p>\n<p>\n"))
    writer.remove(one.id)
    assert files(writer.path) == []
    assert not (writer.path / "api.example.com").exists()
    with pytest.raises(UnderstudyError, match="there is no recording api"):
        writer.remove(one.id)
    assert writer.write(exchange()).id == one.id


@pytest.mark.parametrize("id_", ["", "../x", "/etc/passwd", "a/../../x", "a//b", ".git/x", "a\0b", "c:x"])
def test_ids_stay_in_the_folder(writer, id_):
    for do in (writer.remove, lambda id_: writer.replace(replace(exchange(), id=id_))):
        with pytest.raises(UnderstudyError, match="is no id of a recording"):
            do(id_)


def test_nothing_is_written_through_links(writer, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (writer.path / "api.example.com").symlink_to(outside)
    (outside / "x.json").write_text("mine")
    for do in (
        lambda: writer.write(exchange()),
        lambda: writer.replace(replace(exchange(), id="api.example.com/deep/x")),
        lambda: writer.remove("api.example.com/x"),
    ):
        with pytest.raises(UnderstudyError, match="is a link"):
            do()
    assert [path.name for path in outside.iterdir()] == ["x.json"]


def test_what_a_stranger_says_was_left_behind_does_no_harm(writer, tmp_path):
    outside = tmp_path / "outside"
    (outside / "a").mkdir(parents=True)
    for name in ("x.json", "x.response.html"):
        (outside / "a" / name).write_text("mine")
    (writer.path / "a").mkdir()
    (writer.path / "l").symlink_to(outside)
    desks = [writer.path / f"{PREFIX}{n}" for n in range(4)]
    for desk in desks:
        desk.mkdir()
        (desk / "lock").touch()
    for kind in ("new", "again"):
        (desks[0] / kind).symlink_to(outside)
        (desks[1] / kind / "l/a").mkdir(parents=True)
        (desks[1] / kind / "l/a/x.response.html").symlink_to(outside / "a/x.response.html")
        (desks[1] / kind / "l/a/y.json").write_text("{}")
    (desks[2] / "lock").unlink()
    (desks[2] / "lock").symlink_to(outside / "a/x.json")
    (desks[3] / "lock").unlink()
    with FolderWriter(writer.path):
        assert sorted(path.name for path in outside.rglob("*")) == ["a", "x.json", "x.response.html"]
        assert {path.read_text() for path in outside.rglob("x*")} == {"mine"}
    assert [desk.exists() for desk in desks] == [False, False, True, False]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (exchange(headers=((b"a b", b""),)), "cannot be a header name"),
        (exchange(headers=((b"a", b"x\r\ny: z"),)), "line break"),
        (exchange(method="GET /"), "method"),
        (exchange("/a b"), "address"),
        (exchange(wait_ms=float("nan")), "wait_ms"),
        (exchange(note="\ud800"), "surrogates"),
        (exchange(status=1000), "status"),
        (replace(exchange(), reply=None), "response"),
    ],
)
def test_what_cannot_be_kept_is_said(writer, wrong, said):
    with pytest.raises(UnderstudyError, match=said):
        writer.write(wrong)
    assert files(writer.path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    with pytest.raises(UnderstudyError, match=r"recordings cannot be kept in .*locked: permission denied"):
        FolderWriter(folder)


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnderstudyError, match="file exists"):
        FolderWriter(tmp_path / "file")


FULL = """
import resource, sys
from pathlib import Path
from tests.record.exchanges import exchange
from understudy.errors import UnderstudyError
from understudy.record.folder import FolderWriter
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with FolderWriter(Path(sys.argv[1])) as writer:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # as a disk that is full
    try:
        writer.write(exchange(body=b"<p>\\n" * 1000))
    except UnderstudyError as error:
        print(error)
"""


def test_a_disk_that_is_full(tmp_path):
    folder = tmp_path / "recordings"
    told = subprocess.run(
        [sys.executable, "-c", FULL, folder], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert "the recording cannot be written to" in told.stdout
    assert "get-users-42.json" in told.stdout
    assert files(folder) == []
    assert os.listdir(folder) in ([], ["api.example.com"])


LOOP = """
import gzip, sys
from dataclasses import replace
from pathlib import Path
from tests.record.exchanges import exchange
from understudy.record.folder import FolderWriter
writer = FolderWriter(Path(sys.argv[1]))
again = writer.write(exchange("/again", b"<p>0\\n</p>"))
n = 0
while True:
    n += 1
    body = b"<p>%d\\n</p>" % n
    writer.write(exchange("/same", body))
    packed = gzip.compress(body, mtime=0)
    writer.write(exchange("/packed", packed, headers=((b"Content-Encoding", b"gzip"),)))
    writer.replace(replace(again, note=str(n), reply=replace(again.reply, body=body)))
    writer.spool()
    if n == 20:
        print("going", flush=True)
"""


def test_who_is_killed_leaves_whole_exchanges(tmp_path):
    folder = tmp_path / "recordings"
    loops = [
        subprocess.Popen([sys.executable, "-c", LOOP, folder], stdout=subprocess.PIPE, cwd=Path.cwd())
        for _ in range(2)
    ]
    for loop in loops:  # both are there before one is killed, or the other would clear up after it
        assert loop.stdout.readline() == b"going\n"
    for loop in loops:
        loop.send_signal(signal.SIGKILL)
        loop.wait()
        loop.stdout.close()
    found = read_folder(folder).exchanges
    counts = {}
    for one in found:
        counts[one.request.target] = counts.get(one.request.target, 0) + 1
    assert counts["/again"] == 2
    assert min(counts["/same"], counts["/packed"]) >= 40
    assert len(list(folder.glob(f"{PREFIX}*"))) == 2
    with FolderWriter(folder) as writer:
        assert len(list(folder.glob(f"{PREFIX}*"))) == 1
    assert not list(folder.glob(f"{PREFIX}*"))
    writer.close()  # twice is once
    named = {f"{one.id}.json" for one in found}
    named |= {f"{one.id}.response.html" for one in found}
    assert {name for name in files(writer.path) if ".response" not in name} == {
        f"{one.id}.json" for one in found
    }
    beside = {path for one in found for path in reader.files_beside(folder / f"{one.id}.json")}
    assert {folder / name for name in files(folder) if ".response" in name} == beside
    for one in read_folder(folder).exchanges:
        if one.request.target == "/again" and one.note:
            assert one.reply.body == b"<p>%d\n</p>" % int(one.note)


def aged(desk, seconds):
    """Make all of a desk older."""
    for path in (*desk.rglob("*"), desk):
        at = path.stat().st_mtime - seconds
        os.utime(path, (at, at))


def test_without_locks_age_says_who_has_died(tmp_path):
    desk = left_behind(tmp_path)
    now_s = desk.stat().st_mtime
    assert not is_left(desk, now_s + OLD_S - 10)
    assert is_left(desk, now_s + OLD_S + 10)
    aged(desk, 2 * OLD_S)
    assert is_left(desk, now_s)
    (desk / "spool").mkdir()
    aged(desk, 2 * OLD_S)
    (desk / "spool/body").touch()  # a body is still arriving
    assert not is_left(desk, now_s)


def test_without_locks_old_desks_are_cleared_up(tmp_path, monkeypatch):
    monkeypatch.setattr("understudy.record.folder.desk.fcntl", None)
    young, old = left_behind(tmp_path), tmp_path / f"{PREFIX}old"
    shutil.copytree(young, old)
    (old / "new/api.example.com/get-x.json").write_text("{}")
    (tmp_path / "api.example.com").mkdir()
    laid = old / "new/api.example.com/get-x.response.html"
    laid.write_text("half")
    os.link(laid, tmp_path / "api.example.com/get-x.response.html")
    aged(old, 2 * OLD_S)
    with FolderWriter(tmp_path) as idle:
        aged(next(one for one in tmp_path.glob(f"{PREFIX}*") if one not in (young, old)), 2 * OLD_S)
        assert (young.exists(), old.exists()) == (True, False)
        assert not (tmp_path / "api.example.com/get-x.response.html").exists()
        with FolderWriter(tmp_path):  # takes the idle one's desk for one that was left
            assert idle.spool().exists()
            assert idle.write(exchange()).id == "api.example.com/get-users-42"
    assert list(tmp_path.glob(f"{PREFIX}*")) == [young]


def left_behind(folder):
    """What a writer leaves that is killed: its desk, without its lock."""
    desk = folder / f"{PREFIX}0123"
    (desk / "new/api.example.com").mkdir(parents=True)
    (desk / "again/api.example.com").mkdir(parents=True)
    (desk / "lock").touch()
    return desk


def test_files_beside_what_was_never_written_are_cleared_up(writer):
    desk = left_behind(writer.path)
    (writer.path / "api.example.com").mkdir()
    laid = desk / "new/api.example.com/get-x.response.html"
    laid.write_text("x")
    (desk / "new/api.example.com/get-x.json").write_text("{}")
    os.link(laid, writer.path / "api.example.com/get-x.response.html")
    mine = writer.path / "api.example.com/get-y.response.html"
    mine.write_text("mine")
    with FolderWriter(writer.path):
        assert files(writer.path) == ["api.example.com/get-y.response.html"]


def test_what_was_being_replaced_is_finished(writer):
    one = writer.write(exchange(body=b"<p>\n<p>\n"))
    desk = left_behind(writer.path)
    place = writer.path / "api.example.com"
    text = (place / "get-users-42.json").read_text()
    (desk / "again/api.example.com/get-users-42.json").write_text(text.replace('"OK"', '"New"'))
    (desk / "again/api.example.com/get-users-42.response.json").write_text("<b>\n<b>\n")
    with FolderWriter(writer.path):
        (found,) = again(writer)
    assert (found.id, found.reply.reason, found.reply.body) == (one.id, "New", b"<b>\n<b>\n")


def test_what_was_not_yet_whole_is_dropped(writer):
    one = writer.write(exchange(body=b"<p>\n<p>\n"))
    desk = left_behind(writer.path)
    (desk / "again/api.example.com/get-users-42.response.json").write_text("<b>\n<b>\n")
    (desk / "again/api.example.com/get-users-42.json.part").write_text("{")
    with FolderWriter(writer.path):
        assert again(writer) == (one,)


def test_file_systems_without_links(writer, monkeypatch):
    def refused(source, target):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    one = writer.write(exchange(body=b"<p>\n<p>\n"))
    assert again(writer) == (one,)
    other = writer.write(exchange(body=b"<b>\n<b>\n"))
    assert again(writer) == (one, other)


# ---- reading


def test_recordings_come_in_order(writer):
    for at in (30, 10, 20):
        writer.write(exchange(f"/{at}", recorded_at=float(at)))
    assert [one.recorded_at for one in again(writer)] == [10, 20, 30]


HAND = """\
# written by hand
request:
  method: POST
  url: http://localhost:9000/hello
  headers: {Accept: "*/*"}
  text: hi
response:
  status: 201
  headers:
    - Content-Type: application/json
    - "X-Line: a: b"
  json: {greeting: hello, n: [1, 2.5, null]}
"""


def test_files_by_hand(tmp_path):
    (tmp_path / "hello.yaml").write_text(HAND)
    (one,) = read_folder(tmp_path).exchanges
    assert one.id == "hello"
    assert one.request.headers == ((b"Accept", b"*/*"),)
    assert one.request.body == b"hi"
    assert one.reply.headers == ((b"Content-Type", b"application/json"), (b"X-Line", b"a: b"))
    assert one.reply.body == b'{"greeting":"hello","n":[1,2.5,null]}'
    assert read_exchange(tmp_path / "hello.yaml") == one


def test_every_broken_file_is_told_by_name(writer):
    good = writer.write(exchange())
    (writer.path / "a.json").write_text("{\n]")
    (writer.path / "b.json").write_text('{"request": {"method": "GET", "url": 7}}')
    (writer.path / "c.yaml").write_text("a: [")
    (writer.path / "d.json").write_bytes(b"\xff")
    (writer.path / "recordings.yaml").write_text("match: {methd: true}\nfolder: x\ntarget: nowhere\n")
    with pytest.raises(ConfigError) as caught:
        read_folder(writer.path)
    told = {Path(one.file).name for one in caught.value.problems}
    assert told == {"a.json", "b.json", "c.yaml", "d.json", "recordings.yaml"}
    assert len(caught.value.problems) == 7
    (shape,) = [one for one in caught.value.problems if one.file.endswith("b.json")]
    assert (shape.path, shape.message, shape.line) == ("request.url", "expected text", 1)
    assert next(one for one in caught.value.problems if one.file.endswith("a.json")).line == 2
    assert "did you mean" in str(caught.value)
    loose = read_folder(writer.path, strict=False)
    assert (loose.exchanges, loose.problems) == ((good,), caught.value.problems)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "request: { method: GET, url: 'http://h/' }\nresponse:\n  stauts: 200\n  json: {}\nnte: x\n",
            [("response.stauts", 3, '"status"'), ("nte", 5, '"note"')],
        ),
        ("request: { method: GET, url: 'http://h/' }\nstatus: 200\n", [("status", 2, None)]),
        ("a: 1\n", [("", 1, None)]),
    ],
)
def test_misspelt_keys_are_told_of_with_their_lines(tmp_path, text, told):
    (tmp_path / "one.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_folder(tmp_path)
    assert [(one.path, one.line, one.suggestion) for one in caught.value.problems] == told
    if told[0][0] == "status":
        assert "here: it belongs into `response`" in str(caught.value)


MINIMAL = {"request": {"method": "GET", "url": "http://h/"}, "response": {"status": 200}}


def hostile(tmp_path, **changed):
    data = json.loads(json.dumps(MINIMAL))
    for place, value in changed.items():
        part, _, key = place.partition("__")
        if key:
            data.setdefault(part, {})[key] = value
        else:
            data[part] = value
    (tmp_path / "x.json").write_text(json.dumps(data))
    return read_folder(tmp_path)


def test_a_small_one_is_enough(tmp_path):
    assert hostile(tmp_path).exchanges[0].reply.status == 200


@pytest.mark.parametrize(
    ("changed", "path", "said"),
    [
        ({"response__file": "../secret"}, "response.file", "beside the exchange's"),
        ({"response__file": "/etc/passwd"}, "response.file", "beside the exchange's"),
        ({"response__file": "gone.html"}, "response.file", "no such file"),
        ({"response__file": "link.html"}, "response.file", "a link"),
        ({"response__file": "folder"}, "response.file", "not a file"),
        ({"response__file": "pipe"}, "response.file", "not a file"),
        ({"response__encoded": "x.bin"}, "response.encoded", "no Content-Encoding"),
        ({"response__json": 1, "response__text": "1"}, "response", "json and text"),
        ({"response__json": 1, "response__json_style": "wild"}, "response.json_style", "no such style"),
        ({"response__headers": ["X: a\r\nY: b"]}, "response.headers[0]", "line break"),
        ({"response__headers": ["A: 1", "no colon"]}, "response.headers[1]", "a colon"),
        ({"response__headers": {"a b": "1"}}, "response.headers[0]", "header name"),
        ({"response__headers": [{"name": "a", "base64": "%"}]}, "response.headers[0]", "not base64"),
        ({"response__headers": [{"name": "a", "base64": "DQo="}]}, "response.headers[0]", "line break"),
        ({"response__headers": ["a: b"] * 1001}, "response.headers", "more than 1,000"),
        ({"response__trailers": ["X: \0"]}, "response.trailers[0]", "line break"),
        ({"response__status": 1000}, "response.status", "999"),
        ({"response__status": True}, "response.status", "expected a whole number"),
        ({"response__reason": "a\r\nb"}, "response.reason", "the text does not fit"),
        ({"response__version": "1.1\n"}, "response.version", "the text does not fit"),
        ({"response__framing": "odd"}, "response.framing", "odd"),
        ({"response__chunks": ["nan ms: 1 bytes"]}, "response.chunks[0]", "no chunk"),
        ({"response__chunks": ["1e999 ms: 1 bytes"]}, "response.chunks[0]", "no chunk"),
        ({"response__more": 1}, "response.more", "unknown key"),
        (
            {"response__headers": ["Content-Encoding: odd"], "response__text": "a"},
            "response",
            "the coding 'odd' is not known",
        ),
        ({"request__url": "file:///etc/passwd"}, "request.url", "no address"),
        ({"request__url": "http://h/a b"}, "request.url", "no address"),
        ({"request__url": "http://h/\r\nX: y"}, "request.url", "no address"),
        ({"request__url": "http://u:p@h/"}, "request.url", "no address"),
        ({"request__url": "http://h:99999/"}, "request.url", "no address"),
        ({"request__url": "http://[h/"}, "request.url", "no address"),
        ({"request__method": "GET / HTTP/1.1\r\n"}, "request.method", "cannot be a method"),
        ({"recorded_at": "soon"}, "recorded_at", "no time"),
        ({"wait_ms": -1}, "wait_ms", "the number is too small"),
        ({"response": None}, "", "has a `response`"),
        ({"messages": [{"from": "client", "code": 1, "text": "a"}]}, "messages[0]", "only a `close`"),
        ({"messages": [{"from": "client", "base64": "?"}]}, "messages[0].base64", "not base64"),
        ({"messages": [{"from": "x"}]}, "messages[0].from", "x"),
        ({"failed__kind": "odd"}, "failed.kind", "odd"),
    ],
)
def test_what_strangers_write(tmp_path, changed, path, said):
    (tmp_path / "link.html").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError) as caught:
        hostile(tmp_path, **changed)
    (problem,) = caught.value.problems
    assert said in str(problem)
    assert problem.path == path
    assert problem.file.endswith("x.json")


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "\x9b1m", "\udcff"])
def test_names_that_cannot_be_shown(tmp_path, name):
    """They would break lines, speak to terminals, or be no text at all."""
    folder = tmp_path / "recordings"
    (folder / name).mkdir(parents=True)
    (folder / name / "a.json").write_text(json.dumps(MINIMAL))
    (folder / f"{name}.json").write_text(json.dumps(MINIMAL))
    (folder / f"{name}.txt").write_text("is none of ours")
    (folder / "b.json").write_text(json.dumps(MINIMAL))
    found = read_folder(folder, strict=False)
    assert [one.id for one in found.exchanges] == ["b"]
    assert [one.message for one in found.problems] == ["its name has characters that cannot be shown"] * 2
    for problem in found.problems:
        assert str(problem).replace("\n", "").isprintable()
        assert str(problem).count("\n") == 1


def test_links_are_not_followed(tmp_path):
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "a.json").write_text(json.dumps(MINIMAL))
    (folder / "b.json").symlink_to(outside / "a.json")
    (folder / "c").symlink_to(outside)
    (folder / "recordings.yaml").symlink_to(outside / "a.json")
    (folder / ".hidden.json").write_text("no")
    (folder / "README.md").write_text("no")
    with pytest.raises(ConfigError) as caught:
        read_folder(folder)
    assert {Path(one.file).name for one in caught.value.problems} == {"b.json", "c", "recordings.yaml"}


def test_bounds(tmp_path, monkeypatch):
    deep = tmp_path / "deep"
    (deep / "/".join("abcdefghij")).mkdir(parents=True)
    assert "folders in folders" in str(read_folder(deep, strict=False).problems[0])
    monkeypatch.setattr(reader, "MAX_FILE_BYTES", 100_000)
    many = tmp_path / "many"
    many.mkdir()
    (many / "a.json").write_text(json.dumps({**MINIMAL, "note": "x" * 100_000}))
    (many / "b.yaml").write_text(f"a: &a {'x' * 50_000}\nb: [{', '.join(['*a'] * 50)}]\n")
    (many / "c.json").write_text('{"request": ' + "[" * 100_000)
    (many / "d.json").write_text('{"request": {"json": ' + "[" * 5000 + "]" * 5000 + "}}")
    problems = read_folder(many, strict=False).problems
    assert [one.file[-6:] for one in problems] == ["a.json", "b.yaml", "c.json", "d.json"]
    assert "aliases" in problems[1].message
    monkeypatch.setattr(reader, "MAX_EXCHANGES", 2)
    monkeypatch.setattr(reader, "MAX_PROBLEMS", 1)
    problems = read_folder(many, strict=False).problems
    assert "and 2 problems more" in problems[-1].message


def test_two_files_of_one_name(tmp_path):
    for name in ("a.json", "a.yml"):
        (tmp_path / name).write_text(json.dumps(MINIMAL))
    with pytest.raises(ConfigError, match="the same recording as a"):
        read_folder(tmp_path)


@pytest.mark.parametrize("coding", CODERS)
def test_what_would_be_too_large_stays_packed(coding, monkeypatch):
    monkeypatch.setattr(bodies, "MAX_DECODED", 10_000)
    bomb = CODERS[coding](b"\0" * 1_000_000)
    found = bodies.split(bomb, ((b"Content-Encoding", coding.encode()),), "x")
    assert found == ({"encoded": "x.bin"}, {"x.bin": bomb})


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(one=exchanges(), data=st.data())
def test_whatever_stands_in_a_file_there_is_one_clear_error(one, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    with FolderWriter(folder) as writer:
        written = writer.write(one)
    file = folder / f"{written.id}.json"
    raw = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=3) | st.sampled_from([b"\\r\\n", b"null", b"{}", b"-1", b"../x", b'"'])
        )
    target = file.with_suffix(data.draw(st.sampled_from([".json", ".yaml"])))
    file.unlink()
    target.write_bytes(raw)
    found = read_folder(folder, strict=False)
    assert len(found.exchanges) + bool(found.problems) == 1
    for read in found.exchanges:
        for name, value in (*read.request.headers, *(read.reply.headers if read.reply else ())):
            assert not {b"\r", b"\n", b"\0"} & {bytes([byte]) for byte in name + value}


# ---- settings


def test_settings_are_written_and_read(tmp_path):
    record = Record(match=RecordMatch(query=["page"], ignore_body=["$.id"]), latency="fitted", speed=10)
    record = Record(
        match=record.match, latency="fitted", speed=10, redact=Redact(headers=["X-Tenant"]), ignore=["no"]
    )
    write_settings(tmp_path / "r", record, "https://api.example.com")
    text = (tmp_path / "r/recordings.yaml").read_text()
    assert text.startswith("# Settings")
    assert "speed: 10" in text
    assert "path:" not in text
    found = read_folder(tmp_path / "r")
    assert (found.settings, found.target) == (record, "https://api.example.com")
    write_settings(tmp_path / "r", Record())
    found = read_folder(tmp_path / "r")
    assert (found.settings, found.target) == (Record(), "")
    assert os.listdir(tmp_path / "r") == ["recordings.yaml"]


def test_settings_that_are_wrong(tmp_path):
    assert read_folder(tmp_path).settings is None
    (tmp_path / "recordings.json").write_text("[]")
    with pytest.raises(ConfigError, match="settings are an object"):
        read_folder(tmp_path)
    (tmp_path / "recordings.json").write_text('{"target": 7}')
    (tmp_path / "recordings.yml").write_text("{}")
    with pytest.raises(ConfigError, match=r"the settings are in recordings.yml, too"):
        read_folder(tmp_path)
    (tmp_path / "recordings.yml").unlink()
    with pytest.raises(ConfigError, match="the target is text"):
        read_folder(tmp_path)


# ---- whatever recordings are kept in


def test_recordings_of_whatever_kind(tmp_path, writer):
    one = writer.write(exchange())
    assert read_recording(writer.path).exchanges == (one,)
    found = read_recording(writer.path / f"{one.id}.json").exchanges
    assert found == (replace(one, id="get-users-42"),)
    (tmp_path / "link.json").symlink_to(writer.path / f"{one.id}.json")
    assert read_recording(tmp_path / "link.json").exchanges == (replace(one, id="link"),)
    listed = [
        {"timestamp": "2026-01-31T12:00:00", "method": "get", "path": "/a?b=1", "status": 201,
         "response": {"a": "ä"}, "headers": {"Host": "x", "X-Y": "z"}},
        {"path": "/b", "response": [1], "headers": {"X-Mine": "1", "Content-Length": "99"}},
    ]  # fmt: skip
    (tmp_path / "list.json").write_text(json.dumps(listed))
    first, second = read_recording(tmp_path / "list.json").exchanges
    assert (first.request.method, first.request.target, first.reply.status) == ("GET", "/a?b=1", 201)
    assert first.request.headers == ((b"Host", b"x"), (b"X-Y", b"z"))
    assert first.reply.body == b'{"a": "\\u00e4"}'
    assert first.recorded_at == seconds_of("2026-01-31T12:00:00Z")
    assert second.reply.headers == (
        (b"Content-Type", b"application/json"),
        (b"X-Mine", b"1"),
        (b"Content-Length", b"3"),
    )
    writer.write(first)
    writer.write(second)
    assert len(again(writer)) == 3


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.json", "{}", "these are no recordings"),
        ("x.json", "7", "these are no recordings"),
        ("x.json", "", "the file is empty"),
        ("x.json", '[{"path": "a"}, 7, {"path": "/", "status": 99}]', "3 problems"),
        ("x.json", '[{"path": "/", "headers": {"a b": 1}}]', "header name"),
        ("x.json", '{"request": {}}', 'the key "method" is missing'),
        ("x.har", '{"log": {"entries": 7}}', "list"),
    ],
)
def test_what_is_no_recording(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_recording(tmp_path / name)


def test_a_folder_that_is_not_there(tmp_path):
    for read in (read_folder, read_recording):
        with pytest.raises(ConfigError, match=r"no such|cannot be read"):
            read(tmp_path / "gone")


def test_messages_of_close(writer):
    close = SocketMessage(1, "server", "close", (1000).to_bytes(2, "big") + b"bye")
    one = writer.write(exchange(messages=(close,)))
    text = json.loads((writer.path / f"{one.id}.json").read_text())
    assert text["messages"] == [{"at_ms": 1, "from": "server", "kind": "close", "code": 1000, "text": "bye"}]
    assert again(writer) == (one,)


@pytest.mark.parametrize(
    ("text", "target"),
    [(None, None), ("target: http://a\n", "http://a"), ("then: cycle\n", ""), ("then: [", ""), ("- 1\n", "")],
)
def test_the_server_that_a_folder_names(tmp_path, text, target):
    if text is not None:
        (tmp_path / "recordings.yaml").write_text(text)
    assert target_of(tmp_path) == target
