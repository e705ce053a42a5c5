"""All operations read at once, as `understudy check` does: what a server would only find when it is asked."""

from __future__ import annotations

from understudy.errors import ConfigError, Problem
from understudy.load import Loaded
from understudy.openapi.drive import violations_of
from understudy.openapi.ready import read_operation
from understudy.openapi.spec import Spec


def read_all(loaded: Loaded) -> tuple[Problem, ...]:
    """What could not be used of the documents of a config, beyond what loading it has told."""
    found: list[Problem] = []
    specs: dict[int, Spec] = {}
    for entry in loaded.origins.entries:
        if entry.driven is None:
            continue
        spec: Spec = entry.driven.document
        specs[id(spec)] = spec
        try:
            ready = read_operation(spec, entry.driven.number, entry.driven.settings)
            ready.answers.prepare()
            for answer, node in ready.answers.prepared():
                wrong = violations_of(answer, ready.outgoing)
                if wrong:
                    node.warn(f"an example does not fit its schema: {wrong[0].message}")
        except ConfigError as error:
            found += error.problems
    for spec in specs.values():
        found += spec.warnings()
    known = set(loaded.warnings)
    return tuple(problem for problem in dict.fromkeys(found) if problem not in known)
