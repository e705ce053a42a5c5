from understudy.faults.load import Load


class Exchange:
    def __init__(self):
        self.releases = []


def test_a_load_counts_each_request_once():
    load = Load(2)
    first, second, third = Exchange(), Exchange(), Exchange()
    assert load.take(first)
    assert load.take(first)
    assert load.count == 1
    assert load.take(second)
    assert not load.take(third)
    for release in first.releases:
        release()
    assert load.count == 1
    assert load.take(third)
