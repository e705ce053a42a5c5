"""What a user installs: the wheel has everything, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=50,
    )
    (wheel,) = tmp_path.glob("understudy-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = next(name.split("/")[0] for name in names if ".dist-info/" in name)
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
    sources = {
        str(path.relative_to(ROOT / "src")) for path in (ROOT / "src" / "understudy").rglob("*.py")
    } | {"understudy/py.typed"}
    assets = ROOT / "src" / "understudy" / "openapi" / "assets"
    sources |= {str(path.relative_to(ROOT / "src")) for path in assets.iterdir()}
    assert {name for name in names if not name.startswith(info)} == sources
    assert f"{info}/licenses/LICENSE" in names
    assert "understudy = understudy.cli:main" in entry_points
