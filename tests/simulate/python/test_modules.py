"""Loading a user's modules, without a server."""

import gc
import sys

import pytest

from understudy.simulate.python.modules import PREFIX, LoadError, Workspace


@pytest.fixture
def workspace(tmp_path):
    def make(**files):
        for name, source in files.items():
            path = tmp_path.joinpath(*name.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        return Workspace(tmp_path)

    return make


def test_modules_see_each_other_and_nobody_else_sees_them(workspace):
    before = set(sys.modules), list(sys.path)
    one = workspace(
        handlers="import shop.prices, shop.prices as p, json\nfrom shop import prices\n"
        "from shop.prices import price\ndef f(): return [shop.prices.price, p.price, prices.price, price]",
        shop__prices="from .rates import rate\nfrom . import rates\nprice = rate * rates.rate",
        shop__rates="rate = 3",
    )
    (one.folder / "shop" / "__init__.py").write_text("")
    assert one.load("handlers:f")() == [9, 9, 9, 9]
    added = {name for name in set(sys.modules) - before[0] if not name.startswith(PREFIX)}
    assert not {"handlers", "shop", "shop.prices"} & added
    assert sys.path == before[1]
    assert {file.name for file in one.files} >= {"handlers.py", "prices.py", "rates.py"}


def test_each_workspace_loads_anew(workspace):
    one = workspace(m="x = 1")
    assert one.load("m:x") == 1
    two = workspace(m="x = 2")  # the same size, within the same second
    assert (one.load("m:x"), two.load("m:x")) == (1, 2)
    assert one.fingerprint == two.fingerprint, "it is that of the files as they are now"
    assert not list(one.folder.rglob("__pycache__"))


def test_imports_inside_of_functions(workspace):
    one = workspace(m="def f():\n    import later\n    return later.x", later="x = 5")
    assert one.load("m:f")() == 5


def test_a_folder_of_replies_hides_no_module(workspace):
    one = workspace(m="import json\nx = json.dumps([1])", json__users="")
    assert one.load("m:x") == "[1]"


def test_a_folder_without_init_is_a_package(workspace):
    assert workspace(parts__m="x = 4").load("parts.m:x") == 4


def test_dataclasses_and_type_hints_work(workspace):
    one = workspace(
        m="from __future__ import annotations\nimport typing, dataclasses\n@dataclasses.dataclass\n"
        "class A:\n    b: B\n@dataclasses.dataclass\nclass B:\n    x: int\nhints = typing.get_type_hints(A)"
    )
    assert one.load("m:hints") == {"b": one.load("m:B")}


def test_an_installed_module_and_a_nested_name(workspace):
    import os.path

    assert workspace().load("os:path.join") is os.path.join


def test_a_broken_module_is_tried_once(workspace):
    one = workspace(m="import sys\nsys._understudy_tries = getattr(sys, '_understudy_tries', 0) + 1\n1/0")
    for _ in range(2):
        with pytest.raises(LoadError, match="ZeroDivisionError"):
            one.load("m:x")
    assert sys._understudy_tries == 1
    del sys._understudy_tries


def test_the_line_is_that_of_the_file_that_is_wrong(workspace):
    one = workspace(m="\nimport n", n="\n\nraise KeyError('k')")
    with pytest.raises(LoadError) as error:
        one.load("m:x")
    assert (error.value.file, error.value.line) == (str(one.folder / "n.py"), 3)


def test_a_missing_import_is_not_a_missing_module(workspace):
    one = workspace(m="import absent_thing")
    with pytest.raises(LoadError, match="No module named 'absent_thing'") as error:
        one.load("m:x")
    assert error.value.line == 1


def test_modules_are_forgotten_with_their_workspace(workspace):
    one = workspace(m="def f(): return 1")
    root, function = one.root, one.load("m:f")
    del one
    gc.collect()
    assert not [name for name in sys.modules if name.startswith(f"{root}.") or name == root]
    assert function() == 1
