"""Documents that a command is given, from files and from the web."""

import base64

import pytest

from understudy import ConfigError
from understudy.cli.documents import read_spec

SPEC = "openapi: 3.1.0\npaths: { /a: { $ref: parts/a.yaml } }"
PART = "get: { responses: { '204': {} } }"


def _served(path, text):
    return {
        "path": path,
        "base64": base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode(),
    }


def test_a_file_and_those_beside_it(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "api.yaml").write_text(SPEC)
    (tmp_path / "parts" / "a.yaml").write_text(PART)

    found = read_spec(str(tmp_path / "api.yaml"))

    assert [one.method for one in found.api.operations] == ["GET"]


def test_an_address(serve):
    server = serve(
        {
            "endpoints": [
                _served("/docs/api.yaml", SPEC),
                _served("/docs/parts/a.yaml", PART),
                _served("/latin.yaml", b"openapi: \xff"),
            ]
        }
    )

    assert [one.method for one in read_spec(f"{server.url}/docs/api.yaml").api.operations] == ["GET"]
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_spec(f"{server.url}/latin.yaml")
    with pytest.raises(ConfigError, match="404"):
        read_spec(f"{server.url}/none")


def test_a_file_leads_to_the_web_only_if_it_is_allowed_to(serve, tmp_path):
    server = serve({"endpoints": [_served("/docs/parts/a.yaml", PART)]})
    file = tmp_path / "api.yaml"
    file.write_text(SPEC.replace("parts/", f"{server.url}/docs/parts/"))

    assert read_spec(str(file)).api.operations == ()
    assert len(read_spec(str(file), remote=True).api.operations) == 1


def test_what_is_no_document(tmp_path):
    with pytest.raises(ConfigError, match="this is a folder"):
        read_spec(str(tmp_path))
    with pytest.raises(ConfigError, match=r"missing\.yaml"):
        read_spec(str(tmp_path / "missing.yaml"))
