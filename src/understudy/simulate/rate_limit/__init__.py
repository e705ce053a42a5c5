"""How many requests are let through: `rules` compiles, `stage` counts and refuses, `headers` tell of it."""

from understudy.simulate.rate_limit.stage import add_rate_limit

__all__ = ["add_rate_limit"]
