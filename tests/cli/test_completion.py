"""What shells complete, asked in those that are there."""

import io
import shutil
import subprocess
from argparse import ArgumentParser

import pytest

from understudy.cli import COMMANDS, completion
from understudy.model import MODES

TIMEOUT_S = 60


def script(shell):
    parser = ArgumentParser()
    completion.add_arguments(parser)
    out = io.StringIO()
    assert completion.run(parser.parse_args([shell]), out, io.StringIO()) == 0
    return out.getvalue()


def said(*command, folder):
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]}")
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=TIMEOUT_S, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def in_bash(words, folder):
    asked = f"COMP_WORDS=({' '.join(words)} {'' if words[-1] else chr(39) * 2}); COMP_CWORD={len(words) - 1}"
    said_ = '_understudy; printf "%s\\n" "${COMPREPLY[@]}"'
    return said("bash", "--norc", "-c", f"{script('bash')}\n{asked}\n{said_}", folder=folder)


def in_zsh(words, folder):
    """As `bashcompinit` calls it; what does not begin so, zsh itself takes away."""
    quoted = " ".join(f"'{word}'" for word in words)
    asked = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; COMPREPLY=()"
    called = (
        f'f() {{ setopt localoptions ksharrays; {asked}; _understudy; print -l -- "${{COMPREPLY[@]}}" }}; f'
    )
    begin = "autoload -U compinit; compinit -D -u"
    found = said("zsh", "-f", "-c", f"{begin}\n{script('zsh')}\n{called}", folder=folder)
    return [word for word in found if word.startswith(words[-1])]


def in_fish(words, folder):
    (folder / "understudy.fish").write_text(script("fish"))
    typed = " ".join(words)
    found = said("fish", "--no-config", "-c", f"source understudy.fish; complete -C'{typed}'", folder=folder)
    (folder / "understudy.fish").unlink()
    return [line.partition("\t")[0] for line in found]


@pytest.mark.parametrize("shell", [in_bash, in_zsh, in_fish])
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["rec"], {"record", "recordings"}),
        (["record", "--mod"], {"--mode"}),
        (["record", "--mode", "re"], {"replay", "record", "refresh"}),
        (["recordings", ""], {"list", "import", "export", "refresh", "prune", "remove"}),
        (["recordings", "pru"], {"prune"}),
        (["recordings", "prune", "--dup"], {"--duplicates"}),
        (["export", "config.yaml", "--to", "w"], {"wiremock"}),
        (["--log-f"], {"--log-format"}),  # of `serve`, which needs no name
        (["completion", ""], {"bash", "zsh", "fish"}),
    ],
)
def test_words(shell, words, wanted, tmp_path):
    found = set(shell(["understudy", *words], tmp_path))
    assert found == wanted


@pytest.mark.parametrize("shell", [in_bash, in_zsh])
@pytest.mark.parametrize("words", [["check", "--against", ""], ["record", "--url", "a"], ["serve", "x"]])
def test_where_nothing_is_offered_the_shell_offers_files(shell, words, tmp_path):
    (tmp_path / "api.yaml").touch()
    assert shell(["understudy", *words], tmp_path) in ([], [""])


def test_files_in_fish(tmp_path):
    (tmp_path / "api.yaml").touch()
    assert "api.yaml" in in_fish(["understudy", "check", "--against", "ap"], tmp_path)


def test_everything_that_there_is_is_offered():
    parts = {part.path: part for part in completion.parts()}
    assert COMMANDS.keys() <= parts.keys()
    [mode] = [option for option in parts["record"].options if "--mode" in option.names]
    assert set(MODES) <= set(mode.choices)
    for shell in completion.SHELLS:
        text = script(shell)
        for part in parts.values():
            names = [name for option in part.options for name in option.names]
            assert all(name.lstrip("-") in text for name in (*names, *part.words))


def test_a_help_text_is_one_sentence_on_a_line():
    assert completion._first("what it does;\n default: 5 %%. And more.") == "what it does"
    assert completion._fish_quoted("it's a \\") == "'it\\'s a \\\\'"
