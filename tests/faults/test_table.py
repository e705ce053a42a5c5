"""Every row of the TABLE: the model and the row agree, and the fault is a pure function of its moment."""

import pytest

from tests.faults.kit import APP, EMPTY, REPLY, bare, fault, kit_of, moment, struck
from tests.model.test_faults import written
from understudy.faults import ALIASES, FAULTS, compile_fault, kind_of
from understudy.model.faults import KINDS, Reset, fault_of
from understudy.steps import (
    Abandon,
    Body,
    Close,
    FileBody,
    HangUp,
    Head,
    Paced,
    Reply,
    RunApp,
    SendFile,
    Step,
    Wait,
    Write,
)
from understudy.steps import Reset as ResetStep

LATE = {kind: row for kind, row in FAULTS.items() if not row.early}
ELSEWHERE = {9, 18, 19, 22, 23, 24, 25, 26, 27, 28, 29, 30, 38, 39, 47, 49, 50, *range(51, 57)}
"""Rows of the taxonomy that no fault of a reply serves: see docs/faults/index.md."""
STEPS = [
    (REPLY,),
    (EMPTY,),
    (Reply(204, (), b""),),
    (REPLY, Close()),
    (Wait(1), REPLY),
    (SendFile(Reply(200, (), b"", length=9), "f", 1, 9),),
    (RunApp(APP, "", None),),
    (Head(REPLY), Body(b"ab"), Wait(1), Paced(Body(b"cdef"), 2, 0.1), HangUp()),
    (Paced(Head(REPLY), 3, 0.1), Paced(FileBody("f", 0, 9), 2, 0.1)),
    (Write(b"junk"), HangUp()),
    (ResetStep(),),
]
MOMENTS = [moment(), moment("HEAD"), moment(version="1.0")]


def test_each_model_has_a_row():
    assert set(FAULTS) == set(KINDS)
    for kind, model in KINDS.items():
        assert model.__struct_config__.tag == kind
    assert kind_of(fault_of("reset")) == "reset"


def test_every_row_of_the_taxonomy_is_served():
    served = {number for row in FAULTS.values() for number in row.rows}

    assert served | ELSEWHERE == set(range(1, 57))
    assert not served & ELSEWHERE


def test_a_family_stands_together():
    families = [row.family for kind, row in FAULTS.items() if kind not in ALIASES]
    assert families == sorted(families, key=["time", "http", "integrity", "connection"].index)


@pytest.mark.parametrize("kind", LATE)
def test_every_compiler_says_what_goes_over_the_wire(kind):
    from importlib import import_module

    module, _, name = FAULTS[kind].home.partition(":")
    assert getattr(import_module(f"understudy.faults.{module}"), name).__doc__.endswith((".", ".\n    "))


@pytest.mark.parametrize("kind", LATE)
def test_same_moment_same_steps_and_all_can_be_performed(kind):
    for steps in STEPS:
        for at in MOMENTS:
            came = struck(written(kind), steps, at)
            assert bare(came) == bare(struck(written(kind), steps, at))
            check_ends(came)
            for step in came:
                assert isinstance(step, Step)
                assert not isinstance(step, Wait) or step.seconds >= 0
                assert not isinstance(step, Body | Write) or step.data
                assert not isinstance(step, Paced) or (step.chunk_bytes >= 1 and step.gap_s >= 0)


def check_ends(steps):
    """Nothing is sent after the connection has ended."""
    ended = False
    for step in steps:
        assert not ended or not isinstance(
            step, Reply | SendFile | RunApp | Head | Body | FileBody | Write | Paced
        )
        ended = ended or isinstance(step, HangUp | ResetStep | Abandon)


@pytest.mark.parametrize("first", LATE)
def test_any_two_faults_in_one_reply(first):
    kit = kit_of()
    strikes = {kind: compile_fault(fault(written(kind)), kit, ()) for kind in LATE}
    for steps in STEPS:
        for at in MOMENTS:
            spoilt = strikes[first](steps, at)
            for strike in strikes.values():
                check_ends(strike(spoilt, at))


@pytest.mark.parametrize("kind", LATE)
def test_what_stands_in_the_place_of_the_reply_needs_none(kind):
    if FAULTS[kind].spoils(fault(written(kind))):
        return
    one, other = struck(written(kind), ()), struck(written(kind), (REPLY,))
    assert bare(one) == bare(other)
    assert one


def test_a_reset_spoils_a_reply_only_if_some_of_it_comes():
    assert not FAULTS["reset"].spoils(Reset())
    assert FAULTS["reset"].spoils(Reset(after_bytes=0))
