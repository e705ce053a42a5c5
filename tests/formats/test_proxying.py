import pytest

from understudy.formats.proxying import constant, proxy_of
from understudy.formats.spot import LeftOut, Spot
from understudy.load.source import Source


@pytest.fixture
def spot():
    return Spot(Source(label="x"))


def test_a_target_alone_is_written_short(spot):
    assert proxy_of("http://example.test/", spot) == "http://example.test"


def test_all_of_it(spot):
    made = proxy_of(
        "https://example.test:8443/v1",
        spot,
        strip_prefix="/api",
        headers={"X-A": "1", "X-B": ["2", "3"]},
        remove_headers=["Cookie"],
    )
    assert made == {
        "target": "https://example.test:8443/v1",
        "strip_prefix": "/api",
        "headers": {"X-A": "1", "X-B": ["2", "3"]},
        "remove_headers": ["Cookie"],
    }


def test_headers_with_templates_are_left_out(spot):
    headers = {"X-A": "1", "X-B": ["2", "{{now}}"]}
    assert constant(headers, spot) == {"X-A": "1"}
    assert [(one.path, one.message) for one in spot.warnings] == [
        ('["X-B"]', "the header X-B is left out: on what is passed on it cannot have templates")
    ]


@pytest.mark.parametrize(
    ("target", "more"),
    [
        ("http://{{request.query.host}}", {}),
        ("example.test", {}),
        ("http://example.test?a=1", {}),
        ("http://example.test", {"strip_prefix": "api"}),
        ("http://example.test", {"headers": {"X A": "1"}}),
    ],
)
def test_what_cannot_be_sent_on(spot, target, more):
    with pytest.raises(LeftOut):
        proxy_of(target, spot, **more)
