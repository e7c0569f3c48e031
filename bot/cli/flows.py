"""`raseed flows`: the conversations."""

from pathlib import Path

import click

from flows.diagram import page


@click.group()
def flows() -> None:
    """The conversations."""


@flows.command()
@click.option("--output", default="docs/flows.md", show_default=True, help="The file to write; - for standard output.")
def diagram(output: str) -> None:
    """Draw every flow as a Mermaid diagram, from the declarations that make it run.

    Example: raseed flows diagram --output -
    """
    if output == "-":
        click.echo(page(), nl=False)
        return
    try:
        Path(output).write_text(page(), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error
    click.echo(f"Drawn into {output}.")
