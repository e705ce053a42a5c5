"""Certificates for single hosts, made when they are first asked for, and the TLS contexts with them."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from understudy.net.intercept.authority import Authority, issued_by, usage

VALID = timedelta(days=396)
BACKDATED = timedelta(days=1)
"""With this, 397 days: more, and clients of Apple refuse (398 at most; support.apple.com/en-us/102028)."""
USED_FOR = timedelta(days=300)
"""How long a certificate is used before another is made."""
MAX_HOSTS = 1024
"""Hosts whose certificates are kept; of more, those used longest ago are made again."""
MAX_COMMON_NAME = 64
"""Longest common name (RFC 5280 appendix A.1, ub-common-name); names that count are in subjectAltName."""


class Leaves:
    """Makes certificates for hosts. Belongs to one thread. One key serves all of them, and never leaves."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._key_pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self._issuer = _identifier_of(authority.certificate)
        self._contexts: OrderedDict[str, tuple[datetime, ssl.SSLContext]] = OrderedDict()

    def context(self, host: str, now: datetime | None = None) -> ssl.SSLContext:
        """What TLS with a client needs that has asked for `host` (as `hosts.host_of` gives it)."""
        now = now or datetime.now(UTC)
        until, context = self._contexts.get(host, (now, None))
        if context is None or until <= now:
            context = self._make_context(host, now)
            self._contexts[host] = (now + USED_FOR, context)
            if len(self._contexts) > MAX_HOSTS:
                self._contexts.popitem(last=False)
        self._contexts.move_to_end(host)
        return context

    def certificate(self, host: str, now: datetime) -> x509.Certificate:
        """A certificate for one host: a name, or an address."""
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:MAX_COMMON_NAME])]))
            .issuer_name(self.authority.certificate.subject)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(min(now + VALID, self.authority.certificate.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
            .add_extension(self._identifier, critical=False)
            .add_extension(issued_by(self._issuer), critical=False)
            .sign(self.authority.key, hashes.SHA256())
        )

    def _make_context(self, host: str, now: datetime) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        self._load(context, self._key_pem + self.certificate(host, now).public_bytes(Encoding.PEM))
        return context

    @staticmethod
    def _load(context: ssl.SSLContext, pem: bytes) -> None:
        """Python reads keys from files only: from one that nobody else can read, and that is gone at once."""
        descriptor, name = tempfile.mkstemp(prefix="understudy-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
            context.load_cert_chain(name)
        finally:
            os.unlink(name)


def _identifier_of(certificate: x509.Certificate) -> x509.SubjectKeyIdentifier:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


__all__ = ["Leaves"]
