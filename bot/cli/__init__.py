"""The `raseed` command."""

import importlib
import sys

import click

# Imported when they are called: `sms count` and `--help` need no database, and shall not wait for one's library.
_COMMANDS = {
    "audit": ("bot.cli.audit", "audit"),
    "billing": ("bot.cli.billing", "billing"),
    "db": ("bot.cli.db", "db"),
    "doctor": ("bot.cli.doctor", "doctor"),
    "flows": ("bot.cli.flows", "flows"),
    "jobs": ("bot.cli.jobs", "jobs"),
    "import": ("bot.cli.imports", "import_command"),
    "ledger": ("bot.cli.ledger", "ledger"),
    "staff": ("bot.cli.staff", "staff"),
    "send": ("bot.cli.send", "send"),
    "templates": ("bot.cli.templates", "templates"),
    "sms": ("bot.cli.sms", "sms"),
    "sts": ("bot.cli.sts", "sts"),
}


class _Lazy(click.Group):
    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="raseed")
def raseed() -> None:
    """Chat-first customer service for utility and subscription companies.

    \b
    Examples:
      raseed db upgrade
      raseed import ./noor --dry-run
      raseed staff add huda@noor.example --role agent --business NOOR
      raseed templates sync
      raseed send +966500000101 'Works on Friday from 9 to 11.' --business NOOR
      raseed flows diagram
      raseed billing run --period 2026-10 --dry-run
      raseed ledger verify
      raseed doctor
      raseed jobs
      echo -n 'رصيدكم 50' | raseed sms count
      raseed sts issue --cls 1 --sub 0 --test 3
    """


def main() -> None:
    """Run the command. Every error is one line on standard error, and a non-zero exit."""
    from bot.errors import one_line

    try:
        raseed(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        click.echo(f"raseed: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("raseed: interrupted", err=True)
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  the edge: an operator is shown a line, never a traceback
        click.echo(f"raseed: {one_line(error)}", err=True)
        sys.exit(1)
