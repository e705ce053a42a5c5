import re

import pytest

from understudy.report.checks import CHECKS, GUESSED, finding


@pytest.mark.parametrize("check", CHECKS)
def test_each_check_is_described(check):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check)
    described = CHECKS[check]
    assert (
        described.severities.split(";")[0] in {"error", "warning", "info"}
        or "warning" in described.severities
    )
    assert described.about
    assert described.advice or described.severities == "info"


def test_each_check_is_made_by_a_judge():
    from pathlib import Path

    import understudy.report

    folder = Path(understudy.report.__file__).parent
    sources = "".join(file.read_text() for file in folder.rglob("*.py") if file.name != "checks.py")
    assert not [check for check in CHECKS if f'"{check}"' not in sources]


def test_on_guesses_a_finding_is_less_severe():
    sure = finding("no-limit", "error", "c", "made 99 attempts.")
    guessed = finding("no-limit", "error", "c", "made 99 attempts.", ambiguous=True)
    assert (sure.severity, guessed.severity) == ("error", "warning")
    assert guessed.message.endswith(GUESSED)
    assert guessed.facts == {"ambiguous": True}
    assert finding("backoff", "info", "c", "x", ambiguous=True).severity == "info"
    assert sure.advice == CHECKS["no-limit"].advice
