"""`understudy ca`: what it prints, and that real clients do what it says."""

import os
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from understudy.cli import run
from understudy.cli.ca import environment, system_authorities
from understudy.errors import UnderstudyError
from understudy.net.intercept.authority import open_authority


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_CA_FOLDER", str(tmp_path / "my ca"))
    return tmp_path / "my ca"


def ca(capsys, *arguments):
    code = run(["ca", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_it_is_made_and_shown(folder, capsys):
    code, out, err = ca(capsys)
    authority = open_authority(folder)
    assert (code, err) == (0, "")
    assert authority.fingerprint in out
    assert f"{authority.certificate.not_valid_after_utc:%Y-%m-%d}" in out
    assert f"curl --cacert '{folder}/ca.pem'" in out
    for name in (
        "requests",
        "httpx",
        "Node",
        "git",
        "pip",
        "npm",
        "cargo",
        "wget",
        "apt",
        "Java",
        "Debian",
        "Fedora",
        "macOS",
        "Windows",
        "Firefox",
    ):
        assert f"\n{name}" in out


def test_only_the_path(folder, capsys):
    assert ca(capsys, "--path") == (0, f"{folder}/ca.pem\n", "")
    assert ca(capsys, "--path", "--folder", folder / "b")[1] == f"{folder}/b/ca.pem\n"
    assert (folder / "b" / "ca.pem").exists()


def test_a_bundle_has_the_systems_authorities_too(folder, capsys, tmp_path):
    code, out, _ = ca(capsys, "--bundle", tmp_path / "all.pem")
    content = (tmp_path / "all.pem").read_bytes()
    assert code == 0
    assert content.endswith(open_authority(folder).pem)
    count = content.count(b"BEGIN CERTIFICATE")
    assert out.startswith(f"{count} authorities")
    assert count == system_authorities().count(b"BEGIN CERTIFICATE") + 1
    assert sorted(os.listdir(tmp_path)) == ["all.pem", "my ca"]


def test_what_a_company_has_put_into_the_systems_is_in_it_beside_certifis(monkeypatch, tmp_path, folder):
    ours = open_authority(folder)
    theirs = tmp_path / "system.pem"
    theirs.write_bytes(b"# of the company\n" + ours.pem + ours.pem)
    monkeypatch.setattr("understudy.cli.ca._openssl_file", lambda: str(theirs))
    found = system_authorities()
    assert found.count(ours.pem.strip()) == 1
    monkeypatch.setitem(sys.modules, "certifi", None)
    assert system_authorities() == ours.pem.strip()


def test_without_certifi_the_system_is_asked(monkeypatch):
    monkeypatch.setitem(sys.modules, "certifi", None)
    if not any(
        map(os.path.exists, ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"])
    ):
        pytest.skip("no authorities of the system here")
    assert b"BEGIN CERTIFICATE" in system_authorities()


def test_where_none_are_found(monkeypatch):
    class Empty:
        def get_ca_certs(self, binary_form):
            return []

    monkeypatch.setattr("understudy.cli.ca._read", lambda path: b"")
    monkeypatch.setattr("ssl.create_default_context", Empty)
    with pytest.raises(UnderstudyError, match="pip install certifi"):
        system_authorities()


def test_a_new_one(folder, capsys):
    first = open_authority(folder).certificate
    assert ca(capsys, "--renew", "--path") == (0, f"{folder}/ca.pem\n", "")
    assert open_authority(folder).certificate != first


def test_what_cannot_be_used_is_one_line(folder, capsys, tmp_path):
    open_authority(folder).path.with_name("ca-key.pem").chmod(0o644)
    code, out, err = ca(capsys)
    assert (code, out) == (1, "")
    assert err.startswith("understudy ca: the private key ")
    assert "chmod 600" in err
    (folder / "ca-key.pem").chmod(0o600)
    code, _, err = ca(capsys, "--bundle", tmp_path / "no" / "all.pem")
    assert (code, "cannot be written" in err) == (1, True)


def test_with_folder_in_the_home(folder, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ca(capsys, "--path", "--folder", "~/c")[1] == f"{tmp_path}/c/ca.pem\n"


CLIENTS = {
    "requests": [sys.executable, "-c", "import requests; print(requests.get('https://a.test/x').text)"],
    "httpx": [sys.executable, "-c", "import httpx; print(httpx.get('https://a.test/x').text)"],
    "urllib": [
        sys.executable,
        "-c",
        "from urllib.request import urlopen; print(urlopen('https://a.test/x').read().decode())",
    ],
    "curl": ["curl", "-sS", "https://a.test/x", "http://a.test/x"],
    "git": ["git", "ls-remote", "https://a.test/x"],
    "pip": [sys.executable, "-m", "pip", "download", "--no-deps", "-i", "https://a.test/x", "x"],
    "npm": ["npm", "view", "x", "description", "--registry", "https://a.test/x", "--fetch-retries", "0"],
    "wget": ["sh", "-c", 'wget -qO- --ca-certificate "$DENO_CERT" https://a.test/x'],
}
ASKING = {"git": "/x/info/refs", "pip": "/x/x/", "npm": "/x/x"}
"""What clients ask for that look for more than was put there: that it is not found is another matter."""


@pytest.mark.parametrize("client", CLIENTS)
def test_programs_of_a_shell_with_these_variables(client, folder, capsys, endpoints):
    command = CLIENTS[client]
    if not (
        find_spec("pip") if client == "pip" else shutil.which(command[0] if client != "wget" else client)
    ):
        pytest.skip(f"needs {client}")
    server = endpoints({"path": "/x/**", "match": {"host": "a.test"}, "body": "inside"}, forward_proxy=True)
    variables = ca(capsys, "--env", "--proxy", server.url)[1]
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    clean |= {"npm_config_cache": str(folder.parent), "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    line = f"eval {shlex.quote(variables)}; exec {shlex.join(command)}"
    done = subprocess.run(["sh", "-c", line], env=clean, capture_output=True, text=True, timeout=60)
    if client in ASKING:
        assert "certificate" not in done.stderr
        assert server.logs()[0]["path"] == ASKING[client]
    else:
        assert set(done.stdout.split()) in ({"inside"}, {"insideinside"}), done.stderr


def test_each_variable_is_quoted():
    class Authority:
        path = Path("/a b/ca.pem")

    lines = environment(Authority, Path("/a b/all.pem"), None).splitlines()
    assert "export SSL_CERT_FILE='/a b/all.pem'" in lines
    assert "export NODE_EXTRA_CA_CERTS='/a b/ca.pem'" in lines
    assert not any("proxy" in line.lower() for line in lines)
    assert "export https_proxy=http://localhost:8000" in environment(Authority, Path("/b"), "localhost:8000")
