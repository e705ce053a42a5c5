"""Schemathesis asks a server everything that it makes up from its document, and holds the answers against it.

`python -m tests.openapi.schemathesis_run DOCUMENT [SETTINGS as JSON] [examples]` prints what it found.
"""

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from understudy import MockServer

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
)


class Finding(NamedTuple):
    """What a check finds fault with. `case` is schemathesis's request, `reply` its view of the answer."""

    check: str
    failure: Any
    case: Any
    reply: Any

    @property
    def kind(self) -> str:
        """The name of schemathesis's failure."""
        return type(self.failure).__name__

    @property
    def operation(self) -> dict:
        """The operation as it is documented."""
        return self.case.operation.definition.raw

    @property
    def is_swagger(self) -> bool:
        """Whether the document is one of Swagger 2.0."""
        return "swagger" in self.case.operation.schema.raw_schema

    @property
    def parameters(self) -> list[dict]:
        """The parameters of the operation that are not references."""
        return [one for one in self.operation.get("parameters", []) if "$ref" not in one]

    @property
    def responses(self) -> dict[str, dict]:
        """The responses of the operation, as they are written.

        Schemathesis adds some, with nothing but links, where an answer has a `Location`."""
        written = self.operation.get("responses", {}).items()
        return {str(status): one for status, one in written if not one.keys() <= {"links", "x-links"}}

    @property
    def response(self) -> dict | None:
        """What the document says of responses of this status, as it is written; None: nothing."""
        status = str(self.reply.status_code)
        found = (self.responses.get(key) for key in (status, f"{status[0]}XX", "default"))
        return next((one for one in found if one is not None), None)

    @property
    def content_type(self) -> str:
        """The media type of the reply."""
        return self.reply.headers.get("content-type", [""])[0]

    def __str__(self):
        reply = f"{self.reply.status_code} {self.content_type} {self.reply.content[:300]!r}"
        message = f"{self.failure.title}: {self.failure.message}"
        return f"{self.case.as_curl_command()} => {reply}\n    {self.check}: {message}"


class Found(NamedTuple):
    """How many requests were asked, what is wrong, and how often each exception was made."""

    requests: int
    wrong: list[Finding]
    excepted: Counter
    errors: list[str]


def run(
    document: Path, settings: dict, folder: Path, *, examples: int, coverage: bool = True, seed: int = 1
) -> Found:
    """Ask the server of a document. `coverage`: each bound of each value too, which takes its time."""
    (folder / document.name).write_bytes(document.read_bytes())
    config = folder / "config.json"
    config.write_text(json.dumps({"openapi": {"spec": document.name, **settings}}))
    with MockServer(config, seed=seed) as server:
        address = f"{server.url}/openapi.{'json' if document.suffix == '.json' else 'yaml'}"
        asked, found, errors = 0, [], []
        for finding in _findings(address, examples, coverage, seed):
            if isinstance(finding, int):
                asked += finding
            elif isinstance(finding, str):
                errors.append(finding)
            else:
                found.append(finding)
    wrong, excepted = [], Counter()
    for finding in found:
        reason = next((name for name, applies in EXCEPTIONS.items() if applies(finding)), None)
        if reason is None:
            wrong.append(finding)
        else:
            excepted[reason] += 1
    return Found(asked, wrong, excepted, errors)


def _findings(address: str, examples: int, coverage: bool, seed: int) -> Iterator[Finding | int | str]:
    """Findings; numbers of requests that were asked; and what schemathesis could not do."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "suppress-health-check": ["all"],
            "continue-on-failure": True,
            # credentials of each kind, for operations whose schemes leave open what they look like
            "headers": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30.x"},
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "phases": {"coverage": {"enabled": coverage}},
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
        }
    )
    schema = schemathesis.openapi.from_url(address, config=config)
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            yield f"{event.label}: {event.value}"
        elif isinstance(event, events.FatalError):
            yield f"{event.exception!r}"
        elif isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            yield len(recorder.interactions)
            for case_id, checks in recorder.checks.items():
                for check in checks:
                    if check.failure_info is None:
                        continue
                    case = recorder.cases[case_id].value
                    reply = recorder.interactions[case_id].response
                    yield Finding(check.name, check.failure_info.failure, case, reply)


# --- where schemathesis and the document disagree -----------------------------------------------------------


def _is_refusal(found: Finding) -> bool:
    """The document does not say what a request gets that is refused: problem details tell the client what is
    wrong with it. To answer as if it were right would hide the mistake that a mock is there to show. What is
    the only response, `default`, is that of a success."""
    return (
        found.check in ("status_code_conformance", "content_type_conformance")
        and (found.response is None or found.responses.keys() == {"default"})
        and found.content_type == "application/problem+json"
        and (
            (found.reply.status_code in (401, 406, 415, 422) and _PRISM in found.reply.content)
            or (found.reply.status_code in (404, 409, 422) and _STATEFUL in found.reply.content)
        )
    )


_PRISM = b"https://stoplight.io/prism/errors#"
_STATEFUL = b'"type":"about:blank"'
"""What is in problem details: of what the document refuses, and of what the records refuse that there are."""


def _has_no_success(found: Finding) -> bool:
    """The document has nothing but errors for this operation: there is nothing else to answer with. Where it
    is carried out (`stateful`), the client has to be told that it was, with the success that is usual."""
    if any(status[:1] not in "45" for status in found.responses):
        return False
    if found.response is not None:
        return found.check == "positive_data_acceptance"
    is_told = found.check == "status_code_conformance" and found.reply.status_code in (200, 201, 204)
    return is_told or (found.kind == "MissingContentType" and found.reply.status_code == 204)


def _has_no_content(found: Finding) -> bool:
    """A response of Swagger 2.0 without a schema has no content ("If this field does not exist, it means no
    content is returned", Response Object), whatever `produces` lists."""
    response = found.response
    return (
        found.is_swagger
        and found.kind == "MissingContentType"
        and response is not None
        and not {"schema", "$ref"} & response.keys()
        and not found.reply.content
    )


def _is_empty(found: Finding) -> bool:
    """A query parameter may be empty only where `allowEmptyValue` says so (2.0 and 3.0 Parameter Object),
    even if its schema is fine with an empty text."""
    names = {one["name"] for one in found.parameters if not one.get("allowEmptyValue")}
    query = parse_qsl(urlsplit(found.case.as_transport_kwargs()["url"]).query, keep_blank_values=True)
    sent = found.case.query or {}
    empty = {name for name, value in query if not value} | {
        name for name, value in sent.items() if value in ("", [], [""], None)
    }
    return found.check == "positive_data_acceptance" and bool(names & empty)


def _is_no_record(found: Finding) -> bool:
    """A form that makes of a record what its own schema does not allow: Petstore's takes any `status` for a
    pet, and pets have one of three."""
    return (
        found.check == "positive_data_acceptance"
        and found.case.media_type == _FORMS[0]
        and found.reply.status_code == 422
        and b"the record does not fit its schema" in found.reply.content
    )


def _is_out_of_bounds(found: Finding) -> bool:
    """An id out of another answer is a valid one to schemathesis, even if the schema of the parameter that it
    is sent as does not have it: Petstore's orders have any `id`, and `orderId` is at most 10."""
    return (
        found.check == "positive_data_acceptance"
        and found.reply.status_code in (400, 422)
        and not all(_fits(one, found) for one in found.parameters if one["in"] == "path")
    )


def _fits(parameter: dict, found: Finding) -> bool:
    """Whether a path parameter that was sent is what its own schema asks for."""
    sent = found.case.path_parameters[parameter["name"]]
    schema = parameter if found.is_swagger else parameter["schema"]
    bounds = {key: value for key, value in schema.items() if key in ("type", "minimum", "maximum")}
    if schema.get("format") == "int64":
        bounds = {"minimum": -(2**63), "maximum": 2**63 - 1, **bounds}
    return jsonschema_rs.Draft7Validator(bounds).is_valid(sent)


def _is_optional_form(found: Finding) -> bool:
    """Parameters in `formData` that are all optional may all be missing, and with them the body; and nothing
    in Swagger 2.0 forbids others."""
    form = [one for one in found.parameters if one["in"] == "formData"]
    return (
        found.is_swagger
        and found.kind == "AcceptedNegativeData"
        and bool(form)
        and not any(one.get("required") for one in form)
        and (
            "Missing request body" in found.failure.message
            or "unexpected properties" in found.failure.message
            or "violates `additionalProperties`" in found.failure.message
        )
    )


def _has_discriminator(found: Finding) -> bool:
    """To schemathesis the discriminator chooses the schema. To OpenAPI it is a hint: it "MUST NOT change the
    validation outcome" (3.0.4 and 3.1.1, Discriminator Object), so with `oneOf` exactly one has to fit."""
    document = found.case.operation.schema.raw_schema
    content = found.operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if found.check not in ("negative_data_rejection", "positive_data_acceptance") or schema is None:
        return False
    if "discriminator" not in _resolved_text(found):
        return False
    whole = {"allOf": [schema], "components": document["components"]}
    fits = jsonschema_rs.Draft4Validator(whole).is_valid(found.case.body)
    return fits == (found.check == "negative_data_rejection")


def _is_no_body(found: Finding) -> bool:
    """A form of no fields is a body of no bytes, and the document does not ask for a body."""
    return (
        found.kind == "AcceptedNegativeData"
        and "in body" in found.failure.message
        and not found.case.body
        and not found.operation.get("requestBody", {}).get("required")
    )


def _is_empty_element(found: Finding) -> bool:
    """An empty element of XML is null, and an empty text, list or object: which was meant cannot be seen."""
    return (
        found.kind == "AcceptedNegativeData"
        and found.case.media_type in ("application/xml", "text/xml")
        and "Incorrect type" in found.failure.message
        and _has_nothing(found.case.body)
    )


def _has_nothing(value: Any) -> bool:
    """Whether something in a value is written as an empty element."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value in (None, "", {}, []) or any(map(_has_nothing, inner))


def _is_list_of_one(found: Finding) -> bool:
    """A list of one field, `tags=AAA`, cannot be told from a field that is no list."""
    properties = _form_properties(found)
    return (
        found.kind == "AcceptedNegativeData"
        and isinstance(found.case.body, dict)
        and any(
            properties.get(name, {}).get("type") == "array" and not isinstance(value, list)
            for name, value in found.case.body.items()
        )
    )


EXCEPTIONS: dict[str, Callable[[Finding], bool]] = {
    "refusal": _is_refusal,
    "no success": _has_no_success,
    "no content": _has_no_content,
    "empty": _is_empty,
    "no record": _is_no_record,
    "out of bounds": _is_out_of_bounds,
    "optional form": _is_optional_form,
    "discriminator": _has_discriminator,
    "no body": _is_no_body,
    "empty element": _is_empty_element,
    "list of one": _is_list_of_one,
}
"""What is not held against the server, and in the docstring of each why."""


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def _form_properties(found: Finding) -> dict:
    content = found.operation.get("requestBody", {}).get("content", {})
    schemas = (content.get(kind, {}).get("schema", {}) for kind in _FORMS)
    return {name: schema for one in schemas for name, schema in one.get("properties", {}).items()}


def _resolved_text(found: Finding) -> str:
    """The schemas of the request's body, with those that they refer to, as text."""
    document = found.case.operation.schema.raw_schema
    waiting, seen, text = [json.dumps(found.operation.get("requestBody", {}))], set(), ""
    while waiting:
        part = waiting.pop()
        text += part
        for name in re.findall(r'"#/components/(?:schemas|requestBodies)/([^"]+)"', part):
            if name not in seen:
                seen.add(name)
                for group in ("schemas", "requestBodies"):
                    waiting.append(json.dumps(document["components"].get(group, {}).get(name, {})))
    return text


def main(document: str, settings: str = "{}", examples: str = "5") -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(document), json.loads(settings), Path(folder), examples=int(examples))
    for finding in found.wrong:
        print(finding)
    for error in found.errors:
        print("ERROR", error)
    print(f"{found.requests} requests, {len(found.wrong)} wrong answers, exceptions: {dict(found.excepted)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
