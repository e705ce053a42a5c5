"""Blocks that repeat and choose."""

from __future__ import annotations

from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import count, same


def repeat(options: Options, low: Any, high: Any = None) -> str:
    times = count(low)
    if high is not None:
        draws = options.scope.draws
        times = draws.integer(draws.numbered("repeat"), times, count(high))
    with_comma = options.named.get("comma") is not False
    parts = []
    for index in range(times):
        data = {"index": index, "total": times, "first": index == 0, "last": index == times - 1}
        content = options.fn(options.frame.context, data)
        if with_comma:
            content = content.rstrip()
            content = content.removesuffix(",") if index == times - 1 else content
            content += ("" if index == times - 1 or content.endswith(",") else ",") + "\n"
        parts.append(content)
    return "".join(parts)


def switch(options: Options, value: Any) -> str:
    return options.fn(options.frame.context, {"switchValue": value, "switchFound": [False]})


def case(options: Options, *values: Any) -> str:
    found = options.frame.data.get("switchFound", [True])
    if found[0] or not any(same(value, options.frame.data.get("switchValue")) for value in values):
        return ""
    found[0] = True
    return options.here()


def default(options: Options) -> str:
    return "" if options.frame.data.get("switchFound", [True])[0] else options.here()
