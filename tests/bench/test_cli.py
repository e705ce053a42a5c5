import pytest

from bench import cli, scenarios


def test_a_full_run_is_five_rounds_of_three_seconds():
    options = cli.parse([])
    assert (options.rounds, options.seconds, options.only) == (5, 3, list(scenarios.NAMES))


def test_a_quick_run_is_short_unless_told_otherwise():
    assert (cli.parse(["--quick"]).rounds, cli.parse(["--quick"]).seconds) == (1, 1)
    assert cli.parse(["--quick", "--rounds", "2"]).rounds == 2


def test_some_scenarios_can_be_chosen():
    assert cli.parse(["--only", "static, post"]).only == ["static", "post"]


@pytest.mark.parametrize(
    "arguments", [["--only", "fast"], ["--only", ""], ["--rounds", "0"], ["--seconds", "x"]]
)
def test_bad_options_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        cli.parse(arguments)
    assert "error: argument" in capsys.readouterr().err


def test_missing_tools_come_with_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bench.cli.sys.platform", "linux")
    monkeypatch.setattr("bench.cli.shutil.which", lambda tool: None if tool == "wrk" else "/usr/sbin/nginx")
    assert cli.obstacle() == "wrk missing; install with: apt-get install -y wrk"


def test_progress_counts_down_over_all_scenarios(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr("bench.cli.time.monotonic", lambda: now[0])
    progress = cli.Progress({"static": 60, "post": 30})
    progress.enter("static")
    now[0] += 20
    assert progress.left_s() == 70
    now[0] += 100  # longer than expected: never below what the others need
    assert progress.left_s() == 30
    progress.leave()
    progress.enter("post")
    assert progress.left_s() == 30
