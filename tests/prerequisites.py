"""Node.js and Chromium for the suite: found, or installed from the system's packages when root, else one clear line.

Run as ``python -m tests.prerequisites``; prints nothing when all is there. Exit 1 says what to install.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "tests" / "npm" / "node_modules"
LOCK = ROOT / "tests" / "npm" / "package-lock.json"
# program to look for -> the system's packages that bring it
NEEDED = {("node",): ["nodejs"], ("npm",): ["npm"], ("chromium", "chromium-browser", "google-chrome"): ["chromium"]}


def missing() -> list[str]:
    """Names of the system's packages that would bring what is not there."""
    return [package for names, packages in NEEDED.items() if not any(map(shutil.which, names)) for package in packages]


def install(packages: list[str]) -> bool:
    """Install with apt as root; False where that is not possible."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {', '.join(packages)} for the browser tests …", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            return False
    return True


def node_modules() -> bool:
    """The locked packages of tests/npm, installed without running their scripts."""
    stamp, wanted = MODULES / ".installed", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    command = ["npm", "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"]
    if subprocess.run(command, cwd=LOCK.parent, check=False).returncode:
        return False
    stamp.write_text(wanted)
    return True


def main() -> int:
    lacking = missing()
    if lacking and not (install(lacking) and not missing()):
        print(
            f"The browser tests need {', '.join(lacking)}; on Debian: apt-get install {' '.join(lacking)}",
            file=sys.stderr,
        )
        return 1
    if not node_modules():
        print("The test packages could not be installed: is the network there? (tests/npm, npm ci)", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
