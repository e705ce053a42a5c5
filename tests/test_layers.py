"""Imports run one way, and what touches the outside world stays in the folders that may."""

import ast
import re
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "understudy"

LAYERS = [
    {"errors", "views"},
    {"model", "steps"},
    {"state", "dress"},
    {"request"},
    {"load", "match", "render", "cors"},
    {"simulate"},
    {"faults", "formats"},
    {"openapi", "record"},
    {"program"},
    {"compiler", "plans"},
    {"unmatched"},
    {"build", "engine", "journal"},
    {"report"},
    {"samples"},
    {"contract"},
    {"net"},
    {"admin"},
    {"cli", "testing"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
OUTSIDE_WORLD = {"socket", "ssl", "asyncio", "time", "random"}
# Peers within one layer that may know each other, because one is the other's vocabulary.
PEERS: set[tuple[str, str]] = set()
FILES = sorted(SOURCE.rglob("*.py"))


@cache
def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def part_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def test_imports_run_one_way():
    wrong = []
    for file in FILES:
        part = part_of(file)
        if part in {"__init__", "__main__"}:
            continue
        assert part in RANK, f"{part} has no place among the layers: give it one here"
        for module in imports(file):
            names = module.split(".")
            if names[0] != "understudy" or len(names) < 2 or names[1] not in RANK:
                continue
            other = names[1]
            if other != part and (part, other) not in PEERS and RANK[other] >= RANK[part]:
                wrong.append(f"{file.relative_to(SOURCE)} imports {module}: {part} must not know {other}")
    assert not wrong, "\n".join(sorted(wrong))


def test_only_net_and_above_touch_the_outside_world():
    wrong = []
    for file in FILES:
        part = part_of(file)
        if part in {"__init__", "__main__"} or RANK.get(part, 0) >= RANK["net"]:
            continue
        used = {module.split(".")[0] for module in imports(file)} & OUTSIDE_WORLD
        wrong += [f"{file.relative_to(SOURCE)}: {name}" for name in sorted(used)]
    assert not wrong, f"time, randomness and sockets come in as arguments below net: {wrong}"


def test_models_are_made_by_one_thread_at_a_time():
    called = re.compile(r"(?<!`)msgspec\.convert\(")
    wrong = [str(file.relative_to(SOURCE)) for file in FILES if called.search(file.read_text())]
    assert wrong == ["model/convert.py"], "all others call it, and it says why"


def test_every_source_file_has_its_tests():
    tests = Path(__file__).parent
    missing = []
    for file in FILES:
        relative = file.relative_to(SOURCE)
        if file.name.startswith("__") or not file.read_text().strip():
            continue
        wanted = tests / relative.parent / f"test_{file.name}"
        # A family's members are tested together, in the file named after the family.
        family = tests / relative.parent.parent / f"test_{relative.parent.name}.py"
        if not wanted.exists() and not family.exists() and str(relative) not in EXCUSED:
            missing.append(str(relative))
    assert not missing, f"no test file for {missing}"


EXCUSED = {
    "load/fault.py": "a record without behaviour, seen in every error that the corpus pins down",
    "model/base.py": "a base class without behaviour",
    "load/limits.py": "constants, each tested where it bites",
}
"""Source files without a test file of their own name, and why. It only shrinks."""
