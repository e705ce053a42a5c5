import pytest

from tests.faults.kit import kit_of, moment, struck


@pytest.mark.parametrize(
    ("target", "location"),
    [
        (b"/", b"/"),
        (b"/a/b?c=d&e=f", b"/a/b?c=d&e=f"),
        (b"/a%2Fb", b"/a%2Fb"),
        (b"//host/a", b"/host/a"),
        (b"/\\host", b"/host"),
        (b"http://127.0.0.1:8000/a?b=/c", b"/a?b=/c"),
        (b"http://127.0.0.1:8000?b=/c", b"/?b=/c"),
        (b"http://127.0.0.1:8000", b"/"),
        (b"http://127.0.0.1:8000//host", b"/host"),
        (b"*", b"/"),
        (b"host:443", b"/"),
        (b"/caf\xc3\xa9?q=\xff", b"/caf%C3%A9?q=%FF"),
        (b"/a?to=//host", b"/a?to=//host"),
    ],
)
def test_it_leads_back(target, location):
    (reply,) = struck("redirect_loop", (), moment(target=target))

    assert (reply.status, reply.headers, reply.body) == (302, ((b"Location", location),), b"")


def test_status_and_cors():
    (reply,) = struck({"kind": "redirect_loop", "status": 308}, cors=True)

    assert reply.status == 308
    assert reply.headers[1:] == kit_of(cors=True).constant_headers
