"""A config as an archive: an entry for each sample of its answers."""

from __future__ import annotations

import json
from importlib.metadata import version

from understudy.errors import Problem
from understudy.formats.exported import Exported, Outgoing, Sample
from understudy.formats.har.archive import Exchange, har_of, readable

BEGAN = 0.0
"""When the first entry began: 1970, as nothing was recorded. The same config makes the same file."""
_STEP_S = 0.001


def write_har(outgoing: Outgoing) -> Exported:
    """One HAR 1.2 with the samples, a millisecond apart in their order."""
    exchanges = [
        _exchange(sample, number, outgoing.base_url) for number, sample in enumerate(outgoing.samples)
    ]
    archive = har_of(exchanges, version("understudy"), outgoing.title)
    warnings = tuple(
        Problem(f"{sample.name}: its body stays compressed, as {coding} is not decoded")
        for sample in outgoing.samples
        if readable(sample.reply_body, sample.reply_headers) is None
        for coding in [_coding(sample)]
    )
    text = json.dumps(archive, indent=2, ensure_ascii=False)
    return Exported({"": text.encode("utf-8", "replace") + b"\n"}, warnings)


def _exchange(sample: Sample, number: int, base_url: str) -> Exchange:
    return Exchange(
        started=BEGAN + number * _STEP_S,
        method=sample.method,
        url=base_url + sample.target,
        headers=sample.headers,
        body=sample.body,
        status=sample.status,
        reply_headers=sample.reply_headers,
        reply_body=sample.reply_body,
        comment=": ".join(filter(None, (sample.name, sample.label))),
    )


def _coding(sample: Sample) -> str:
    return next(
        (value for name, value in sample.reply_headers if name.lower() == "content-encoding"), "its coding"
    )
