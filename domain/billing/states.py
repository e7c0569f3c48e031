"""The states of a billing run and of its items: machines, and the only place that knows them."""

from typing import Final

from transitions import Machine

ASKED, RUNNING, FINISHED, WITH_EXCEPTIONS = RUN_STATES = ("asked", "running", "finished", "finished_with_exceptions")
OPEN: Final = (ASKED, RUNNING)
WAITING, BILLED, HELD, FAILED, CANCELLED = ITEM_STATES = ("waiting", "billed", "held", "failed", "cancelled")
# What keeps a meter from being billed a second time for a period.
LIVE: Final = (WAITING, BILLED, HELD, FAILED)

_RUN_STEPS: Final = (
    ("begin", (ASKED,), RUNNING),
    ("finish", (RUNNING,), FINISHED),
    ("except", (RUNNING,), WITH_EXCEPTIONS),
)
_ITEM_STEPS: Final = (
    ("bill", (WAITING,), BILLED),
    ("hold", (WAITING,), HELD),
    ("fail", (WAITING,), FAILED),
    ("retry", (HELD, FAILED), WAITING),
    ("cancel", (BILLED,), CANCELLED),
)


def _machine(states: tuple[str, ...], steps: tuple[tuple[str, tuple[str, ...], str], ...]) -> Machine:
    return Machine(
        model=None,
        states=list(states),
        transitions=[
            {"trigger": how, "source": source, "dest": to} for how, sources, to in steps for source in sources
        ],
        initial=states[0],
        auto_transitions=False,
    )


RUN_MACHINE: Final = _machine(RUN_STATES, _RUN_STEPS)
ITEM_MACHINE: Final = _machine(ITEM_STATES, _ITEM_STEPS)
# By action: the states that it may be done from.
RUN_FROM: Final = {how: sources for how, sources, _ in _RUN_STEPS}
ITEM_FROM: Final = {how: sources for how, sources, _ in _ITEM_STEPS}
