import pytest

from understudy import ConfigError
from understudy.build import build
from understudy.compiler import FEATURES


def test_problems_of_all_features_at_once():
    config = {
        "endpoints": [
            {
                "path": "/a",
                "match": {"query": {"x": {"matches": "("}}},
                "state": {"set": {"v": "{{ nonsense }}"}},
                "responses": [{"match": {"client": "here"}}],
            }
        ]
    }
    with pytest.raises(ConfigError) as caught:
        build(config)
    assert [problem.path for problem in caught.value.problems] == [
        "endpoints[0].match.query.x.matches",
        "endpoints[0].state.set.v",
        "endpoints[0].responses[0].match.client",
    ]


def test_each_feature_is_in_the_table_once():
    assert len(set(FEATURES)) == len(FEATURES)
