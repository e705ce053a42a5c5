"""Certificates of single hosts: what they say, that OpenSSL takes them, and that there are not too many."""

import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from understudy.net.intercept import leaves as module
from understudy.net.intercept.authority import VALID, open_authority
from understudy.net.intercept.leaves import USED_FOR, Leaves

HOSTS = [
    "a.test",
    "xn--bcher-kva.example",
    "127.0.0.1",
    "::1",
    "my_host",
    "x" * 60 + "." + "y" * 60 + ".test",
]


@pytest.fixture(scope="module")
def leaves(tmp_path_factory):
    return Leaves(open_authority(tmp_path_factory.mktemp("ca")))


def names(host):
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


@pytest.mark.parametrize("host", HOSTS)
def test_a_certificate(leaves, host):
    now = datetime.now(UTC).replace(microsecond=0)
    leaf = leaves.certificate(host, now)
    extensions = leaf.extensions
    assert list(extensions.get_extension_for_class(x509.SubjectAlternativeName).value) == [names(host)]
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.not_valid_before_utc == now - timedelta(days=1)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=397)
    assert leaf.not_valid_before_utc > leaves.authority.certificate.not_valid_before_utc
    leaf.verify_directly_issued_by(leaves.authority.certificate)
    assert len(leaf.subject.rdns[0].rfc4514_string()) <= 64 + len("CN=")


@pytest.mark.parametrize("host", [host for host in HOSTS if "_" not in host])
def test_it_fits_the_profile_of_the_web(leaves, host):
    """The verifier of `cryptography` follows the CA/Browser Forum's rules."""
    name = names(host)
    verifier = PolicyBuilder().store(Store([leaves.authority.certificate])).build_server_verifier(name)
    chain = verifier.verify(leaves.certificate(host, datetime.now(UTC)), [])
    assert chain[-1] == leaves.authority.certificate


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_openssl_verifies_it_strictly(leaves, tmp_path):
    file = tmp_path / "leaf.pem"
    file.write_bytes(leaves.certificate("a.test", datetime.now(UTC)).public_bytes(Encoding.PEM))
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "a.test"]
    done = subprocess.run(
        [*command, "-CAfile", str(leaves.authority.path), str(file)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_none_outlives_the_authority(leaves):
    end = leaves.authority.certificate.not_valid_after_utc
    assert leaves.certificate("a.test", end - timedelta(days=1)).not_valid_after_utc == end


def test_contexts_are_kept_for_a_while(leaves):
    now = datetime.now(UTC)
    first = leaves.context("kept.test", now)
    assert leaves.context("kept.test", now + USED_FOR - timedelta(1)) is first
    assert leaves.context("kept.test", now + USED_FOR) is not first
    assert leaves.context("other.test", now) is not first


def test_of_many_hosts_the_last_are_kept(leaves, monkeypatch):
    monkeypatch.setattr(module, "MAX_HOSTS", 2)
    bounded = Leaves(leaves.authority)
    first, second = bounded.context("1.test"), bounded.context("2.test")
    assert bounded.context("1.test") is first
    bounded.context("3.test")
    assert bounded.context("1.test") is first
    assert bounded.context("2.test") is not second


def shake_hands(leaves, host, name, *, alpn=(), cipher=None, most=None):
    """A TLS handshake in memory. The client's side."""
    context = ssl.create_default_context(cafile=str(leaves.authority.path))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if name is None:
        context.check_hostname = False
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if most:
        context.maximum_version = most
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname=name)
    server = leaves.context(host).wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        for side in list(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                pass
    return client


def named_in(client):
    certificate = x509.load_der_x509_certificate(client.getpeercert(binary_form=True))
    return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def test_a_client_gets_the_certificate_of_the_host(leaves):
    assert named_in(shake_hands(leaves, "a.test", "a.test")) == [x509.DNSName("a.test")]
    assert named_in(shake_hands(leaves, "a.test", None)) == [x509.DNSName("a.test")]
    assert named_in(shake_hands(leaves, "::1", "::1")) == [x509.IPAddress(ip_address("::1"))]


def test_what_tls_is_spoken(leaves):
    client = shake_hands(leaves, "a.test", "a.test", alpn=["h2", "http/1.1"])
    assert (client.version(), client.selected_alpn_protocol()) == ("TLSv1.3", "http/1.1")
    assert shake_hands(leaves, "a.test", "a.test", alpn=["h2"]).selected_alpn_protocol() is None
    assert shake_hands(leaves, "a.test", "a.test", most=ssl.TLSVersion.TLSv1_2).version() == "TLSv1.2"


def test_no_key_is_left_in_a_file(leaves, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    leaves.context("file.test", datetime.now(UTC) + VALID / 2)
    assert not list(tmp_path.iterdir())
