"""Measure Understudy beside its peers: `make bench`, or `.venv/bin/python bench/run.py --help`."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.cli import main  # noqa: E402 - the path comes first

if __name__ == "__main__":
    sys.exit(main())
