from contextlib import asynccontextmanager

from tests.net.upstream.contract import LineContract
from tests.net.upstream.http1_server import served


class TestContract(LineContract):
    @asynccontextmanager
    async def connect(self, script):
        async with served(script) as line:
            yield line
