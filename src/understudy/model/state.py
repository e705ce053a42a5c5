"""What a user writes about what is remembered from request to request."""

import re
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model

NAME = Annotated[str, Meta(min_length=1, max_length=200)]
PER = re.compile(r"client|(header|cookie|query|jwt):.+")

INITIAL_STATE = "started"
"""The state in which a scenario begins if nothing else is said."""

Per = Annotated[
    str,
    Meta(
        description=(
            "What tells clients apart: `client` (its address), `header:NAME`, `cookie:NAME`, `query:NAME` or"
            " `jwt:CLAIM`. Each value has its own. Default: all share one."
        ),
        examples=["cookie:session", "header:X-User"],
    ),
]


def check_per(per: str | UnsetType) -> None:
    """Refuse a `per` that names nothing."""
    if per is not UNSET and per and not PER.fullmatch(per):
        raise ValueError(f"{per!r} is not one of client, header:NAME, cookie:NAME, query:NAME and jwt:CLAIM")


class Scenario(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A state machine whose state endpoints need and change."""

    initial: Annotated[NAME, Meta(description="The state it begins in.")] = INITIAL_STATE
    states: Annotated[
        list[NAME],
        Meta(description="All its states, so that a misspelled one is an error. Empty: any name."),
    ] = []

    def __post_init__(self) -> None:
        if self.states and self.initial not in self.states:
            raise ValueError(f"the initial state {self.initial!r} is not one of its states")


class State(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is remembered from request to request, and where."""

    store: Annotated[
        str,
        Meta(
            description=(
                "Where: `memory`, or the path of an SQLite file, which several servers may share"
                " and which outlives them."
            ),
            examples=["memory", "state.db"],
            min_length=1,
        ),
    ] = "memory"
    persist: Annotated[
        bool,
        Meta(
            description=(
                "Whether what clients write to resources is kept: in the SQLite file if there is one,"
                " else in the file that `database` names."
            )
        ),
    ] = False
    per: Annotated[
        Per | UnsetType,
        Meta(
            description=(
                "What tells clients apart that each have variables and scenarios of their own, for all"
                " endpoints: `client` (its address), `header:NAME`, `cookie:NAME`, `query:NAME` or"
                " `jwt:CLAIM`. Default: all share them."
            ),
            examples=["cookie:session", "header:X-User"],
        ),
    ] = UNSET
    variables: Annotated[
        dict[str, Any],
        Meta(description="Variables and their initial values.", examples=[{"cart": []}]),
    ] = {}
    scenarios: Annotated[
        dict[str, Scenario | str],
        Meta(
            description="Scenarios that need more than a name: the initial state, or an object.",
            examples=[{"checkout": {"initial": "empty", "states": ["empty", "filled", "paid"]}}],
        ),
    ] = {}
    max_rows: Annotated[
        int, Meta(ge=1, description="Largest number of values and records kept, all together.")
    ] = 1_000_000

    def __post_init__(self) -> None:
        check_per(self.per)

    def scenario(self, name: str) -> Scenario:
        """The scenario of that name, in its long form."""
        written = self.scenarios.get(name, INITIAL_STATE)
        return Scenario(initial=written) if isinstance(written, str) else written


class StateChange(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an endpoint needs of the state, and what it changes when it answers."""

    scenario: Annotated[
        NAME,
        Meta(
            description="Which scenario `required` and `next` are states of; there may be several.",
            examples=["checkout"],
        ),
    ] = "default"
    required: Annotated[
        NAME | list[NAME] | UnsetType,
        Meta(description="It answers only in this state, or in one of these.", examples=["filled"]),
    ] = UNSET
    next: Annotated[
        NAME | UnsetType, Meta(description="The state after it has answered.", examples=["paid"])
    ] = UNSET
    set: Annotated[
        dict[str, Any],
        Meta(
            description="Variables and their new values. Text in them is a template.",
            examples=[{"last_order": "{{ body }}"}],
        ),
    ] = {}
    add: Annotated[
        dict[str, Any],
        Meta(
            description="Variables and what is added to them: a number, or a template of one.",
            examples=[{"orders": 1, "revenue": "{{ body.total }}"}],
        ),
    ] = {}
    push: Annotated[
        dict[str, Any],
        Meta(
            description="Lists and what is appended to them. Text in it is a template.",
            examples=[{"cart": "{{ body }}"}],
        ),
    ] = {}
    delete: Annotated[
        list[str],
        Meta(description="Variables that are set back to their initial values.", examples=[["cart"]]),
    ] = []
    per: Annotated[
        Per | UnsetType,
        Meta(
            description="The same as `per` of the config's `state`, for this endpoint.",
            examples=["cookie:session", "header:X-User"],
        ),
    ] = UNSET

    def __post_init__(self) -> None:
        check_per(self.per)


__all__ = ["INITIAL_STATE", "Per", "Scenario", "State", "StateChange", "check_per"]
