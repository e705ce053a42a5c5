import pytest

from understudy.record.exchange import FAILURE_KINDS, Failed
from understudy.record.failures import failure_reply, failure_steps
from understudy.steps import HangUp, Reset


@pytest.mark.parametrize("kind", FAILURE_KINDS)
def test_each_kind_is_told(kind):
    failed = Failed(kind, "why")
    reply = failure_reply(failed)
    assert reply.status == (504 if kind == "timeout" else 502)
    assert kind.encode() in reply.body
    before = {"reset": (Reset(),), "closed": (HangUp(),), "protocol": (HangUp(),)}
    assert failure_steps(failed) == before.get(kind, ())
    assert failure_steps(failed, has_begun=True) == ((Reset(),) if kind == "reset" else (HangUp(),))
