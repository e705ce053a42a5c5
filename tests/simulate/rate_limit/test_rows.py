import pytest

from tests.simulate.kit import Bench
from tests.state.conftest import drive
from understudy.simulate.rate_limit import rows
from understudy.state import MemoryStore

LIMIT = {"limit": "1/m", "per": "client"}


def bench(rate_limit=LIMIT, **options):
    store = MemoryStore(**options)
    return Bench({"endpoints": [{"path": "/a", "rate_limit": rate_limit}]}, store=store)


def kept(served, space=""):
    return drive(served.world.store.rows(space, rows.TABLE)).items


def test_a_row_for_each_that_is_limited():
    served = bench()
    served.status("/a", client="192.0.2.1")
    served.status("/a", client="192.0.2.1")
    served.status("/a", client="192.0.2.2", headers=[("X-Understudy-Space", "s")])
    assert dict(kept(served)) == {
        "endpoint GET /a 0\x1f192.0.2.1": {
            "rule": "fixed_window 1/60s 1 False",
            "until": 1_000_060_000_000,
            "state": [1_000_000_000_000, 1],
        }
    }
    assert len(kept(served, "s")) == 1


def test_a_refused_request_writes_nothing():
    served = bench([LIMIT, "1/s"])
    served.status("/a")
    version = drive(served.world.store.rows("", rows.TABLE)).version
    assert served.status("/a") == 429
    assert drive(served.world.store.rows("", rows.TABLE)).version == version


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(rows, "MAX_ROWS", 20)
    monkeypatch.setattr(rows, "LOOKED_AT", 10)


def test_clients_cannot_fill_the_store(few):
    served = bench()
    for number in range(200):
        served.now += 0.1
        assert served.status("/a", client=str(number)) == 200
        assert len(kept(served)) <= 20
    assert served.status("/a", client="199") == 429


def test_the_row_that_ends_first_goes(few):
    limits = {"/hour": {"limit": "1/h", "per": "client"}, "/second": {"limit": "1/s", "per": "client"}}
    store = MemoryStore()
    config = {"endpoints": [{"path": path, "rate_limit": limit} for path, limit in limits.items()]}
    served = Bench(config, store=store)
    assert served.status("/hour") == 200
    for number in range(100):
        assert served.status("/second", client=str(number)) == 200
    assert served.status("/hour") == 429


def test_a_full_store_makes_room_among_the_counts():
    served = bench(max_rows=3)
    drive(served.world.store.put("", "other", "a", 1))
    for number in range(9):
        assert served.status("/a", client=str(number)) == 200
    assert [key[-1] for key in kept(served)] == ["7", "8"]
    assert served.status("/a", client="8") == 429


def test_a_store_without_any_room_lets_requests_through_and_says_so():
    served = bench(max_rows=1)
    drive(served.world.store.put("", "other", "a", 1))
    plans = [served.plan("/a") for _ in range(2)]
    assert [plan.reply.status for plan in plans] == [200, 200]
    assert plans[0].error == "the rate limit default does not count this request: the store is full"
    assert (b"RateLimit", b'"default";r=0;t=60') in plans[0].reply.headers


def test_room_that_others_take_at_once():
    class Full(MemoryStore):
        async def delete(self, space, table, key):
            done = await super().delete(space, table, key)
            await self.put("", "other", key, 1)
            return done

    served = Bench({"endpoints": [{"path": "/a", "rate_limit": LIMIT}]}, store=Full(max_rows=1))
    assert served.status("/a", client="1") == 200
    plan = served.plan("/a", client="2")
    assert (plan.reply.status, plan.error is None) == (200, False)
