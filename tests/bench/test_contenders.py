import json
from pathlib import Path

import pytest

from bench import contenders, peers, shapes

SHAPES = [shapes.STATIC, shapes.TEMPLATED, shapes.POST, shapes.many(3)]


def test_understudy_is_started_as_a_user_would(tmp_path: Path):
    line = contenders.understudy(memo=False).command(shapes.POST, tmp_path, 8123)
    assert line[1:3] == ["serve", str(tmp_path / "config.json")]
    assert line[-1] == "--no-memo"
    (endpoint,) = json.loads((tmp_path / "config.json").read_text())["endpoints"]
    assert endpoint == {
        "path": "/api/orders",
        "method": "POST",
        "status": 201,
        "response": {"id": "{{ uuid() }}", "name": "{{ body.name }}"},
    }


def test_the_memo_is_on_unless_told_otherwise(tmp_path: Path):
    assert "--no-memo" not in contenders.understudy().command(shapes.STATIC, tmp_path, 8123)


def test_a_latency_is_written(tmp_path: Path):
    contenders.understudy().command(shapes.slow(1000), tmp_path, 8123)
    assert json.loads((tmp_path / "config.json").read_text())["endpoints"][0]["latency_ms"] == 1000


def test_names_of_peers_are_distinct():
    assert len({peer.name for peer in peers.PEERS}) == len(peers.PEERS)


@pytest.mark.parametrize("peer", peers.PEERS, ids=lambda peer: peer.name)
def test_every_peer_serves_static_shapes_and_the_others_or_says_why(peer: peers.Peer, tmp_path: Path):
    modules = tmp_path / "node_modules"
    (modules / "wiremock" / "build").mkdir(parents=True)
    (modules / "wiremock" / "build" / "wiremock-standalone-1.jar").touch()
    reasons: dict[str, str] = {}
    for shape in SHAPES:
        folder = tmp_path / shape.name
        folder.mkdir()
        try:
            line = peer.command(modules, shape, folder, 8123)
        except contenders.UnsupportedError as reason:
            reasons[shape.name] = str(reason)
            continue
        written = " ".join(line) + "".join(path.read_text() for path in folder.rglob("*") if path.is_file())
        assert "8123" in written
        asked = shape.asked.path.strip("/")
        assert (
            asked.replace("/", "-") in written.replace("/", "-")
            or (folder / "replies" / f"{asked}.json").exists()
        )
    assert set(reasons) <= {"templated", "post"}
    assert all(reasons.values())


def test_packages_with_a_version_or_a_scope_are_understood():
    def peer(package: str) -> peers.Peer:
        return peers.Peer("x", package, (), lambda *_: [])

    assert peer("json-server@0.17.4").bare_package == "json-server"
    assert peer("@mockoon/cli").bare_package == "@mockoon/cli"
    assert peer("@mockoon/cli").modules.parent.name == "mockoon-cli"


def test_a_peer_without_its_programs_says_so():
    with pytest.raises(peers.MissingError, match="needs no-such-program"):
        peers.install(peers.Peer("x", "x", ("no-such-program",), lambda *_: []))
