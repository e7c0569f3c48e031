"""Every flow as a picture, drawn from the declarations that make it run."""

import ast
import inspect
import textwrap
from collections.abc import Iterator

from flows.book import COMMANDS, FLOWS
from flows.flow import Flow
from locales.catalogue import catalogue

_HEAD = """\
# Flows

Drawn by `raseed flows diagram` from the flows themselves. A customer may also say, anywhere, one of the words below;
`back` leads to the question before, and leaving for 30 minutes in the middle of something to the flow `again`.
Choices in *italics* are heard in free words or happen by themselves; dashed arrows lead to another flow.
"""


def page() -> str:
    """Return the page of all flows, in Markdown with Mermaid diagrams."""
    return "\n".join([_HEAD, *_words(), "", *(line for name in sorted(FLOWS) for line in _section(FLOWS[name]))])


def _words() -> Iterator[str]:
    yield "| said anywhere | leads to | for example |"
    yield "|---|---|---|"
    for command in sorted(COMMANDS):
        examples = ", ".join(catalogue(language).words(f"words.{command}")[0] for language in ("en", "ar"))
        yield f"| {command} | {COMMANDS[command]} | {examples} |"


def _section(flow: type[Flow]) -> Iterator[str]:
    yield f"## {flow.name}"
    yield ""
    yield inspect.cleandoc(flow.__doc__ or "").splitlines()[0]
    yield ""
    yield "```mermaid"
    yield "flowchart LR"
    yield from (f"    {line}" for line in _drawn(flow))
    yield "```"
    yield ""


def _drawn(flow: type[Flow]) -> Iterator[str]:
    yield f"start(( )) --> {flow.states[0]}"
    for state in flow.states:
        yield f"{state}[{_title(flow, state)}]"
    for source, choice, dest in flow.script:
        yield f'{source} -- "{_label(flow, source, choice)}" --> {dest}'
    for state in flow.states:
        for other in sorted(_leads_to(flow, state)):
            yield f"{state} -.-> to_{other}([{other}])"


def _title(flow: type[Flow], state: str) -> str:
    return f'"{state}<br/>(free words)"' if hasattr(flow, f"hear_{state}") else f'"{state}"'


def _label(flow: type[Flow], state: str, choice: str) -> str:
    wait, by_itself = flow.timeouts.get(state, (None, None))
    if wait is not None and choice == by_itself:
        return f"<i>after {wait.total_seconds() / 60:.0f} minutes</i>"
    return f"<i>{choice}</i>" if choice in flow.heard_choices else choice


def _leads_to(flow: type[Flow], state: str) -> set[str]:
    """Return the flows that `ask_<state>` names as where to go on."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(getattr(flow, f"ask_{state}"))))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = {_named(call) for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Go"}
    return {name for name in named if name is not None}


def _named(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
