"""The vectors of STS 531 that the engine is held to, and ways to run them."""

import json
from pathlib import Path
from typing import Any

from bot.cli.sts.decoding import decoded
from bot.cli.sts.issuing import issue
from bot.cli.sts.keys import Operator
from bot.cli.sts.lines import Answer, answers
from domain.sts.sta import StaTables

VECTORS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).with_name("vectors.jsonl")).read_text(encoding="utf-8").splitlines()
]
# Made up for the tests; a meter's tables are not these.
TABLES = StaTables(
    first=(12, 10, 8, 4, 3, 15, 0, 2, 14, 1, 5, 13, 6, 9, 7, 11),
    second=(6, 9, 7, 4, 3, 10, 12, 14, 2, 13, 1, 15, 0, 11, 8, 5),
    permutation=tuple((29 * bit + 7) % 64 for bit in range(64)),
)
KEY = {
    "ea": "11",
    "dkga": "04",
    "vk": "abababababababab949494949494949401234567",
    "pan": "600727000000000009",
    "kt": 2,
    "sgc": "201457",
    "ti": "01",
    "krn": 1,
    "bd": "14",
}


def answered(answer: Answer, *lines: dict[str, Any] | bytes, operator: Operator | None = None) -> list[dict[str, Any]]:
    """Return what is answered to the lines."""
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return [json.loads(line) for line in answers(raw, answer, operator or Operator(TABLES))]


def issued(line: dict[str, Any], operator: Operator | None = None) -> dict[str, Any]:
    """Return what `sts issue` answers to one line."""
    return answered(issue, line, operator=operator)[0]


def read(line: dict[str, Any], operator: Operator | None = None) -> dict[str, Any]:
    """Return what `sts decode` answers to one line."""
    return answered(decoded, line, operator=operator)[0]
