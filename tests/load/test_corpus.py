"""Each class of bad config, with the exact text that its writer gets to read.

A case is a file in `tests/corpus/config`: lines that begin with `# ` set it up, then comes the input, a
line of dashes, and the expected text. To add a case, add a file; to fill in or renew what is expected, set
CORPUS_UPDATE=1.

    # format: json|yaml|toml|…     the suffix of the config
    # file: NAME CONTENT           a file beside it; `\\n` is a line break
    # env: NAME=VALUE              the environment, empty otherwise
    # warnings                     the config loads, and this is what it warns of
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from understudy.errors import ConfigError
from understudy.load import load

CASES = sorted((Path(__file__).parent.parent / "corpus" / "config").glob("*.txt"))
LINE = "-----\n"


@dataclass
class Case:
    suffix: str = ""
    files: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    warns: bool = False
    text: str = ""


def read(path: Path) -> tuple[Case, str]:
    written, _, expected = path.read_text(encoding="utf-8").partition(LINE)
    case = Case()
    lines = written.splitlines(keepends=True)
    while lines and lines[0].startswith("# "):
        key, _, value = lines.pop(0)[2:].rstrip("\n").partition(": ")
        if key == "format":
            case.suffix = value
        elif key == "file":
            name, _, content = value.partition(" ")
            case.files[name] = content.replace("\\n", "\n")
        elif key == "env":
            name, _, content = value.partition("=")
            case.environ[name] = content
        elif key == "warnings":
            case.warns = True
        else:
            raise AssertionError(f"{path}: what is {key}?")
    case.text = "".join(lines)
    return case, expected


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, monkeypatch):
    case, expected = read(path)
    folder = tmp_path / "here"
    for name, content in case.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    folder.mkdir(exist_ok=True)
    (folder / f"config.{case.suffix}").write_text(case.text, encoding="utf-8")
    monkeypatch.chdir(folder)

    said = outcome(folder / f"config.{case.suffix}", case).replace(str(tmp_path.resolve()), "TMP")

    if os.environ.get("CORPUS_UPDATE"):
        path.write_text(path.read_text(encoding="utf-8").partition(LINE)[0] + LINE + said, encoding="utf-8")
    else:
        assert said == expected


def outcome(path: Path, case: Case) -> str:
    if case.warns:
        loaded = load(path, environ=case.environ)
        return "".join(f"{warning}\n" for warning in loaded.warnings)
    with pytest.raises(ConfigError) as raised:
        load(path, environ=case.environ)
    return f"{raised.value}\n"
