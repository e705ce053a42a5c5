"""Cases of foreign files: what they become, and how what they became answers.

A case is a file: lines that begin with `# file: NAME CONTENT` lay files beside the input (`\\n` is a line
break), then come the input, a line of dashes, the expected config as JSON with a line for each warning,
another line of dashes, and requests with the replies that the original tool is documented to give:

    POST /a?b=1 | X-Id: 7 | {"c": 2} => 200 text of the reply
    POST /a => 200 {"id": "~[0-9a-f-]{36}"}

A `~` before the reply makes the rest a regular expression. To renew what is expected of the config, set
CORPUS_UPDATE=1 and look at the difference.
"""

import json
import os
import re
from pathlib import Path

import httpx

from understudy.formats.read import open_source, read
from understudy.formats.serve import inlined

LINE = "-----\n"
SUITE = Path(__file__).parent.parent / "corpus"


def cases(name):
    return sorted((SUITE / name).glob("*.txt"))


def imported(path: Path, folder: Path, name: str):
    """The input of a case, laid out in a folder, and what reading it gives."""
    text = path.read_text(encoding="utf-8").partition(LINE)[0]
    lines = text.splitlines(keepends=True)
    while lines and lines[0].startswith("# file: "):
        beside, _, content = lines.pop(0)[len("# file: ") :].rstrip("\n").partition(" ")
        file = folder / beside
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content.replace("\\n", "\n"), encoding="utf-8")
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(lines), encoding="utf-8")
    return read(open_source(file))


def shown(result, folder: Path) -> str:
    """An import as it stands in a case."""
    config = json.dumps(result.config, indent=2, ensure_ascii=False)
    warnings = "".join(
        f"{problem.file and Path(problem.file).name}:{problem.line} {problem.path}: {problem.message}\n"
        for problem in result.warnings
    )
    return f"{config}\n{warnings}".replace(str(folder), "")


def check_config(path: Path, result, folder: Path) -> None:
    """That a case becomes the config it should."""
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(LINE)
    expected, _, requests = rest.partition(LINE)
    found = shown(result, folder)
    if os.environ.get("CORPUS_UPDATE"):
        path.write_text(f"{head}{LINE}{found}{LINE}{requests}", encoding="utf-8")
    else:
        assert found == expected


def requests_of(path: Path) -> list[str]:
    """The lines of a case that ask."""
    lines = path.read_text(encoding="utf-8").split(LINE)[2].splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def check_answers(path: Path, result, serve, **options) -> None:
    """That what a case became answers as the original does."""
    server = serve(inlined(result.config, result.files), seed=1, **options)
    for line in requests_of(path):
        asked, _, wanted = line.partition(" => ")
        first, *parts = asked.split(" | ")
        method, target = first.split(" ", 1)
        headers = [tuple(part.split(": ", 1)) for part in parts if re.match(r"[A-Za-z-]+: ", part)]
        bodies = [part for part in parts if not re.match(r"[A-Za-z-]+: ", part)]
        content = bodies[0].replace("\\r\\n", "\r\n") if bodies else None
        try:
            reply = httpx.request(method, server.url + target, headers=headers, content=content)
            found = f"{reply.status_code} {reply.text}".rstrip()
        except httpx.HTTPError as error:
            found = type(error).__name__
        if wanted.startswith("~"):
            assert re.fullmatch(wanted[1:], found, re.DOTALL), f"{asked}: {found}"
        elif wanted == "404":  # the explanation is not theirs
            assert found.startswith("404"), f"{asked}: {found}"
        else:
            assert found == wanted, asked
