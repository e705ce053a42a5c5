import pytest

from tests.simulate.kit import Bench
from understudy.state import MemoryStore


def bench(change, response="{{ state }}", **top):
    return Bench(
        {**top, "endpoints": [{"path": "/a", "method": "ANY", "state": change, "response": response}]}
    )


def test_set_add_push_delete():
    store = bench(
        {"set": {"name": "{{ query.n }}"}, "add": {"n": 2}, "push": {"list": {"at": "{{ query.n }}"}}}
    )
    assert store.json("/a?n=x") == {"name": "x", "n": 2, "list": [{"at": "x"}]}
    assert store.json("/a?n=y") == {"name": "y", "n": 4, "list": [{"at": "x"}, {"at": "y"}]}


def test_initial_values_come_back_after_delete():
    config = {
        "state": {"variables": {"n": 5}},
        "endpoints": [
            {"path": "/up", "state": {"add": {"n": 1}}, "response": "{{ state.n }}"},
            {"path": "/reset", "state": {"delete": ["n"]}, "response": "{{ state.n }}"},
        ],
    }
    asked = Bench(config)
    assert [asked.json(path) for path in ("/up", "/up", "/reset", "/up")] == [6, 7, 5, 6]


def test_new_values_are_made_from_the_state_before():
    asked = bench(
        {"set": {"a": "{{ state.b }}", "b": "{{ state.a }}"}}, state={"variables": {"a": 1, "b": 2}}
    )
    assert asked.json("/a") == {"a": 2, "b": 1}


@pytest.mark.parametrize("total", [2.5, "2.5"])
def test_add_takes_a_number_from_a_template(total):
    asked = bench({"add": {"sum": "{{ body.total }}"}}, "{{ state.sum }}")
    assert asked.json("/a", "POST", body={"total": total}) == 2.5


@pytest.mark.parametrize(
    ("state", "variables", "says"),
    [
        ({"add": {"n": 1}}, {"n": "x"}, "the variable n is not a number"),
        ({"add": {"n": "abc"}}, {}, "the variable n cannot be added 'abc'"),
        ({"push": {"n": 1}}, {"n": 1}, "the variable n is not a list"),
    ],
)
def test_what_cannot_be_changed_so(state, variables, says):
    plan = bench(state, state={"variables": variables}).plan("/a")
    assert plan.reply.status == 500
    assert says in plan.reply.body.decode()
    assert says in plan.error


def test_a_variable_that_nobody_set_is_nothing():
    asked = Bench({"endpoints": [{"path": "/a", "response": {"x": "{{ state.x }}", "y": "{{ state.x.y }}"}}]})
    assert asked.json("/a") == {"x": None, "y": None}


def test_names_of_other_owners_are_not_seen():
    asked = bench({"per": "query:u", "add": {"n": 1}})
    assert asked.json("/a?u=ada") == {"n": 1}
    assert asked.json("/a?u=ada") == {"n": 2}
    assert asked.json("/a?u=bob") == {"n": 1}
    assert asked.json("/a") == {"n": 1}


def test_a_full_store_is_told():
    config = {"endpoints": [{"path": "/a", "state": {"add": {"n": 1}, "per": "query:u"}}]}
    asked = Bench(config, store=MemoryStore(max_rows=2))
    assert [asked.status(f"/a?u={user}") for user in "abc"] == [200, 200, 507]
    assert "the store is full" in asked.json("/a?u=c")["error"]


def test_a_request_sees_what_it_made_of_a_variable_whatever_others_do():
    made = []

    class Shared(MemoryStore):
        """A store that another process counts in whenever this one looks."""

        async def see(self, space, tables):
            await self.add(space, "variables", "n", 10)
            return await super().see(space, tables)

        async def change(self, space, table, key, how):
            made.append(await super().change(space, table, key, how))
            return made[-1]

    response = {"one": "{{ state.n }}", "all": "{{ state }}"}
    endpoint = {"path": "/a", "state": {"add": {"n": 1}}, "response": response}
    asked = Bench({"endpoints": [endpoint]}, store=Shared())
    for number in range(2):
        seen = asked.json("/a")
        assert seen == {"one": made[number], "all": {"n": made[number]}}
