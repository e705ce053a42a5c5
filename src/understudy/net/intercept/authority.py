"""The certificate authority that clients are told to trust: a key and a certificate in a folder of the user.

`ca-key.pem` is what counts, `ca.pem` follows from it: whoever finds a key without its certificate, or one
that soon ends, makes a new certificate for the same key. Clients that trust the old one go on until it ends,
as chains are found by name and key (RFC 5280 section 4.2.1.1). Only `renew` makes a new key.

Both files appear whole or not at all. Of two processes that make a key at once, one is first, and the other
takes over its key.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from understudy.errors import UnderstudyError

FOLDER_VARIABLE = "UNDERSTUDY_CA_FOLDER"
CERTIFICATE_FILE, KEY_FILE = "ca.pem", "ca-key.pem"
VALID = timedelta(days=3650)
RENEW_BEFORE = timedelta(days=400)
"""How long before its end a certificate is renewed: no leaf outlives it."""
BACKDATED = timedelta(days=2)
"""How much earlier than now it begins, for clients whose clocks are late; leaves begin later than this."""
MAX_FILE_BYTES = 1_000_000
OURS = "Understudy"
"""The organisation in our certificates. One of another is the user's own, and never replaced."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Authority(NamedTuple):
    """A key and its certificate. `path` is the certificate's file."""

    path: Path
    key: PrivateKey
    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as browsers and `openssl x509 -fingerprint` show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def pem(self) -> bytes:
        """The certificate, as it is in its file."""
        return self.certificate.public_bytes(Encoding.PEM)


def default_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where the authority is unless the config says otherwise."""
    if chosen := environment.get(FOLDER_VARIABLE):
        return Path(chosen).expanduser()
    home = Path(environment["HOME"]) if environment.get("HOME") else Path.home()
    if platform == "darwin":
        return home / "Library" / "Application Support" / "understudy"
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "understudy"
    data = environment.get("XDG_DATA_HOME", "")
    # a relative path is to be ignored (XDG Base Directory Specification)
    return (Path(data) if data.startswith("/") else home / ".local" / "share") / "understudy"


def open_authority(folder: Path, now: datetime | None = None) -> Authority:
    """The authority of a folder, made on first use. Raises UnderstudyError if it cannot be used.

    Blocks for some milliseconds: not for the event loop's thread.
    """
    now = now or datetime.now(UTC)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = _key_of(folder)
        path = folder / CERTIFICATE_FILE
        certificate = _read_certificate(path)
        if certificate is None or _is_outdated(path, certificate, key, now):
            certificate = make_certificate(key, now)
            _replace(path, certificate.public_bytes(Encoding.PEM), 0o644)
    except OSError as error:
        raise UnderstudyError(
            f"the certificate authority in {folder} cannot be had: {error.strerror or error}. "
            f"Another folder is chosen with `ca_folder` or {FOLDER_VARIABLE}"
        ) from None
    return Authority(path, key, certificate)


def renew(folder: Path, now: datetime | None = None) -> Authority:
    """A new key and a new certificate: whoever trusts the old one has to be told. Raises UnderstudyError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(folder / KEY_FILE, _pem_of(ec.generate_private_key(ec.SECP256R1())), 0o600)
        (folder / CERTIFICATE_FILE).unlink(missing_ok=True)
    except OSError as error:
        raise UnderstudyError(f"{folder} cannot be written: {error.strerror or error}") from None
    return open_authority(folder, now)


def make_certificate(key: PrivateKey, now: datetime) -> x509.Certificate:
    """A certificate with which `key` may sign those of servers (RFC 5280 section 4.2)."""
    public = key.public_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    # The name says which key: some clients mix authorities of the same name up.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, OURS),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Understudy CA {identifier.digest[:4].hex()}"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(issued_by(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )


def usage(
    *, key_cert_sign: bool = False, crl_sign: bool = False, digital_signature: bool = False
) -> x509.KeyUsage:
    """What a key may be used for."""
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def issued_by(identifier: x509.SubjectKeyIdentifier) -> x509.AuthorityKeyIdentifier:
    """Which key has signed: without issuer and serial number, so that a renewed certificate fits as well."""
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


# --- files --------------------------------------------------------------------------------------------------


def _key_of(folder: Path) -> PrivateKey:
    path = folder / KEY_FILE
    with suppress(FileExistsError):  # another process was quicker: its key is taken
        if not path.exists():
            _create(path, _pem_of(ec.generate_private_key(ec.SECP256R1())))
    if os.name == "posix" and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        raise UnderstudyError(
            f"the private key {path} can be used by other users (mode {mode:04o}), "
            f"and with it all that your programs send over TLS. Try: chmod 600 '{path}', "
            "or if others may have read it: understudy ca --renew"
        )
    try:
        key = load_pem_private_key(_read(path), None)
    except OSError:
        raise
    except Exception as error:  # of which cryptography has many kinds
        raise UnderstudyError(
            f"{path} is no private key without a password ({_first_line(error)}). "
            "Try: understudy ca --renew, which makes a new one in its place"
        ) from None
    if not isinstance(key, PrivateKey):
        raise UnderstudyError(f"{path} is neither an EC nor an RSA key")
    return key


def _read_certificate(path: Path) -> x509.Certificate | None:
    try:
        certificate = x509.load_pem_x509_certificate(_read(path))
        _ = certificate.extensions, certificate.subject, certificate.public_key()  # parsed only now
        return certificate
    except FileNotFoundError:
        return None
    except OSError:
        raise
    except Exception as error:  # of which cryptography has many kinds
        raise UnderstudyError(
            f"{path} is no certificate ({_first_line(error)}). Try: remove it, and it is made anew of its key"
        ) from None


def _is_outdated(path: Path, certificate: x509.Certificate, key: PrivateKey, now: datetime) -> bool:
    """Whether a new one is to be made; raises UnderstudyError if it is not ours and cannot be used."""
    problem = ""
    if _public_bytes(certificate) != key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    ):
        problem = f"does not belong to {KEY_FILE}"
    elif not _may_sign(certificate):
        problem = "may not sign others (basicConstraints, keyUsage)"
    elif certificate.not_valid_after_utc <= now or certificate.not_valid_before_utc > now:
        problem = (
            f"is valid from {certificate.not_valid_before_utc} to {certificate.not_valid_after_utc} only"
        )
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    if any(name.value == OURS for name in names):
        return bool(problem) or certificate.not_valid_after_utc - RENEW_BEFORE <= now
    if problem:
        raise UnderstudyError(f"the certificate {path} {problem}")
    return False


def _public_bytes(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _may_sign(certificate: x509.Certificate) -> bool:
    extensions = certificate.extensions
    try:
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound as error:
        return error.oid == x509.KeyUsage.oid


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ValueError("the file is too large")
    return data


def _pem_of(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _create(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read. Raises FileExistsError if there is one."""
    temporary = _write_beside(path, data, 0o600)
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: two that start at once may then disagree for a while
        if path.exists():
            raise FileExistsError from None
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _replace(path: Path, data: bytes, mode: int) -> None:
    temporary = _write_beside(path, data, mode)
    try:
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_beside(path: Path, data: bytes, mode: int) -> Path:
    temporary = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


__all__ = ["Authority", "default_folder", "issued_by", "make_certificate", "open_authority", "renew", "usage"]
