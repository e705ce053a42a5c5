"""Documents for tests, and the answers of their operations."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from understudy.formats.openapi.document import Library
from understudy.formats.openapi.operations import read_api
from understudy.formats.read import open_source, text_source
from understudy.openapi.answers import compile_answers
from understudy.openapi.data import Data
from understudy.openapi.links import Targets
from understudy.openapi.prefer import NOTHING, wishes
from understudy.render.draws import Draws
from understudy.request import Request

LOTS = Draws(1, "test", 0)


@dataclass
class Served:
    """A document that was read: its operations by method and path, and what was found wrong."""

    operations: dict
    library: Library
    data: Data
    targets: Targets

    @property
    def warnings(self):
        return [str(warning) for warning in self.library.warnings]

    def answers(self, name, **options):
        return compile_answers(self.operations[name], self.data, targets=self.targets, **options)


def document(paths, *, version="3.1.0", file: Path | None = None, **more) -> Served:
    """A document with these paths: data, or YAML text."""
    key = "swagger" if version == "2.0" else "openapi"
    whole = {key: version, "paths": yaml.safe_load(paths) if isinstance(paths, str) else paths, **more}
    text = yaml.safe_dump(whole, sort_keys=False)
    if file is not None:
        file.write_text(text)
    source = open_source(file) if file is not None else text_source(text, "api.yaml")
    library = Library()
    api = read_api(library.begin(source, None))
    return Served(
        operations={f"{one.method} {one.path}": one for one in api.operations},
        library=library,
        data=Data(library.main.root, not version.startswith(("2", "3.0"))),
        targets=Targets(api.operations),
    )


def media(type="application/json", **keys):
    """A response with one media type: `example`, `examples` by name, `schema`."""
    if "examples" in keys:
        keys["examples"] = {name: {"value": value} for name, value in keys["examples"].items()}
    return {"description": "", "content": {type: keys}}


def operation(responses, **keys):
    """Paths with one operation, `GET /a`."""
    return {"/a": {"get": {"responses": responses, **keys}}}


def answers_of(responses, *, version="3.1.0", keys=None, **options):
    """The answers of an operation that has these responses."""
    return document(operation(responses, **(keys or {})), version=version).answers("GET /a", **options)


def request(target="/a", method="GET", body=b"", params=None, **headers):
    """A request; header names have `_` for `-`."""
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    made = Request(method, target.encode(), pairs, body)
    if params:
        made.params = params
    return made


def ask(answers, asked=None, lots=LOTS, **headers):
    """The answer to a valid request, by the fast way where there is one; both ways must agree."""
    asked = asked or request(**headers)
    wish = wishes(asked)
    answer = answers.choose(asked, wish, lots)
    quick = answers.quick(asked)
    if quick is not None:
        assert wish is NOTHING
        assert (quick.reply.status, quick.reply.headers, quick.reply.body, quick.example) == (
            answer.reply.status,
            answer.reply.headers,
            answer.reply.body,
            answer.example,
        )
    return answer


def header(answer, name):
    """The values of a header of an answer, joined; None if it is not there."""
    found = [value.decode() for key, value in answer.reply.headers if key.lower() == name.lower().encode()]
    return ", ".join(found) if found else None
