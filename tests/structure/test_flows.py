"""Every state of every flow can be reached, is said in both languages, and has a way out."""

import ast
import inspect
from importlib import import_module

import pytest

from flows.book import COMMANDS, FLOWS
from flows.diagram import page
from flows.flow import Flow
from flows.words import phrases
from locales.catalogue import LANGUAGES, catalogue
from locales.speech import Speech
from locales.text import Text
from tests.catalogues import ROOT, SAMPLES, used_keys

EVERY = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS.keys())
# Flows that no command leads to; another flow does, by name.
LED_TO = {"again", "welcome", "stranger", "lost"}
# Flows that only another one goes on to, and its module.
CARRIED_ON = {"pay_purchase": "buy", "pay_renewal": "renewing"}


@EVERY
def test_every_state_is_reachable_by_its_script(flow: type[Flow]) -> None:
    reached = {flow.states[0]}
    for _ in flow.states:
        reached |= {dest for source, _, dest in flow.script if source in reached}
    assert reached == set(flow.states)


@EVERY
def test_every_state_has_its_prompt_and_every_choice_its_words(flow: type[Flow]) -> None:
    for state in flow.states:
        assert callable(getattr(flow, f"ask_{state}"))
    for _, choice, _ in flow.script:
        # Accounts are told apart by what they are called; some choices nobody types.
        assert choice == "account" or choice in flow.heard_choices or phrases(choice)


def test_every_flow_is_led_to() -> None:
    assert set(COMMANDS.values()) | LED_TO | set(CARRIED_ON) == set(FLOWS)
    assert all(flow in _named_in(module) for flow, module in CARRIED_ON.items())
    assert _named_in("hello") | _named_in("engine") >= LED_TO


def _named_in(module: str) -> set[object]:
    source = inspect.getsource(import_module(f"flows.{module}"))
    return {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}


def test_the_page_of_flows_is_as_the_flows_are() -> None:
    """Draw it anew by `raseed flows diagram` when this fails."""
    assert (ROOT / "docs" / "flows.md").read_text(encoding="utf-8") == page()


def test_every_command_has_words_in_both_languages() -> None:
    for command in COMMANDS:
        for language in LANGUAGES:
            assert all(catalogue(language).words(f"words.{command}"))


def test_no_two_commands_share_a_word() -> None:
    said: dict[str, str] = {}
    for command in COMMANDS:
        for phrase in phrases(command):
            assert said.setdefault(phrase, command) == command, phrase


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sms", [True, False])
def test_every_text_can_be_said(language: str, sms: bool) -> None:
    speech = Speech(language, sms=sms)
    values = {name: samples[0] for name, samples in SAMPLES.items()}
    for key in used_keys():
        for count in (0, 1, 2, 3, 11, 100):
            said = speech.say(Text(key, values, count))
            assert said.strip()
            assert "{" not in said
            if sms:
                assert not any(mark in said for mark in "\u2066\u2067\u2068\u2069\u200e\u200f")
