"""Bounds on what is loaded, so that a broken or hostile file gives an error and not a hang."""

MAX_FILE_BYTES = 256 * 1024 * 1024  # far above any config; a database may be large
MAX_DEPTH = 200  # levels of nesting; Python's own recursion limit is 1000
MAX_ALIAS_NODES = 1_000_000  # values that YAML aliases may add ("billion laughs")
MAX_INCLUDE_DEPTH = 20  # files that include files
MAX_FILES = 10_000  # config files in all
LARGE_FILE_BYTES = 512 * 1024  # from here on, reading a file takes a time that is worth saving
MAX_FAULTS = 1000  # mistakes told of one file: nobody reads more, and a hostile one may have millions
