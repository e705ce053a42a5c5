import subprocess
import sys

import msgspec
import pytest

from understudy.model import Endpoint
from understudy.model.convert import convert

AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from understudy import MockServer

sys.setswitchinterval(1e-5)
start = Barrier(8)

def serve(_):
    start.wait()
    with MockServer({"endpoints": [{"path": "/a"}]}) as server:
        server.verify(path="/a", exactly=0)

with ThreadPoolExecutor(8) as threads:
    list(threads.map(serve, range(8)))
"""


def test_data_becomes_a_model():
    assert convert({"path": "/a", "status": 201}, Endpoint).status == 201
    with pytest.raises(msgspec.ValidationError, match="statuss"):
        convert({"path": "/a", "statuss": 201}, Endpoint)


def test_servers_that_start_at_the_same_time():
    """In a process of its own, since only the first use of a model is in danger."""
    done = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
