"""Samples: for each answer of a config a request that gets it, and the answer, from the program itself.

    match, validate, auth ── wishes, values, bodies, access ──▶ Draft ── ask ──▶ engine.decide ──▶ Sample

A draft is a guess, and the program has the last word: a sample is kept only if the endpoint that it is for
has answered. Latency, failures, faults, limits and callbacks are off, the clock stands still, and each answer
is asked for in a world of its own, so that the same config gives the same samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from understudy.errors import Problem
from understudy.formats.exported import Sample
from understudy.load import Loaded
from understudy.samples.endpoint import Endpoints

MAX_SAMPLES = 20_000
"""Samples of one config; the largest public OpenAPI document has 15,000 operations."""

__all__ = ["MAX_SAMPLES", "take_samples"]


def take_samples(
    loaded: Loaded, environ: Mapping[str, str] | None = None
) -> tuple[tuple[Sample, ...], tuple[Problem, ...]]:
    """A sample of each answer, in the order of the config, and a warning where none was found.

    Raises ConfigError if the config does not compile.
    """
    endpoints = Endpoints(loaded, dict(environ or {}))
    try:
        found: list[Sample] = []
        for sample in _all(endpoints):
            if len(found) == MAX_SAMPLES:
                message = f"the first {MAX_SAMPLES:,} samples are taken, and no more"
                endpoints.warnings.append(Problem(message, file=loaded.locate(())[0]))
                break
            found.append(sample)
        return tuple(found), tuple(endpoints.warnings)
    finally:
        endpoints.close()


def _all(endpoints: Endpoints) -> Iterator[Sample]:
    for number in range(len(endpoints.loaded.config.endpoints)):
        yield from endpoints.samples(number)
