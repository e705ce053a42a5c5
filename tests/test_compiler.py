import subprocess
import sys

import pytest

from understudy import ConfigError
from understudy.build import build
from understudy.compiler import FEATURES
from understudy.model import Endpoint


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


def test_the_table_of_features():
    assert len({feature.home for feature in FEATURES}) == len(FEATURES)
    for feature in FEATURES:
        assert callable(feature.add())
        assert set(feature.keys) <= set(Endpoint.__struct_fields__)


def test_a_plain_config_imports_no_feature():
    program = (
        "import sys; from understudy.build import build; build({'endpoints': [{'path': '/a'}]});"
        "print([name for name in sys.modules if name.startswith('understudy.simulate.resource')"
        " or name.startswith('understudy.simulate.oauth')"
        " or name in {'understudy.simulate.auth.jwt', 'joserfc', 'lxml', 'aiohttp'}])"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert ran.stdout.strip() == "[]"
