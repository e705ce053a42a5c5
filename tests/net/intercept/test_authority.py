"""The certificate authority: its files, who may read them, and what is done about those that do not fit."""

import os
import shutil
import stat
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.errors import UnderstudyError
from understudy.net.intercept.authority import (
    RENEW_BEFORE,
    VALID,
    default_folder,
    make_certificate,
    open_authority,
    renew,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def pem(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def put_key(folder, content):
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "ca-key.pem"
    path.write_bytes(content)
    path.chmod(0o600)


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({"HOME": "/h"}, "linux", "/h/.local/share/understudy"),
        ({"HOME": "/h", "XDG_DATA_HOME": "/d"}, "linux", "/d/understudy"),
        ({"HOME": "/h", "XDG_DATA_HOME": "relative"}, "linux", "/h/.local/share/understudy"),
        ({"HOME": "/h", "XDG_DATA_HOME": "/d"}, "darwin", "/h/Library/Application Support/understudy"),
        ({"HOME": "/h", "LOCALAPPDATA": "/l"}, "win32", "/l/understudy"),
        ({"HOME": "/h", "XDG_DATA_HOME": "/d", "UNDERSTUDY_CA_FOLDER": "/c"}, "linux", "/c"),
    ],
)
def test_where_it_is(environment, platform, folder):
    assert default_folder(environment, platform) == Path(folder)


def test_it_is_made_once(tmp_path):
    first = open_authority(tmp_path / "a" / "ca")
    again = open_authority(tmp_path / "a" / "ca")
    assert again.certificate == first.certificate
    assert again.path.read_bytes() == first.pem
    assert sorted(os.listdir(first.path.parent)) == ["ca-key.pem", "ca.pem"], "nothing else is left behind"


def test_only_the_owner_reads_the_key(tmp_path):
    before = os.umask(0)
    try:
        open_authority(tmp_path / "ca")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "ca").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "ca" / "ca-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ca" / "ca.pem").stat().st_mode) == 0o644


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_read_is_refused(tmp_path, mode):
    open_authority(tmp_path)
    (tmp_path / "ca-key.pem").chmod(mode)
    with pytest.raises(UnderstudyError, match=r"Try: chmod 600 '.*ca-key\.pem'"):
        open_authority(tmp_path)


def test_the_certificate(tmp_path):
    certificate = open_authority(tmp_path, NOW).certificate
    extensions = certificate.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert not usage.value.digital_signature
    subject = extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    issuer = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert issuer.key_identifier == subject.digest
    assert issuer.authority_cert_serial_number is None
    assert certificate.not_valid_after_utc == NOW + VALID
    assert certificate.not_valid_before_utc < NOW
    assert isinstance(certificate.public_key().curve, ec.SECP256R1)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_openssl_agrees_about_the_fingerprint(tmp_path):
    authority = open_authority(tmp_path)
    command = ["openssl", "x509", "-in", str(authority.path), "-noout", "-fingerprint", "-sha256"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.strip().partition("=")[2] == authority.fingerprint


def test_it_is_renewed_before_its_end_for_the_same_key(tmp_path):
    first = open_authority(tmp_path, NOW)
    assert (
        open_authority(tmp_path, NOW + VALID - RENEW_BEFORE - timedelta(1)).certificate == first.certificate
    )
    later = NOW + VALID - RENEW_BEFORE
    second = open_authority(tmp_path, later)
    assert second.certificate.not_valid_after_utc == later + VALID
    assert second.certificate.subject == first.certificate.subject
    assert second.key.private_numbers() == first.key.private_numbers()


def test_renewing_by_hand_makes_a_new_key(tmp_path):
    first, second = open_authority(tmp_path), renew(tmp_path)
    assert first.key.private_numbers() != second.key.private_numbers()
    assert first.certificate.subject != second.certificate.subject
    assert open_authority(tmp_path).certificate == second.certificate


def test_a_certificate_that_is_missing_or_of_another_key_is_made_anew(tmp_path):
    key = open_authority(tmp_path).key.private_numbers()
    (tmp_path / "ca.pem").unlink()
    assert open_authority(tmp_path).key.private_numbers() == key
    (tmp_path / "ca.pem").write_bytes(open_authority(tmp_path / "other").pem)
    assert open_authority(tmp_path).certificate == x509.load_pem_x509_certificate(
        (tmp_path / "ca.pem").read_bytes()
    )


def own(key, **changes):
    """A certificate that the user has brought."""
    made = make_certificate(key, changes.get("now", datetime.now(UTC)))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Corporate CA")])
    builder = x509.CertificateBuilder(
        subject_name=name, issuer_name=name, public_key=key.public_key(), serial_number=1
    )
    builder = builder.not_valid_before(made.not_valid_before_utc).not_valid_after(made.not_valid_after_utc)
    builder = builder.add_extension(x509.BasicConstraints(changes.get("ca", True), None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_an_authority_that_the_user_brings_is_used_and_never_replaced(tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    put_key(tmp_path, pem(key))
    path = tmp_path / "ca.pem"
    path.write_bytes(own(key))
    assert open_authority(tmp_path).pem == path.read_bytes()
    for content, why in [
        (own(key, now=NOW - 2 * VALID), "is valid from"),
        (own(key, ca=False), "may not sign others"),
        (own(ec.generate_private_key(ec.SECP256R1())), "does not belong to ca-key.pem"),
    ]:
        path.write_bytes(content)
        with pytest.raises(UnderstudyError, match=why):
            open_authority(tmp_path)
        assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is no private key"),
        (pem(ec.generate_private_key(ec.SECP256R1()), BestAvailableEncryption(b"x")), "is no private key"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "neither an EC nor an RSA key"),
        (b"x" * 2_000_000, "too large"),
    ],
)
def test_a_file_that_is_no_key_is_told(tmp_path, content, why):
    put_key(tmp_path, content)
    with pytest.raises(UnderstudyError, match=why):
        open_authority(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnderstudyError, match="UNDERSTUDY_CA_FOLDER"):
        open_authority(tmp_path / "file" / "ca")
    with pytest.raises(UnderstudyError, match="cannot be written"):
        renew(tmp_path / "file" / "ca")


def test_without_hard_links(tmp_path, monkeypatch):
    def no_link(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)
    assert open_authority(tmp_path).certificate == open_authority(tmp_path).certificate
    assert stat.S_IMODE((tmp_path / "ca-key.pem").stat().st_mode) == 0o600


MAKE = """
import sys
from pathlib import Path
from understudy.net.intercept.authority import open_authority
print(flush=True)
sys.stdin.readline()
numbers = open_authority(Path(sys.argv[1])).key.private_numbers()
print(numbers.private_value)
"""


def test_processes_that_start_at_once_have_the_same_key(tmp_path):
    command = [sys.executable, "-c", MAKE, str(tmp_path / "ca")]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    said = {process.communicate()[0] for process in processes}
    assert len(said) == 1
    assert said == {f"{open_authority(tmp_path / 'ca').key.private_numbers().private_value}\n"}


@settings(max_examples=40)
@given(
    st.sampled_from(["ca.pem", "ca-key.pem"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=3)), min_size=1, max_size=4),
)
def test_whatever_is_in_the_files_there_is_one_clear_error(tmp_path_factory, name, edits):
    folder = tmp_path_factory.mktemp("ca")
    open_authority(folder)
    content = bytearray((folder / name).read_bytes())
    for where, cut, added in edits:
        place = int(where * len(content))
        content[place : place + cut] = added
    (folder / name).write_bytes(content)
    with suppress(UnderstudyError):
        open_authority(folder)
