"""The documents that `openapi` names, and their operations among the endpoints."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import msgspec

from understudy.errors import Problem
from understudy.load.checks import Entry
from understudy.load.defaults import fill, merge_behaviours
from understudy.load.driven import Expand, Expanded
from understudy.load.fault import Fault, Keys
from understudy.load.foreign import Adapted
from understudy.load.gather import Part
from understudy.load.source import Source
from understudy.model import Config, Scheme, each_openapi
from understudy.model.convert import convert

_Mark = tuple[str, str, str]
_PARAMETER = re.compile(r"\{[^{}]*\}")


class Documents(msgspec.Struct):
    """What came of the documents beside endpoints."""

    faults: list[tuple[Source, Fault]] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    files: list[Path] = []

    def read(
        self,
        config: Config,
        main: Part,
        entries: list[Entry],
        folder: Path,
        expand: Expand | None,
        adapted: Adapted | None,
    ) -> Config:
        """Add an entry for each operation, and give the config the security schemes of the documents."""
        assert expand is not None, "whoever loads a config that may name documents says who reads them"
        own = {entry.endpoint.name for entry in entries if entry.endpoint.name}
        names = set(own)
        defaults = merge_behaviours([config.defaults])
        schemes: dict[str, Scheme] = {}
        answered: set[_Mark] = set()
        for keys, settings in each_openapi(config.openapi):
            place: Keys = ("openapi", *keys)
            expanded = expand(settings, folder, adapted.opened if adapted else {})
            for fault in expanded.faults:
                self.faults.append((main.source, replace(fault, keys=(*place, *fault.keys))))
            self.problems += expanded.problems
            self.warnings += expanded.warnings
            self.files += expanded.files
            for name, written in expanded.schemes.items():
                schemes.setdefault(name, convert(written, Scheme))
            if twins := _twins(expanded, answered):
                message = f"an earlier document answers {twins}: a `prefix` tells them apart"
                self.warnings.append(main.source.problem(Fault(message, place, settings.spec)))
            for endpoint, driven in expanded.endpoints:
                if endpoint.name in own:
                    continue  # the config has an endpoint in its place
                if endpoint.name in names:
                    endpoint = msgspec.structs.replace(endpoint, name=None)
                elif endpoint.name:
                    names.add(endpoint.name)
                entries.append(Entry(fill(endpoint, defaults), main, place, driven))
        if not schemes:
            return config
        auth = msgspec.structs.replace(config.auth, schemes={**schemes, **config.auth.schemes})
        return msgspec.structs.replace(config, auth=auth)


def _twins(expanded: Expanded, answered: set[_Mark]) -> str:
    """Of the operations of a document those that an earlier one answers, in words; its own are added."""
    marks = dict.fromkeys(
        (method, _PARAMETER.sub("{}", str(endpoint.path)), repr(endpoint.match))
        for endpoint, _ in expanded.endpoints
        for method in endpoint.methods
    )
    twins = [mark for mark in marks if mark in answered]
    answered.update(marks)
    if not twins:
        return ""
    method, path, _ = twins[0]
    return f"{method} {path}" + (f" and {len(twins) - 1} more" if len(twins) > 1 else "")
