"""The name in the first message of a TLS client, as OpenSSL writes it, in pieces, and whatever else comes."""

import ssl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from understudy.net.intercept.hello import Hello, read_hello


def hello(name, most=None):
    """What a client says first; None: it names nobody."""
    context = ssl.create_default_context()
    context.check_hostname = name is not None
    if most is not None:
        context.maximum_version = most
    to_server = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), to_server, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return to_server.read()


def named(name):
    """A message that names any bytes, of the length that those of `stand-in` have."""
    stand_in = b"x" * len(name)
    return hello(stand_in.decode()).replace(stand_in, name)


def in_records(data, size):
    """The same message, cut into records of so many bytes."""
    message = data[5:]
    pieces = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2) + piece for piece in pieces)


@pytest.mark.parametrize("most", [None, ssl.TLSVersion.TLSv1_2])
def test_what_openssl_writes(most):
    assert read_hello(hello("api.example.com", most)) == Hello(0, b"api.example.com")
    assert read_hello(hello(None, most)) == Hello(0, None)
    assert read_hello(hello("::1", most)) == Hello(0, None)  # an address is no name


def test_any_bytes_may_be_named():
    assert read_hello(named(b"b\xfccher\xff.test")) == Hello(0, b"b\xfccher\xff.test")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_a_message_in_many_records(size):
    assert read_hello(in_records(hello("a.test"), size)) == Hello(0, b"a.test")


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_it_says_how_much_it_needs_at_least(size):
    data = in_records(hello("a.test"), size)
    for end in range(len(data)):
        wanted, name = read_hello(data[:end])
        assert end < wanted <= len(data)
        assert name is None


@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 400))
@example(b"", 0, 0)
def test_whatever_comes_is_read_to_its_end(some, start, cut):
    data = bytearray(hello("a.test"))
    data[start : start + cut] = some
    for given_ in (bytes(data), some, b"\x16\x03\x01" + some):
        wanted, name = read_hello(given_)
        assert wanted == 0 or (wanted > len(given_) and name is None)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x02\x00\x00\x05hello",
        b"\x16\x03\x01\x00\x00",
        b"\x16\x03\x01\xff\xffhello",
        b"\x16\x03\x01\x00\x05hello",
        b"\x16\x03\x01\x00\x04\x01\x00\x00\x00",
        b"\x16\x03\x01\x00\x02\x01\x00\x17\x03\x03\x00\x00",
    ],
)
def test_what_is_no_hello_names_nobody(data):
    assert read_hello(data) == Hello(0)
