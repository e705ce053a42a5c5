"""A file of rules, which a user may edit, and by which more recordings are read later.

    rules:
      - kind: path
        where: /users/{user_id:int}
        what: "{user_id:int}"
      - { kind: volatile, where: GET /users 200 $.at, what: "{{ now() }}", on: false }

`on: false`: the rule is not followed. `why` is a note for people.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from understudy.errors import ConfigError, Problem
from understudy.formats.emit import yaml_text
from understudy.formats.imported import Rule
from understudy.formats.read import open_source
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.load.words import show
from understudy.record.general.rules import KINDS

MAX_RULES = 100_000
_KEYS = ("kind", "where", "what", "why", "on")
_TITLE = """\
Rules by which recordings become endpoints: kept by `understudy import FOLDER --rules`.
`on: false` switches a rule off; `where` of a path and `what` of a template may be changed."""


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules in a file; none if it is not there yet. Raises ConfigError with all that is wrong."""
    if not path.exists():
        return ()
    source = open_source(path, "rules")
    data = source.data
    written = data.get("rules") if isinstance(data, dict) and data.keys() == {"rules"} else None
    if not isinstance(written, list) or len(written) > MAX_RULES:
        accepted = "an object with a list `rules`"
        raise ConfigError([source.problem(Fault("this is no file of rules", accepted=accepted))])
    problems: list[Problem] = []
    rules = [rule for at, one in enumerate(written) if (rule := _rule(one, at, source, problems)) is not None]
    if problems:
        raise ConfigError(problems)
    return tuple(rules)


def _rule(written: Any, at: int, source: Source, problems: list[Problem]) -> Rule | None:
    def wrong(message: str, key: str = "", **more: Any) -> None:
        problems.append(source.problem(Fault(message, ("rules", at, *([key] if key else [])), **more)))

    if not isinstance(written, dict):
        wrong("a rule is an object", found=show(written))
        return None
    before = len(problems)
    for key in written:
        if key not in _KEYS:
            wrong("a rule has no such key", key, accepted=", ".join(_KEYS))
    kind, is_on = written.get("kind"), written.get("on", True)
    if not isinstance(kind, str) or kind not in KINDS:
        wrong("there is no such kind of rule", "kind", found=show(kind), accepted=", ".join(KINDS))
    if not isinstance(is_on, bool):
        wrong("a rule is on or not", "on", found=show(is_on), accepted="true, false")
    texts = {key: written.get(key, "") for key in ("where", "what", "why")}
    for key, value in texts.items():
        if not isinstance(value, str):
            wrong("text is expected", key, found=show(value))
    return Rule(str(kind), **texts, on=is_on) if len(problems) == before else None


def rules_text(rules: Iterable[Rule]) -> str:
    """The file of these rules."""
    written = [
        {"kind": one.kind, "where": one.where, "what": one.what, "why": one.why}
        | ({} if one.on else {"on": False})
        for one in rules
    ]
    return yaml_text({"rules": written}, _TITLE)
