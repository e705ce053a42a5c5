import asyncio

from understudy.model import State
from understudy.state import MemoryStore
from understudy.state.view import MISSING, SCENARIOS, VARIABLES, StateView, key_of


def view(store=None, owner="", space="", **settings):
    seen = StateView(space, State(**settings), 5.0)
    seen.owner = owner
    if store is not None:
        asyncio.run(seen.refresh(store))
    return seen


def test_what_nobody_wrote_is_as_the_config_says():
    seen = view(variables={"a": 1}, scenarios={"door": "closed"})
    assert (seen.variable("a"), seen.variable("b"), seen.variable("b", None)) == (1, MISSING, None)
    assert (seen.scenario("door"), seen.scenario("other")) == ("closed", "started")
    assert seen.all_variables() == {"a": 1}
    assert seen.all_scenarios() == {"door": "closed"}
    assert seen.count("x") == 0


def test_owners_and_spaces_are_apart():
    store = MemoryStore()
    asyncio.run(store.put("", VARIABLES, key_of("", "a"), 1))
    asyncio.run(store.put("", VARIABLES, key_of("ada", "a"), 2))
    asyncio.run(store.put("s", VARIABLES, key_of("", "a"), 3))
    asyncio.run(store.put("", SCENARIOS, key_of("ada", "door"), "open"))
    assert view(store).all_variables() == {"a": 1}
    assert view(store, "ada").all_variables() == {"a": 2}
    assert view(store, "bob").all_variables() == {}
    assert view(store, space="s").all_variables() == {"a": 3}
    assert view(store, "ada").all_scenarios() == {"door": "open"}
    assert view(store).all_scenarios() == {}
