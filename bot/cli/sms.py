"""`raseed sms`: about text messages."""

import json
import sys
from dataclasses import asdict

import click

from bot.channels.segments import count as count_segments


@click.group()
def sms() -> None:
    """About text messages."""


@sms.command()
def count() -> None:
    """Count the segments of standard input, taken exactly as it is.

    Example: printf 'رصيدكم 50 ريالًا' | raseed sms count
    """
    try:
        text = sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"standard input is not UTF-8: {error.reason} at byte {error.start}") from None
    click.echo(json.dumps(asdict(count_segments(text))))
