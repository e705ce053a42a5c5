import msgspec
import pytest

from understudy.model import Cache, Endpoint


def cache(**keys):
    return msgspec.convert(keys, Cache)


@pytest.mark.parametrize("written", [60, 0, 1.5, True, False, {"max_age_s": 5}])
def test_short_and_long_forms(written):
    made = msgspec.convert({"path": "/", "cache": written}, Endpoint).cache
    assert made == (cache(**written) if isinstance(written, dict) else written)


def test_nothing_is_said_unless_it_is_written():
    assert cache().control == ""
    assert (cache().etag, cache().last_modified) == (True, False)


def test_the_order_of_cache_control():
    everything = cache(
        visibility="public",
        max_age_s=1,
        s_maxage_s=2,
        stale_while_revalidate_s=3,
        no_cache=True,
        must_revalidate=True,
        immutable=True,
    )
    assert everything.control == (
        "public, max-age=1, s-maxage=2, stale-while-revalidate=3, no-cache, must-revalidate, immutable"
    )


@pytest.mark.parametrize("key", ["max_age_s", "s_maxage_s", "stale_while_revalidate_s", "store_s"])
def test_what_must_not_be_kept_does_not_last(key):
    with pytest.raises(msgspec.ValidationError, match=f"`no_store` and `{key}` exclude each other"):
        cache(no_store=True, **{key: 5})


@pytest.mark.parametrize(
    "wrong", [{"max_age_s": -1}, {"max_age_s": 2**32}, {"store_s": 0}, {"visibility": "x"}]
)
def test_what_is_refused(wrong):
    with pytest.raises(msgspec.ValidationError):
        cache(**wrong)
