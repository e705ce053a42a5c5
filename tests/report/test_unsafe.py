from tests.report.kit import Log
from understudy.model import ReportSettings
from understudy.report import judge
from understudy.report.unsafe import may_have_worked, unsafe_retries


def unsafe(log, **settings):
    [client] = judge(log.entries, settings=ReportSettings(**settings)).clients.values()
    return [
        (operation.ids, list(map(may_have_worked, failed))) for operation, failed in unsafe_retries(client)
    ]


def test_what_is_unsafe_to_repeat():
    log = Log()
    log.operation([0.1], method="POST", target="/a", status=500)
    log.operation([0.1], method="POST", target="/b", status=429)
    log.operation([0.1], method="PUT", target="/c", status=500)
    log.operation([0.1], method="POST", target="/d", status=500, headers={"Idempotency-Key": "k"})
    log.operation([0.1], method="PATCH", target="/e", status=503)
    log.operation([0.1], method="POST", target="/f", status=401)
    assert unsafe(log) == [([1, 2], [True]), ([3, 4], [False]), ([9, 10], [False])]


def test_paths_that_may_be_repeated():
    log = Log()
    log.operation([0.1], method="POST", target="/graphql", status=500)
    log.operation([0.1], method="POST", target="/search/a/b?q=1", status=500)
    assert len(unsafe(log)) == 2
    assert unsafe(log, idempotent=["/graphql", "/search/**"]) == []


def test_lost_replies_may_have_worked():
    log = Log()
    log.reset(method="POST")
    log.gave_up(0.1, method="POST")
    log.add(method="POST")
    assert unsafe(log) == [([1, 2, 3], [True, True])]
