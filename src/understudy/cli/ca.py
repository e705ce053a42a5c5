"""`understudy ca`: the certificate authority of the proxy, and how programs are told to trust it."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from understudy.errors import UnderstudyError

if TYPE_CHECKING:
    from understudy.net.intercept.authority import Authority

NAME = "ca"
HELP = "Show the certificate authority of the proxy, and how programs trust it."
EXAMPLE = """examples:
  understudy ca                                 where it is, until when, and how programs trust it
  curl --proxy http://127.0.0.1:8000 --cacert "$(understudy ca --path)" https://api.example.com/
  eval "$(understudy ca --env --proxy http://127.0.0.1:8000)"    for all programs of this shell
  understudy ca --bundle all.pem                the system's authorities and this one, in one file
"""
OK, UNUSABLE = 0, 1
BUNDLE_FILE = "ca-bundle.pem"
REPLACING = (
    "SSL_CERT_FILE",  # OpenSSL, and so Python and Ruby; Go, uv
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "npm_config_cafile",  # goes before NODE_EXTRA_CA_CERTS where a user has set `cafile`
    "CARGO_HTTP_CAINFO",
    "AWS_CA_BUNDLE",
)
"""Variables that stand in the place of the system's authorities: they name the bundle."""
ADDING = ("NODE_EXTRA_CA_CERTS", "DENO_CERT")
PROXY = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
SYSTEM_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, BSD
)
"""Where systems have their authorities, for a Python that was built elsewhere."""
CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--folder",
        type=Path,
        help="where it is: `ca_folder` of the config; default: UNDERSTUDY_CA_FOLDER, or the user's data",
    )
    parser.add_argument("--renew", action="store_true", help="make a new key first: the old one is worthless")
    show = parser.add_mutually_exclusive_group()
    show.add_argument("--path", action="store_true", help="print only the certificate's path")
    show.add_argument("--env", action="store_true", help="print variables for a shell: eval $(…)")
    show.add_argument("--bundle", type=Path, metavar="FILE", help="write it with the system's authorities")
    parser.add_argument("--proxy", metavar="URL", help="with --env: also use this server as the proxy")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Show it; it is made if there is none. 0; 1 if it cannot be used."""
    from understudy.net.intercept.authority import default_folder, open_authority, renew

    folder = (args.folder or default_folder()).expanduser().absolute()
    try:
        authority = renew(folder) if args.renew else open_authority(folder)
        if args.path:
            print(authority.path, file=out)
        elif args.bundle is not None:
            count = write_bundle(authority, args.bundle)
            print(f"{count} authorities, the last of them Understudy's: {args.bundle!s}", file=out)
        elif args.env:
            bundle = folder / BUNDLE_FILE
            write_bundle(authority, bundle)
            print(environment(authority, bundle, args.proxy), file=out)
        else:
            print(overview(authority), file=out)
    except UnderstudyError as error:
        print(f"understudy ca: {error}", file=err)
        return UNUSABLE
    return OK


def environment(authority: Authority, bundle: Path, proxy: str | None) -> str:
    """Lines for a POSIX shell."""
    values = {**dict.fromkeys(REPLACING, str(bundle)), **dict.fromkeys(ADDING, str(authority.path))}
    if proxy is not None:
        values |= dict.fromkeys(PROXY, proxy if "://" in proxy else f"http://{proxy}")
        values["NODE_USE_ENV_PROXY"] = "1"  # Node 24 and later
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())


def overview(authority: Authority) -> str:
    """What a person has to know."""
    from cryptography.x509.oid import NameOID

    certificate = authority.certificate
    path = shlex.quote(str(authority.path))
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return f"""certificate  {authority.path}
name         {name}
SHA-256      {authority.fingerprint}
valid        {certificate.not_valid_before_utc:%Y-%m-%d} to {certificate.not_valid_after_utc:%Y-%m-%d}

Whoever has the key beside it can read what programs send that trust it. Trust it where you test only.

all below    eval "$(understudy ca --env --proxy http://127.0.0.1:8000)"
             (these variables replace the system's authorities, so they name a bundle of those and this one)
curl         curl --cacert {path}     or CURL_CA_BUNDLE=FILE
requests     REQUESTS_CA_BUNDLE=FILE
httpx, ssl   SSL_CERT_FILE=FILE                 also uv, and on Linux Go and Ruby
pip          PIP_CERT=FILE
Node         NODE_EXTRA_CA_CERTS={path}
npm          npm_config_cafile=FILE
git          GIT_SSL_CAINFO=FILE
cargo        CARGO_HTTP_CAINFO=FILE
wget         wget --ca-certificate={path}
apt          apt-get -o Acquire::https::CaInfo={path}
Java         keytool -importcert -noprompt -alias understudy -cacerts -storepass changeit -file {path}
Debian       sudo cp {path} /usr/local/share/ca-certificates/understudy.crt && sudo update-ca-certificates
Fedora       sudo cp {path} /etc/pki/ca-trust/source/anchors/understudy.pem && sudo update-ca-trust
macOS        security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db {path}
Windows      certutil -user -addstore Root {path}
Firefox      Settings, Privacy & Security, View Certificates, Authorities, Import

FILE is made by: understudy ca --bundle FILE"""


def write_bundle(authority: Authority, path: Path) -> int:
    """Write the system's authorities and this one; how many these are. Raises UnderstudyError."""
    known = system_authorities()
    content = known.rstrip() + b"\n" + authority.pem
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UnderstudyError(f"{path} cannot be written: {error.strerror}") from None
    return content.count(b"-----BEGIN CERTIFICATE-----")


def system_authorities() -> bytes:
    """The certificates that programs trust here, in PEM. Raises UnderstudyError if none are found.

    Those of the system beside those of certifi: a company's own are among the former only.
    """
    of_system = next(filter(None, map(_read, (_openssl_file(), *SYSTEM_FILES))), b"")
    found = b"\n".join(dict.fromkeys(CERTIFICATE.findall(_certifi() + b"\n" + of_system)))
    if not found:  # Windows has them in no file
        loaded = ssl.create_default_context().get_ca_certs(binary_form=True)
        found = "".join(map(ssl.DER_cert_to_PEM_cert, loaded)).encode()
    if not found:
        raise UnderstudyError("the system's authorities are not found. Try: pip install certifi")
    return found


def _certifi() -> bytes:
    try:
        import certifi
    except ImportError:
        return b""
    return _read(certifi.where())


def _openssl_file() -> str:
    """Not what SSL_CERT_FILE says, which may be a bundle of ours."""
    return ssl.get_default_verify_paths().openssl_cafile


def _read(path: str) -> bytes:
    try:
        data = Path(path).read_bytes()
    except OSError:
        return b""
    return data if b"-----BEGIN CERTIFICATE-----" in data else b""
