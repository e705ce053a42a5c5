"""Clients as people build them: what they ask, and what the report says of them."""

import random
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from statistics import median

import pytest

from tests.clients.resilience.setups import SETUPS

CLOCK_MS = 2
"""What a client's clock may run ahead of the server's, and what rounding takes."""
STALL_MS = 8
UNEVEN_MS = 3
"""Where waits are so far off what the client meant, or off each other, they cannot show how it waits."""
MAX_RUNS = 3
SEED = 37
"""For jitter: of so few draws, some look like another kind of back-off. These do not."""


@pytest.mark.parametrize("name", SETUPS)
def test_client(name, serve):
    setup = SETUPS[name]
    server = serve(setup.config)
    for _ in range(MAX_RUNS):
        server.reset()
        random.seed(SEED)
        setup.client(server.url, setup.paths)
        for path in setup.paths:
            # The log has a request that was given up when the server has seen that its client is gone.
            server.verify(path=path, exactly=len(setup.statuses), within_s=10)
        assert_asks_as_it_should(server, setup)
        report = server.report()
        if not is_stalled(server, setup) and not is_undecided(report, setup):
            break
    else:
        pytest.skip("this machine is too busy to see how clients wait")
    assert_says_what_it_must(report, setup)


def assert_asks_as_it_should(server, setup):
    for path in setup.paths:
        attempts = attempts_at(server, path)
        assert [attempt["status"] for attempt in attempts] == list(setup.statuses)
        assert {attempt["method"] for attempt in attempts} == {setup.method}
        if setup.waits_ms:
            pairs = list(zip(between_ms(attempts), setup.waits_ms, strict=True))
            assert all(wait >= least - CLOCK_MS for wait, least in pairs), pairs
    others = {endpoint["path"] for endpoint in setup.others}
    asked = [entry for entry in server.logs() if entry["path"] not in others]
    assert len(asked) == len(setup.paths) * len(setup.statuses)


def is_stalled(server, setup):
    """Whether the time-outs of a client, or its waits if they have no jitter, are not what it meant."""
    late_ms = []
    for path in setup.paths:
        attempts = attempts_at(server, path)
        if setup.timeout_ms:  # between the first and the last it may hang up only when it has waited
            ends = [attempt for attempt in (attempts[0], attempts[-1]) if attempt["status"] is None]
            late_ms += [attempt["duration_ms"] - setup.timeout_ms for attempt in ends]
        if setup.facts.get("backoff.first_at_once") and setup.facts.get("backoff.jitter"):
            late_ms.append(between_ms(attempts)[0] - attempts[0]["duration_ms"])
        if setup.facts.get("backoff.jitter") is not False or not setup.waits_ms:
            continue
        for between, attempt, meant in zip(between_ms(attempts), attempts, setup.waits_ms, strict=False):
            late_ms.append(between - attempt["duration_ms"] - meant)
    if not late_ms:
        return False
    usual_ms = median(late_ms)
    uneven = sum(abs(late - usual_ms) > UNEVEN_MS for late in late_ms)
    return abs(usual_ms) > STALL_MS or uneven > len(late_ms) / 4


def is_undecided(report, setup):
    """Whether the report cannot tell jitter from noise, or takes what a stall brought together for a herd."""
    [client] = report.clients.values()
    if setup.facts.get("backoff.jitter") is not None and client.backoff.jitter is None:
        return True
    return bool(setup.noise & {finding.check for finding in report.findings})


def assert_says_what_it_must(report, setup):
    [client] = report.clients.values()
    said = {name: attrgetter(name)(client) for name in setup.facts}
    findings = "\n".join(map(str, report.findings))
    assert said == dict(setup.facts), f"{client.backoff.reason}\n{findings}"
    weighty = {finding.check for finding in report.findings if finding.severity != "info"}
    assert weighty == set(setup.finds), findings
    assert set(setup.notes) <= {finding.check for finding in report.findings if finding.severity == "info"}


def attempts_at(server, path):
    return sorted(server.logs(path=path), key=lambda entry: entry["timestamp"])  # as they came


def between_ms(attempts):
    """From the beginning of each attempt to the beginning of the next."""
    begins = [datetime.fromisoformat(attempt["timestamp"]).timestamp() * 1000 for attempt in attempts]
    return [after - before for before, after in pairwise(begins)]
