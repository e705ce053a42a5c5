import argparse

import pytest

from understudy.cli.target import Wrong, add_sending_arguments, sending_from


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    add_sending_arguments(parser)
    return sending_from(parser.parse_args(["--target", "http://localhost:9000/v1/", *map(str, arguments)]))


def test_options(tmp_path, monkeypatch):
    monkeypatch.setenv("MINE", "s3cret")
    file = tmp_path / "headers"
    file.write_text("# mine\n\nX-Key: ${MINE}\nx-other: b: c\n")

    found = parsed(
        "--header", "Authorization: Bearer ${MINE}", "--headers-from", file, "--secret", "a=${MINE}"
    )

    assert found.target == "http://localhost:9000/v1"
    assert found.given.headers == {
        "authorization": (b"Authorization", b"Bearer s3cret"),
        "x-key": (b"X-Key", b"s3cret"),
        "x-other": (b"x-other", b"b: c"),
    }
    assert found.given.secrets == {"a": "s3cret"}
    assert (found.timeout_s, found.rate, found.tls.verify) == (30.0, None, True)
    assert not parsed("--insecure").tls.verify


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "ftp://a"], "no address of a server"),
        (["--header", "Authorization"], "--header: write it as 'Name: value'"),
        (["--header", "A: b\nC: d"], "--header: write it as 'Name: value'"),
        (["--header", "A: ${NOT_THERE}"], "--header: the environment has no NOT_THERE"),
        (["--secret", "x"], "--secret: write it as name=value"),
        (["--timeout", "0"], "--timeout"),
        (["--rate", "-1"], "--rate"),
        (["--headers-from", "/not/there"], "/not/there cannot be read"),
    ],
)
def test_mistakes(arguments, message):
    with pytest.raises(Wrong, match=message.replace("(", r"\(")):
        parsed(*arguments)


def test_a_mistake_in_a_file_has_its_line(tmp_path):
    file = tmp_path / "headers"
    file.write_text("A: b\nwrong\n")
    with pytest.raises(Wrong, match=r"headers:2: write it"):
        parsed("--headers-from", file)
    file.write_bytes(b"\xff")
    with pytest.raises(Wrong, match="is not UTF-8"):
        parsed("--headers-from", file)
