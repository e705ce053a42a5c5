from understudy.model.record import MODE_ALIASES, MODES
from understudy.record.modes import READING, WATCHING, WRITING


def test_each_mode_reads_or_asks():
    assert READING | WATCHING | {"passthrough"} == set(MODES)
    assert WRITING < WATCHING
    assert {"diff"} == WATCHING - WRITING
    assert set(MODE_ALIASES.values()) <= set(MODES)
