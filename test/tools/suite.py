"""What the suites of `./dev test` share: one result a test, and where things lie."""
import dataclasses
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("PARLANE_BUILD", ROOT / "build"))
PARC = BUILD / "bin" / "parc"


@dataclasses.dataclass
class Result:
    """One test: its name, and why it failed (empty: it passed)."""

    name: str
    why: str = ""

    @property
    def passed(self):
        return not self.why


def tracked(*patterns):
    """Files of the repository, whether or not they are committed yet, build outputs excluded."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    return sorted({ROOT / name for name in out.decode().split("\0") if name and (ROOT / name).is_file()})


def relative(path):
    return str(Path(path).relative_to(ROOT))


def first_lines(text, count=12):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return "\n".join(lines[:count])
