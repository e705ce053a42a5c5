import msgspec
import pytest

from understudy import ConfigError
from understudy.build import build
from understudy.model import Expect, ReportSettings


def problem(config):
    with pytest.raises(ConfigError) as caught:
        build(config)
    [found] = caught.value.problems
    return found


def test_both_are_keys_of_the_config():
    config = build({"expect": {"max_attempts": 3}, "report": {"client": "header:X-Client"}}).loaded.config
    assert config.expect == Expect(max_attempts=3)
    assert config.report == ReportSettings(client="header:X-Client")


def test_nothing_is_expected_by_default():
    assert msgspec.to_builtins(Expect()) == {}


@pytest.mark.parametrize(
    ("config", "path", "words"),
    [
        ({"expect": {"timeout_s": [2, 1]}}, "expect.timeout_s", "write [1, 2]"),
        ({"expect": {"backoff": "quadratic"}}, "expect.backoff", ""),
        ({"expect": {"max_attempts": 0}}, "expect.max_attempts", ""),
        ({"expect": {"attempts": 3}}, "expect.attempts", ""),
        ({"report": {"client": "agent"}}, "report.client", "is not one of client, header:NAME"),
        ({"report": {"idempotent": ["graphql"]}}, "report.idempotent[0]", 'write "/graphql"'),
        ({"report": {"idempotent": ["/a/{id"]}}, "report.idempotent[0]", 'a "{" has no "}"'),
    ],
)
def test_mistakes(config, path, words):
    found = problem(config)
    assert found.path == path
    assert words in found.message


def test_other_names_are_understood():
    assert problem({"expect": {"attempts": 3}}).suggestion == '"max_attempts"'
    assert problem({"expect": {"circuit_breaker": True}}).suggestion == '"breaker"'
    assert problem({"expected": {}}).suggestion == '"expect"'
