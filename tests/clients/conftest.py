import hashlib

import pytest

from tests.clients.git_server import git


@pytest.fixture
def repository(tmp_path):
    """A bare repository with some files that are worth packing; in the folder that is served."""
    work, root = tmp_path / "work", tmp_path / "served"
    git("init", "-q", "-b", "main", work)
    for number in range(5):
        (work / f"{number}.txt").write_text(f"line {number}\n" * 500)
        (work / f"{number}.bin").write_bytes(hashlib.sha512(b"%d" % number).digest() * 1000)
        git("add", ".", cwd=work)
        git("commit", "-q", "-m", f"number {number}", cwd=work)
    git("clone", "-q", "--bare", work, root / "some.git")
    git("config", "http.receivepack", "true", cwd=root / "some.git")
    return root
