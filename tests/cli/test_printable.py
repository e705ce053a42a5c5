import subprocess
import sys

import pytest

from understudy.cli.printable import injected_notes, printable, printable_lines


def test_nothing_from_outside_controls_the_terminal():
    assert printable("a\x07b\n" + "x" * 300).startswith("a?b?xx")
    assert len(printable("x" * 300)) == 200


def test_of_many_lines_some_are_shown():
    assert printable_lines("a\x07\nb") == "a?\nb"
    assert printable_lines("a\nb\nc\nd", limit=2) == "a\nb\n... 2 more lines"


def test_what_went_wrong_is_told_once():
    injected = [
        {"kind": "error", "source": "live \x1b", "stage": "2"},
        {"kind": "x", "source": "x", "stage": None},
    ]
    notes = ["odd injected", "error injected (live ?, stage 2)", "x injected"]
    assert injected_notes(["error", "odd"], injected) == notes


@pytest.mark.parametrize("command", ["chaos", "logs"])
def test_commands_that_ask_a_server_start_without_what_a_server_needs(command):
    script = f"import sys, understudy.cli.{command}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"asyncio", "msgspec", "understudy.model", "understudy.net"} & set(done.stdout.split())
