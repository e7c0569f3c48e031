"""The page that tells how to add a flow is true: what it says is done to a copy, and the copy is tried."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.catalogues import ROOT

BLOCK = re.compile(r"^```(python|diff|po) file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("benchmarks", "bot", "docs", "domain", "flows", "locales", "migrations", "sandbox", "tests")


def put_in(text: str, diff: str) -> str:
    """Return `text` with the added lines of a diff put after the line that stands before them there."""
    kept, added = ("\n".join(line[1:] for line in diff.splitlines() if line.startswith(sign)) for sign in (" ", "+"))
    assert text.count(f"{kept}\n") == 1, kept
    return text.replace(f"{kept}\n", f"{kept}\n{added}\n")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project in which the page was followed to the letter."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for kind, name, body in BLOCK.findall((ROOT / "docs" / "add-a-flow.md").read_text(encoding="utf-8")):
        file = tmp_path / name
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        after = {"python": body, "po": f"{before}\n{body}"}.get(kind) or put_in(before, body)
        file.write_text(after, encoding="utf-8")
    return tmp_path


def run(copy: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_flow_of_the_page_works(copy: Path) -> None:
    assert "whole in 2 languages" in run(copy, "tests.catalogues")
    run(copy, "bot.cli", "flows", "diagram")
    assert "callback" in (copy / "docs" / "flows.md").read_text(encoding="utf-8")
    plain = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    run(copy, *plain, "tests/golden", "--golden", "-k", "callback")
    transcript = copy / "tests" / "golden" / "transcripts" / "callback.en.sms.txt"
    assert "Noted. We will call you." in transcript.read_text(encoding="utf-8")
    run(copy, *plain, "tests/conversations/test_callback.py", "tests/structure/test_flows.py", "tests/golden")
