"""Takes the picture of a report that pages show: `python docs/picture_report.py`, with Chromium installed.

Two clients as people have them ask a flaky server; what the report says of them is drawn as it is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from understudy import MockServer

PICTURE = Path(__file__).parent / "report.png"
CONFIG = {
    "endpoints": [
        {
            "path": "/stock",
            "faults": [
                {"kind": "error", "status": 503, "when": {"first": 3, "per": "header:User-Agent"}},
                {"kind": "latency", "ms": 40},
            ],
            "response": {"stock": 3},
        },
        {
            "path": "/pay",
            "method": "POST",
            "faults": [{"kind": "reset", "phase": "after", "when": {"first": 1}}],
            "response": {"paid": True},
        },
    ]
}


def main() -> int:
    """Write the picture; 1 without a browser."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("Chromium is needed: apt install chromium", file=sys.stderr)
        return 1
    with MockServer(CONFIG, seed=1) as server, tempfile.TemporaryDirectory() as folder:
        with requests.Session() as session:
            retry = Retry(5, status_forcelist=[503], allowed_methods=None)
            session.mount("http://", HTTPAdapter(max_retries=retry))
            session.get(f"{server.url}/stock")
            session.post(f"{server.url}/pay", json={"amount": 5})
        with httpx.Client(base_url=server.url) as client:
            _patient(client)
        page = Path(folder) / "report.html"
        page.write_text(requests.get(f"{server.url}/__report?format=html", timeout=10).text)
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--window-size=1000,1750",
        ]
        subprocess.run(  # noqa: S603 - nothing in it comes from outside
            [browser, *options, f"--screenshot={PICTURE}", page.as_uri()], check=True
        )
    print(f"wrote {PICTURE.name}")
    return 0


@tenacity.retry(wait=tenacity.wait_exponential(multiplier=0.1), stop=tenacity.stop_after_attempt(6))
def _patient(client: httpx.Client) -> None:
    client.get("/stock").raise_for_status()


if __name__ == "__main__":
    sys.exit(main())
