"""Two documents compared, in as few words as possible."""

from understudy.contract.diff.operations import compare
from understudy.contract.spec import open_spec
from understudy.load.source import Source


def spec(data):
    """A document that has been read."""
    return open_spec(Source(data=data, label="api.json"))


def document(paths, version="3.1.0", **more):
    """A document with these paths."""
    return {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": paths, **more}


def changes(old, new):
    """What has changed between two documents."""
    return compare(spec(old), spec(new))


def checks(old, new):
    """The names of what has changed, each once."""
    return sorted({one.check for one in changes(old, new)})


def operation(**keys):
    """A document with one operation, which has these keys."""
    return document({"/x": {"get": {"responses": {"200": {"description": ""}}, **keys}}})


def body_of(schema, direction, version="3.1.0", **components):
    """A document that has this schema in a request, or in a response."""
    content = {"content": {"application/json": {"schema": schema}}}
    responses = {"200": {"description": "", **(content if direction == "response" else {})}}
    request = {"requestBody": content} if direction == "request" else {}
    return document(
        {"/x": {"post": {**request, "responses": responses}}}, version, components={"schemas": components}
    )
