"""Files → model: one pass if all is well, and a second, thorough one if not."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from understudy.errors import ConfigError, Problem
from understudy.load.checks import ERRORS, WARNINGS, Checked, Entry
from understudy.load.database import read_database
from understudy.load.defaults import fill, merge_behaviours
from understudy.load.documents import Documents
from understudy.load.driven import Expand
from understudy.load.fault import Fault
from understudy.load.files import is_file, shown
from understudy.load.foreign import Adapt, Adapted
from understudy.load.gather import Gatherer, Part
from understudy.load.limits import LARGE_FILE_BYTES
from understudy.load.loaded import Loaded, Origins
from understudy.load.source import Source, read_source
from understudy.load.syntax import SUFFIXES
from understudy.load.values import Environment, Values
from understudy.model import Behaviour, Config, Endpoint
from understudy.model.convert import convert

NAMES = ("config", "understudy")
"""What a config is called where none is given; with the suffixes of `SUFFIXES`, in that order."""

MAX_WARNINGS = 100
"""More of one kind say nothing new."""

Faults = list[tuple[Source, Fault]]


def find_config(folder: Path) -> Path | None:
    """The config in a folder: `config.{json,yaml,yml,toml}`, else `understudy.*`; the first that exists."""
    return next(iter(_candidates(folder)), None)


def _candidates(folder: Path) -> list[Path]:
    return [path for name in NAMES for suffix in SUFFIXES if is_file(path := folder / f"{name}{suffix}")]


def load(
    source: str | os.PathLike[str] | Mapping[str, Any] | Config | Adapted,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    adapt: Adapt | None = None,
    expand: Expand | None = None,
) -> Loaded:
    """Load a config: the path of a file or of the folder it is in, the config itself, or one that was made
    of another tool's document.

    `environ` fills `${NAME}` (default: the process's environment). `folder` is where relative paths start
    (default: the file's folder, or the working directory for a config without a file). `adapt` makes
    configs of other tools' files, and `expand` endpoints of the documents that `openapi` names.

    Raises ConfigError with all problems at once.
    """
    with no_collection():
        return _load(source, Environment(os.environ if environ is None else environ), folder, adapt, expand)


@contextmanager
def no_collection() -> Iterator[None]:
    """Look for no garbage until the end of the block.

    Parsing and compiling make many objects and no garbage, and looking for some all the while takes most of
    the time: without, a YAML file of 10,000 endpoints loads in a third of the time, JSON in two thirds.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _load(
    source: str | os.PathLike[str] | Mapping[str, Any] | Config | Adapted,
    environment: Environment,
    folder: Path | None,
    adapt: Adapt | None,
    expand: Expand | None,
) -> Loaded:
    faults: Faults = []
    warnings: Faults = []
    adapted: Adapted | None = None
    if isinstance(source, Config | Mapping):
        main = _from_memory(source, environment, faults)
    elif isinstance(source, Adapted):
        main, adapted = source.source, source
    else:
        main, adapted = _from_file(Path(source), environment, faults, warnings, adapt)
    if adapted is not None and folder is None:
        folder = adapted.folder
    base = Path(os.path.abspath(folder)) if folder else main.file.parent if main.file else Path.cwd()
    if not isinstance(main.data, dict):
        if not faults:
            faults.append((main, _not_an_object(main.data)))
        raise ConfigError(problems_of(faults))
    gatherer = Gatherer(base, environment)
    gatherer.main(main)
    gathered = gatherer.out
    faults += gathered.faults
    parts = gathered.parts
    config, entries = _convert(parts, faults)
    real_base = Path(os.path.realpath(base))
    database = read_database(parts, real_base)
    faults += database.faults
    if any(entry.endpoint.resource is not UNSET for entry in entries):
        from understudy.load.json_server import expand as expand_databases

        entries = expand_databases(entries, database.data)
    documents = Documents()
    if config.openapi:
        config = documents.read(config, parts[0], entries, real_base, expand, adapted)
        faults += documents.faults
    checked = Checked(real_base, parts[0], config, entries)
    for check in ERRORS:
        faults += check(checked)
    if faults or documents.problems:
        raise ConfigError([*problems_of(faults), *documents.problems])
    warnings += gathered.warnings
    for check in WARNINGS:
        warnings += _few(check(checked))
    return Loaded(
        config=msgspec.structs.replace(config, endpoints=[entry.endpoint for entry in entries]),
        database=database.data,
        folder=base,
        files=tuple(
            dict.fromkeys(
                [
                    *gathered.files,
                    *database.files,
                    *checked.files,
                    *documents.files,
                    *(adapted.files if adapted else ()),
                ]
            )
        ),
        patterns=(*gathered.patterns, *(adapted.patterns if adapted else ())),
        warnings=(
            *(adapted.warnings if adapted else ()),
            *documents.warnings,
            *problems_of(warnings),
        ),
        names=unique_names([entry.endpoint for entry in entries]),
        origins=Origins(main, tuple(entries), database),
    )


def _from_memory(source: Config | Mapping[str, Any], environment: Environment, faults: Faults) -> Source:
    main = Source(values=Values(environment))
    data: Any = source
    if isinstance(source, Config):
        try:
            data = msgspec.to_builtins(source)
        except (TypeError, ValueError, RecursionError) as error:
            faults.append((main, Fault(f"the config has a value that JSON does not have: {error}")))
            return main
    main.data = main.values.clean(data)
    faults.extend((main, fault) for fault in main.values.faults)
    return main


def placed(source: Config | Mapping[str, Any], folder: Path, environ: Mapping[str, str]) -> Adapted:
    """A config that a program made, whose relative paths start in a folder. Raises ConfigError."""
    faults: Faults = []
    main = _from_memory(source, Environment(environ), faults)
    if faults:
        raise ConfigError(problems_of(faults))
    return Adapted(main, Path(os.path.abspath(folder)))


def _from_file(
    path: Path, environment: Environment, faults: Faults, warnings: Faults, adapt: Adapt | None
) -> tuple[Source, Adapted | None]:
    path = Path(os.path.abspath(path))
    others: list[Path] = []
    if path.is_dir():
        candidates = _candidates(path)
        if not candidates and adapt is not None and (adapted := adapt(Source(path))) is not None:
            return adapted.source, adapted
        if not candidates:
            message = "there is no config in this folder"
            faults.append(
                (Source(path), Fault(message, accepted=", ".join(f"{name}.yaml" for name in NAMES)))
            )
            return Source(path), None
        path, *others = candidates
    elif not path.exists():
        from understudy.load.files import nearest

        name = nearest(path)
        faults.append(
            (Source(path), Fault("there is no such file", suggestion=f'"{name}"' if name else None))
        )
        return Source(path), None
    is_text = path.suffix.lower() not in SUFFIXES
    if adapt is not None and is_file(path) and (is_text or path.stat().st_size >= LARGE_FILE_BYTES):
        adapted = adapt(Source(path))
        if adapted is not None:
            return adapted.source, adapted
    main, found = read_source(path, environment, 0)
    if adapt is not None and isinstance(main.data, dict | list) and "endpoints" not in main.data:
        adapted = adapt(main)
        if adapted is not None:
            return adapted.source, adapted
    faults.extend((main, fault) for fault in found)
    if others:
        names = ", ".join(shown(other) for other in others)
        warnings.append((main, Fault(f"used instead of {names}: a folder has one config", line=1)))
    return main, None


def _not_an_object(data: Any) -> Fault:
    from understudy.load.words import show

    suggestion = '{"endpoints": […]}' if isinstance(data, list) else None
    return Fault("a config is an object with keys such as `endpoints`", (), show(data), suggestion=suggestion)


def _convert(parts: list[Part], faults: Faults) -> tuple[Config, list[Entry]]:
    """All documents as models. What is wrong goes to `faults`; what is right is still there to check."""
    configs = [_convert_part(part, faults) for part in parts]
    defaults = {id(part): config.defaults for part, (config, _) in zip(parts, configs, strict=True)}
    entries: list[Entry] = []
    for part, (_, endpoints) in zip(parts, configs, strict=True):
        chain: list[Behaviour] = []
        step: Part | None = part
        while step is not None:
            chain.append(defaults[id(step)])
            step = step.includer
        merged = merge_behaviours(chain)
        for index, endpoint in endpoints:
            entries.append(Entry(fill(endpoint, merged), part, part.endpoint_keys(index)))
    return configs[0][0], entries


def _convert_part(part: Part, faults: Faults) -> tuple[Config, list[tuple[int, Endpoint]]]:
    try:
        config = convert(part.data, Config)
    except msgspec.ValidationError:
        return _salvage(part, faults)
    return config, list(enumerate(config.endpoints))


def _salvage(part: Part, faults: Faults) -> tuple[Config, list[tuple[int, Endpoint]]]:
    """Every fault of a document, and those of its parts that are right by themselves."""
    from understudy.load.diagnose import diagnose

    for fault in diagnose(part.data, Config):
        keys = fault.keys
        if part.prefix != ("endpoints",) and keys[:1] == ("endpoints",):
            keys = keys[2:] if part.prefix is None else keys[1:]
            fault = replace(fault, keys=keys)
        faults.append((part.source, fault))
    good: dict[str, Any] = {}
    for key, value in part.data.items():
        if key != "endpoints":
            try:
                convert({key: value}, Config)
            except msgspec.ValidationError:
                continue
            good[key] = value
    endpoints: list[tuple[int, Endpoint]] = []
    written = part.data.get("endpoints")
    for index, item in enumerate(written if isinstance(written, list) else []):
        endpoint = _salvage_endpoint(item)
        if endpoint is not None:
            endpoints.append((index, endpoint))
    return convert(good, Config), endpoints


def _salvage_endpoint(written: Any) -> Endpoint | None:
    """What is right of an endpoint, for the checks to look at. None: not even its path."""
    try:
        return convert(written, Endpoint)
    except msgspec.ValidationError:
        pass
    endpoint: Endpoint | None = None
    good: dict[str, Any] = {}
    for key in ("path", *written) if isinstance(written, dict) and "path" in written else ():
        try:
            endpoint = convert({**good, key: written[key]}, Endpoint)
        except msgspec.ValidationError:
            if key == "path":
                return None
            continue
        good[key] = written[key]
    return endpoint


def unique_names(endpoints: Sequence[Endpoint], given: Sequence[str | None] | None = None) -> tuple[str, ...]:
    """A name for each endpoint: the one `given`, or its own, or its method and path with a number."""
    if given is None:
        given = [endpoint.name for endpoint in endpoints]
    taken = {name for name in given if name is not None}
    counts: dict[str, int] = {}
    names: list[str] = []
    for endpoint, name in zip(endpoints, given, strict=True):
        if name is None:
            path = endpoint.path if isinstance(endpoint.path, str) else endpoint.path.regex
            what = ",".join(endpoint.methods) if endpoint.resource is UNSET else "resource"
            plain = name = f"{what} {path}"
            count = counts.get(plain, 0) + 1
            if count > 1:
                name = f"{plain} #{count}"
            while name in taken:
                count += 1
                name = f"{plain} #{count}"
            counts[plain] = count
            taken.add(name)
        names.append(name)
    return tuple(names)


def _few(found: Iterable[tuple[Source, Fault]]) -> Faults:
    faults = list(found)
    if len(faults) <= MAX_WARNINGS:
        return faults
    rest = len(faults) - MAX_WARNINGS
    source, _ = faults[MAX_WARNINGS]
    return [*faults[:MAX_WARNINGS], (source, Fault(f"and {rest} more like the one before"))]


def problems_of(faults: Faults) -> list[Problem]:
    """The faults as problems, in the order of the files and of the lines in them."""
    # What has no value has one problem: what the model says about the hole is noise.
    holes = {(source.order, fault.keys) for source, _ in faults for fault in source.values.faults}
    pairs = [
        (source.order, source.problem(fault))
        for source, fault in faults
        if (source.order, fault.keys) not in holes or fault in source.values.faults
    ]
    pairs.sort(key=lambda pair: (pair[0], pair[1].line or 0))
    return list(dict.fromkeys(problem for _, problem in pairs))
