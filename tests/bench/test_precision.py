from bench import precision


def test_errors_are_distances_and_the_earliest_keeps_its_sign():
    found = precision.summarise([99.5, 100.0, 101.0, 104.0], 100)
    assert found == {"median_ms": 0.5, "p99_ms": 4.0, "worst_ms": 4.0, "earliest_ms": -0.5}
