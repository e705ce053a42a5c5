"""Clients as people build them do what their documentation says: how often they ask, how long they wait."""

from datetime import datetime

import pytest

from tests.clients.resilience.setups import SETUPS

CLOCK_MS = 2
"""What a client's clock may run ahead of the server's, and what rounding takes."""


@pytest.mark.parametrize("name", SETUPS)
def test_client(name, serve):
    setup = SETUPS[name]
    server = serve(setup.config)
    setup.client(server.url, setup.paths)
    for path in setup.paths:
        attempts = sorted(server.logs(path=path), key=lambda entry: entry["timestamp"])  # as they came
        assert [attempt["status"] for attempt in attempts] == list(setup.statuses)
        assert {attempt["method"] for attempt in attempts} == {setup.method}
        if setup.waits_ms:
            waits = waits_ms(attempts)
            assert len(waits) == len(setup.waits_ms)
            assert all(wait >= least - CLOCK_MS for wait, least in zip(waits, setup.waits_ms, strict=True)), (
                waits
            )
    others = {endpoint["path"] for endpoint in setup.others}
    asked = [entry for entry in server.logs() if entry["path"] not in others]
    assert len(asked) == len(setup.paths) * len(setup.statuses)


def waits_ms(attempts):
    """From the end of each attempt to the beginning of the next."""
    begins = [datetime.fromisoformat(attempt["timestamp"]).timestamp() * 1000 for attempt in attempts]
    ends = [begin + attempt["duration_ms"] for begin, attempt in zip(begins, attempts, strict=True)]
    return [begin - end for end, begin in zip(ends, begins[1:], strict=False)]
