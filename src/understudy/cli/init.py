"""`understudy init`: a config to start from, which teaches by example."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TextIO

NAME = "init"
HELP = "Write a commented config to start from."
EXAMPLE = """examples:
  understudy init                   understudy.yaml, with a comment on each feature
  understudy init mocks/api.json    the same endpoints as JSON, which has no comments
  understudy init api.toml          or as TOML
"""
DEFAULT_FILE = "understudy.yaml"
CANNOT_WRITE = 1
USAGE_ERROR = 2

STARTER = """\
# What Understudy answers. Start it:  understudy understudy.yaml
# Change this file while it runs: it is loaded again as soon as you save it.
# Every key is explained by `understudy schema`, and a mistake by `understudy check`.

port: 8000          # or "${PORT:-8000}": from the environment, else 8000
cors: true          # web pages from anywhere may ask; an object says which

# Data for templates, here or in a file: `database: movies.json`.
database:
  movies:
    - { id: 1, title: Metropolis, year: 1927, silent: true }
    - { id: 2, title: Alien, year: 1979, silent: false }

# What every endpoint has unless it says otherwise. Headers are merged.
defaults:
  latency_ms: 20    # milliseconds before the reply
  headers:
    X-Served-By: understudy

# What several endpoints depend on, and when it is down: see /orders.
outages:
  database: { when: { window: { after_s: 20, for_s: 5, every_s: 60 } } }

endpoints:
  # The simplest: a path and a JSON response. The method is GET, the status 200.
  # Try: curl localhost:8000/hello
  - path: /hello
    response:
      message: Hello
      at: "{{ timestamp }}"          # {{ … }} is a template: always in quotes

  # A parameter is what stands in the path at that place.
  - path: /hello/{name}
    response:
      message: "Hello {{ params.name }}"
      lang: "{{ query.lang or 'en' }}" # /hello/Ada?lang=fr

  # A typed one takes only what fits: int, float, uuid, slug, date, path.
  # A template alone keeps its type: `movie` is the record, not its text.
  - path: /movies/{id:int}
    response:
      movie: "{{ database_find('id', params.id, collection='movies') }}"

  - path: /movies
    cache: 60                          # seconds; with an ETag and 304 for it
    response:
      movies: "{{ database.movies }}"
      count: "{{ database_count('movies') }}"

  # A collection as a real API serves it: list (filtered, sorted, in pages), read,
  # create, replace, change and delete, here and below /api/movies/1.
  - path: /api/movies
    resource: movies

  # Other methods, statuses and headers. The body that was sent is `body`.
  - name: add a movie                  # the name in logs
    path: /movies
    method: POST                       # or a list, or ANY
    status: 201
    headers:
      Location: "/movies/{{ counter(start=3) }}"
    validate:                          # others get 422; a file is fine as well
      body: { type: object, required: [title] }
    response:
      id: "{{ uuid }}"
      title: "{{ body.title or 'untitled' }}"

  # The same path, for some requests only: /movies?silent=true. Conditions on
  # headers, cookies and the body stand here as well.
  - path: /movies
    match:
      query: { silent: true }
    response:
      movies: "{{ database.movies | selectattr('silent') | list }}"

  # Wildcards: * is one segment, ** is the rest of the path.
  # `templates: wiremock` or `mockoon` would take these tools' templates instead.
  - path: /files/**
    body: "You asked for {{ request.path }}"
    headers:
      Content-Type: text/plain

  # The more specific path answers: /files/secret comes before /files/**.
  - path: /files/secret
    status: 403
    response: { error: forbidden }

  # Who may ask: API keys, passwords, signed tokens, sessions, OAuth.
  # Try: curl -H 'X-API-Key: letmein' localhost:8000/private
  - path: /private
    auth: { api_key: letmein }
    response: { treasure: "under the oak" }

  # A limited one: ten requests a minute from each client, others get 429.
  - path: /limited
    rate_limit: { limit: 10/minute, per: client }
    response: { ok: true }

  # A slow one: any time between 300 and 1500 ms, at random.
  - path: /slow
    latency_ms: { uniform: [300, 1500] }
    response: { ok: true }

  # A busy one: two requests are worked on at once, 100 ms each, five may wait,
  # and the rest gets 503. Endpoints can share one: see `capacities`.
  - path: /busy
    capacity: { concurrency: 2, queue: 5, service_ms: { exponential: 100 } }
    response: { ok: true }

  # An unreliable one: three requests in ten fail.
  - path: /flaky
    failure_rate: 0.3
    failure:
      status: 503
      headers: { Retry-After: 1 }
      body: { error: try again later }
    response: { ok: true }

  # Broken on the way: the first two connections are reset, then one reply in
  # ten stops half-way. `understudy report` says how well your client copes.
  - path: /broken
    group: demo
    faults:
      - { kind: reset, when: { first: 2 } }
      - { kind: stall, after_bytes: 5, probability: 0.1 }
    response: { ok: true }

  # Down together with all that needs the database: 5 seconds of each minute.
  - path: /orders
    outage: database
    response: []

  # Several answers, one after the other: 503, 503, then 200 for good.
  - path: /slow-start
    responses:
      - { status: 503 }
      - { status: 503 }
      - { response: { ok: true } }

  # What is remembered: a scenario moves on, variables change. `times: 1` or
  # `ttl: 60s` on an endpoint would let the next one answer after that.
  - path: /door
    method: POST
    state: { scenario: door, required: started, next: open, add: { visits: 1 } }
    response: { door: open, visits: "{{ state.visits }}" }
  - path: /door
    method: POST
    status: 409
    response: { error: "the door is {{ scenarios.door }} already" }

  # A small binary file. Larger ones stay files: `file: pictures/cat.png`.
  - path: /pixel.gif
    headers: { Content-Type: image/gif }
    base64: R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7

  # A webhook: what is sent after the reply, here to this server itself.
  - path: /orders
    method: POST
    status: 202
    response: { id: "{{ uuid }}" }
    callbacks:
      - { url: /hook, delay_ms: 100, response: { paid: "{{ reply.body.id }}" } }
  - { path: /hook, method: POST }

  # The real thing: what is asked below /v1 is sent on, and recorded: asked again, the recording answers.
  # - path: /v1/**
  #   method: ANY
  #   proxy: https://api.example.com
  #   record: recordings

  # Python: a function in handlers.py beside this file, and one around the answer.
  # - path: /cart
  #   handler: handlers:cart
  #   middleware: handlers:log
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        type=Path,
        default=Path(DEFAULT_FILE),
        help=f"file to write: .yaml, .json or .toml (default: {DEFAULT_FILE})",
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file if it is there")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Write the file: 0. It is there already or cannot be written: 1. An unknown suffix: 2."""
    path: Path = args.file
    text = starter(path.suffix.lower(), path.name)
    if text is None:
        print(f"understudy: {path} must end in .yaml, .yml, .json or .toml", file=err)
        return USAGE_ERROR
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if args.force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        print(f"understudy: {path} is there already\nTry: understudy init {path} --force", file=err)
        return CANNOT_WRITE
    except OSError as error:
        print(f"understudy: {path} cannot be written: {(error.strerror or str(error)).lower()}", file=err)
        return CANNOT_WRITE
    print(f"wrote {path}\nTry: understudy {path}", file=out)
    return 0


def starter(suffix: str, name: str = DEFAULT_FILE) -> str | None:
    """The text of a first config in the format of a suffix such as `.yaml`; None for an unknown one."""
    text = STARTER.replace(DEFAULT_FILE, name)
    if suffix in (".yaml", ".yml"):
        return text
    if suffix not in (".json", ".toml"):
        return None
    from understudy.load.syntax import parse

    data, _ = parse(text, ".yaml")
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n" if suffix == ".json" else _toml(data)


def _toml(data: dict[str, object]) -> str:
    """The starter as TOML: scalars first, then tables, since a table goes on to the next one."""
    lines = [f"{key} = {_inline(value)}" for key, value in data.items() if not isinstance(value, dict | list)]
    for key, value in data.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *(f"{name} = {_inline(item)}" for name, item in value.items())]
        elif isinstance(value, list):
            for item in value:
                assert isinstance(item, dict)
                lines += ["", f"[[{key}]]", *(f"{name} = {_inline(part)}" for name, part in item.items())]
    return "\n".join(lines) + "\n"


def _inline(value: object) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{_key(name)} = {_inline(item)}" for name, item in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)  # text, numbers and booleans look the same in both


def _key(name: str) -> str:
    plain = name.replace("-", "").replace("_", "").isalnum() and name.isascii()
    return name if plain else json.dumps(name)
