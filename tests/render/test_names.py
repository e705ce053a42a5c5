import re

import minijinja

from understudy.render.names import FILTERS, FUNCTIONS, METHODS, TESTS, nearest


def listing(kind):
    debug = minijinja.Environment().render_str("{{ debug() }}")
    body = re.search(rf"{kind}: [\[{{](.*?)\n        [\]}}]", debug, re.DOTALL)[1]
    return set(re.findall(r'^\s+"([\w!<=>]+)"', body, re.MULTILINE))


def test_the_names_are_minijinjas():
    assert listing("filters") == FILTERS
    assert {name for name in listing("tests") if name.isidentifier()} == TESTS
    assert listing("globals") >= FUNCTIONS


def test_no_method_changes_data():
    changing = {name for kind in (dict, list, set) for name in dir(kind)} - {"keys", "values", "items", "get"}
    assert not (changing - {"count", "index"}) & METHODS - {"count"}


def test_nearest():
    assert nearest("tiemstamp", {"timestamp", "date"}) == "timestamp"
    assert nearest("zzz", {"timestamp", "date"}) is None
