"""JSON lines in, one JSON line out for each, whatever they hold."""

import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from bot.cli.sts.fields import Fields, LineError
from bot.cli.sts.keys import Operator
from domain.sts.errors import StsError

Answer = Callable[[Fields, Operator], dict[str, object]]


def answers(lines: Iterable[bytes], answer: Answer, operator: Operator) -> Iterator[str]:
    """Yield the line that answers each of `lines`: what `answer` returns, or `error` and `detail`."""
    for line in lines:
        try:
            said = answer(_fields(line), operator)
        except (LineError, StsError) as refusal:
            said = {"error": refusal.code, "detail": str(refusal)}
        yield json.dumps(said)


def _fields(line: bytes) -> Fields:
    try:
        said = json.loads(line.decode(), parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise LineError("json", f"this line is not JSON: {_why(error)}") from None
    if not isinstance(said, dict):
        raise LineError("json", "this line is not a JSON object")
    return Fields(said)


def _why(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON's")
