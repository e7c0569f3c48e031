"""`raseed sts`: tokens for prepayment meters, issued and read on the spot. Needs no service and no vendor."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import click

from bot.cli.sts.decoding import decoded
from bot.cli.sts.fields import Fields, LineError
from bot.cli.sts.issuing import issue as issued
from bot.cli.sts.keys import Operator
from bot.cli.sts.lines import Answer, answers
from domain.sts.errors import StsError, TablesError
from domain.sts.sta import sta_tables

_Command = Callable[..., None]

_KEY_OPTIONS = {
    "pan": "The meter's PAN, 18 digits.",
    "drn": "The meter's number instead, 11 or 13 digits.",
    "sgc": "Supply group code, 6 digits.",
    "krn": "Key revision number, 1 to 9.",
    "kt": "Key type, 0 to 3; 2 (unique) unless given.",
    "ti": "Tariff index, 00 to 99.",
    "bd": "Base date: 93, 14 or 35.",
    "ea": "Encryption algorithm: 07 or 11.",
    "dkga": "Decoder key generation: 02 or 04.",
    "ken": "Key expiry number, 0 to 255; never unless given.",
    "vk": "Vending key, hexadecimal. Better out of sight: STS_VENDING_KEY_<SGC>_<KRN>.",
    "dk": "Decoder key instead, hexadecimal.",
}
_TOKEN_OPTIONS = {
    "cls": "Class: 0 credit, 1 test and display, 2 management.",
    "sub": "Subclass.",
    "rnd": "Four random bits, 0 to 15; drawn unless given.",
    "tid": "Token identifier.",
    "when": "Instant of issue instead, UTC unless it has an offset.",
    "field16": "Amount or value as its 16 bits.",
    "field20": "Currency amount as its 20 bits.",
    "amount_kwh": "Amount in kWh.",
    "amount": "Amount in the service's unit, or in currency.",
    "value": "Limit in watts, register, or rate.",
    "control": "Control bits of class 1.",
    "test": "Number of a test of class 1, instead of its control bits.",
    "mfr": "Manufacturer code of class 1; 0 (every meter) unless given.",
}
_NEW = ("sgc", "krn", "kt", "ti", "bd", "ken", "vk", "dk")


def _with_options(options: Mapping[str, str]) -> Callable[[_Command], _Command]:
    made = [click.option(f"--{name.replace('_', '-')}", name, help=text) for name, text in options.items()]
    tables = click.option(
        "--ea07-tables",
        envvar="STS_EA07_TABLES",
        show_envvar=True,
        type=click.Path(path_type=Path),
        help="A JSON file with the tables S1, S2 and P of EA07, which the STS Association gives to its members.",
    )
    return lambda command: reduce(lambda done, option: option(done), reversed([*made, tables]), command)


@click.group()
def sts() -> None:
    """Tokens for prepayment meters (IEC 62055-41): issue them and read them.

    Only meters whose supply group's vending key you hold accept them.
    """


@sts.command()
@_with_options({**_TOKEN_OPTIONS, **_KEY_OPTIONS, **{f"new_{name}": f"A key change's new {name}." for name in _NEW}})
def issue(ea07_tables: Path | None, **options: str | None) -> None:
    """Issue tokens: JSON lines in, {"token": …} or {"error": …, "detail": …} out; or one token by options.

    With --cls 2, --new-… and no --sub, all tokens of a key change.

    \b
    Examples:
      raseed sts issue < requests.jsonl
      raseed sts issue --cls 1 --sub 0 --test 3
      raseed sts issue --cls 0 --sub 0 --amount-kwh 25.6 --when 2026-03-01T13:00 --drn 47001582544 \\
        --sgc 201457 --krn 1 --ti 01 --bd 14 --ea 11 --dkga 04
    """
    given = {name: value for name, value in options.items() if value is not None and not name.startswith("new_")}
    new = {name: options[f"new_{name}"] for name in _NEW if options[f"new_{name}"] is not None}
    _answer(issued, {**given, "new": new} if new else given, ea07_tables)


@sts.command()
@click.argument("token", nargs=-1)
@_with_options(_KEY_OPTIONS)
def decode(token: tuple[str, ...], ea07_tables: Path | None, **options: str | None) -> None:
    """Read tokens: JSON lines in, {"cls": …, "sub": …, …} or {"error": …, "detail": …} out; or one TOKEN.

    \b
    Examples:
      raseed sts decode < tokens.jsonl
      raseed sts decode 0000 0000 0001 5099 7584
      raseed sts decode 59386323472137426967 --pan 600727000000000009 --sgc 123457 --krn 1 --ti 01 --bd 93 \\
        --ea 11 --dkga 04
    """
    given: dict[str, object] = {name: value for name, value in options.items() if value is not None}
    _answer(decoded, {**given, "token": " ".join(token)} if token else given, ea07_tables)


def _answer(answer: Answer, given: dict[str, Any], tables: Path | None) -> None:
    operator = _operator(tables)
    if not given and sys.stdin.isatty():
        raise click.UsageError("give one token by options, or JSON lines on standard input; --help has examples")
    for line in [_one(answer, given, operator)] if given else answers(sys.stdin.buffer, answer, operator):
        click.echo(line)


def _one(answer: Answer, given: dict[str, Any], operator: Operator) -> str:
    """Return the answer to one token's options. A refusal is the command's error."""
    try:
        return json.dumps(answer(Fields(given), operator))
    except (LineError, StsError) as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal}") from None


def _operator(tables: Path | None) -> Operator:
    if tables is None:
        return Operator(environment=os.environ)
    try:
        return Operator(sta_tables(tables.read_text(encoding="utf-8")), os.environ)
    except (OSError, UnicodeDecodeError, TablesError) as error:
        raise click.ClickException(f"STS_EA07_TABLES: {tables}: {_why(error)}") from None


def _why(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
