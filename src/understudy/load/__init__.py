"""Files → model: JSON, YAML, TOML, includes, environment variables, and errors that say where.

    text ── syntax/ ──▶ plain data ── values ──▶ `${…}` filled in ── gather ──▶ all documents
         ── msgspec.convert ──▶ models ── checks ──▶ Loaded

When `msgspec.convert` refuses a document, `diagnose` walks over it and finds every mistake, and `Source.line`
looks up their lines: both cost nothing as long as nothing is wrong.
"""

from understudy.load.checks import decode_base64
from understudy.load.loaded import Loaded
from understudy.load.loader import find_config, load, no_collection, placed

__all__ = ["Loaded", "decode_base64", "find_config", "load", "no_collection", "placed"]
