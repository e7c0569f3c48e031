"""What has a name in code has one in words, on the pages that show it."""

import ast
from pathlib import Path

import pytest

import bot.api
from bot.jobs.plan import PLAN
from bot.jobs.schedule import schedule
from locales.catalogue import LANGUAGES, catalogue


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_job_is_called_something(language: str) -> None:
    jobs = [job.name for job in PLAN] + [poll.name for poll in schedule()]
    assert [name for name in jobs if not catalogue(language).has(f"job.{name}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_stands_in_the_audit_log_is_called_something(language: str) -> None:
    assert len(recorded()) > 30
    assert [one for one in recorded() if not catalogue(language).has(f"action.{one.replace('.', '_')}")] == []


def recorded() -> list[str]:
    """Return what the API writes into the audit log, as it is written there."""
    calls = [
        node
        for file in Path(bot.api.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record"
    ]
    named = [node.args[0].value for node in calls if node.args and isinstance(node.args[0], ast.Constant)]
    return sorted({one for one in named if isinstance(one, str)})
