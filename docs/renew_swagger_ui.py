"""Puts Swagger UI into the package anew: `make swagger-ui`, after a change of `VERSION` in openapi/page.py.

It comes from npm, through the npm beside this Python, or else the one that is installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from understudy.openapi.page import FOLDER, VERSION

FILES = (
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-bundle.js.LICENSE.txt",
    "favicon-32x32.png",
    "LICENSE",
    "NOTICE",
)


def main() -> None:
    """Write the files, and the version into their README."""
    beside = Path(sys.executable).parent / "npm"
    npm = str(beside) if beside.exists() else "npm"
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", f"swagger-ui-dist@{VERSION}", "--silent", "--ignore-scripts"]
        name = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            command, cwd=folder, check=True, capture_output=True, text=True
        ).stdout
        with tarfile.open(Path(folder) / name.strip().splitlines()[-1]) as archive:
            for file in FILES:
                found = archive.extractfile(f"package/{file}")
                assert found is not None, f"the package has no {file}"
                (FOLDER / file).write_bytes(found.read())
                print(FOLDER / file)
    readme = FOLDER / "README.md"
    readme.write_text(
        re.sub(r"`swagger-ui-dist` [0-9.]+[0-9]", f"`swagger-ui-dist` {VERSION}", readme.read_text())
    )


if __name__ == "__main__":
    main()
