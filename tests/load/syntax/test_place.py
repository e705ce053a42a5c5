from understudy.load.syntax.place import Place


def test_the_nearest_enclosing_place_stands_in():
    root = Place(1)
    root.children["a"] = Place(2)
    root.children["a"].children[0] = Place(3)

    assert root.find(("a", 0)).line == 3
    assert root.find(("a", 1)).line == 2
    assert root.find(("b", 0, "c")).line == 1


def test_children_are_looked_for_once_and_only_when_asked_for():
    calls = []
    place = Place(1, lambda: calls.append(1) or {"a": Place(2)})

    assert calls == []
    assert place.find(("a",)).line == place.find(("a",)).line == 2
    assert calls == [1]
