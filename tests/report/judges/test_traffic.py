from tests.report.kit import Log, findings


def test_connections_for_nothing():
    log = Log()
    for number in range(6):
        log.add(connection=number)
    [found] = findings(log, "no-keep-alive")
    assert found.message == (
        "opened a new connection 5 of 5 times that one was idle: 6 connections for 6 requests."
    )


def test_close_is_asked_for():
    log = Log()
    for number in range(3):
        log.add(connection=number, headers={"Connection": "close"})
    [found] = findings(log, "no-keep-alive")
    assert "sent Connection: close with 3 of 3 requests" in found.message


def test_one_connection_is_fine():
    log = Log()
    for _ in range(6):
        log.add()
    assert findings(log) == []


def test_in_flight():
    log = Log()
    for number in range(4):
        log.add(at=number * 0.01, took=1, target=f"/{number}", connection=number)
    [found] = findings(log, "concurrency")
    assert found.message == "had up to 4 requests in flight at the same time, usually 4."


def test_hedging():
    log = Log()
    log.gave_up(at=0, took=0.3)
    log.add(200, at=0.1, took=0.2, connection=2)
    [found] = findings(log, "hedging")
    assert (found.severity, found.evidence) == ("info", (1, 2))


def test_hedging_what_is_unsafe():
    log = Log()
    log.gave_up(at=0, took=0.3, method="POST")
    log.add(200, at=0.1, took=0.2, connection=2, method="POST")
    [found] = findings(log, "hedging")
    assert (found.severity, found.facts["unsafe"]) == ("warning", 1)
