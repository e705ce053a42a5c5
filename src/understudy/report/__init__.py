"""How well did the client cope? Read from the journal: retries, waits, time-outs, breakers, and what to mend.

report = judge(journal.select(), Expect(max_attempts=4, backoff="exponential"))
report.verdict, report.findings, report.clients["my-client (127.0.0.1)"].backoff.kind
"""

from understudy.report.backoff import Backoff
from understudy.report.clients import Client
from understudy.report.finding import Finding
from understudy.report.operations import Operation
from understudy.report.verdict import Report, judge

__all__ = ["Backoff", "Client", "Finding", "Operation", "Report", "judge"]
