"""What the engine promises every flow: a way back, a way out, and no button that acts where it was not shown."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from flask import Flask
from sqlalchemy import select, update

from bot.services import Services
from domain.conversations import Conversation
from domain.messages import Message
from domain.timers import Timer
from flows.book import COMMANDS, FLOWS
from flows.flow import Entry, Flow, Go, Reply
from flows.heard import Heard
from flows.reply import reply
from locales.text import Name, text
from tests.chat import Chat
from tests.conftest import Later
from tests.noor import SARA, Noor


class Parcel(Flow):
    """A flow of these tests: asks for a word, then to agree; lists many things; stumbles when it is told to."""

    name = "parcel"
    states = ("asking", "agreeing", "agreed", "refused", "late", "listing")
    script = (
        ("asking", "named", "agreeing"),
        ("asking", "listed", "listing"),
        ("agreeing", "end_messages", "agreed"),
        ("agreeing", "keep_messages", "refused"),
        ("agreeing", "forgotten", "late"),
        ("listing", "account", "agreeing"),
    )
    heard_choices = frozenset({"named", "listed", "forgotten"})
    timeouts: ClassVar = {"agreeing": (timedelta(minutes=10), "forgotten")}
    done: ClassVar[list[str]] = []

    def ask_asking(self) -> Reply:
        return reply(text("accounts.choose"), entries=(Entry("menu", text("menu.back")),))

    def hear_asking(self, heard: Heard) -> str | None:
        if heard.text == "boom":
            raise ZeroDivisionError
        if heard.text == "list":
            return "listed"
        self.memo["word"] = heard.text or heard.kind
        return "named" if len(heard.text) < 9000 else None

    def ask_agreeing(self) -> Reply:
        return reply(
            text("accounts.name", name=Name(self.memo["word"])),
            entries=(Entry("end_messages", text("optout.end")), Entry("keep_messages", text("optout.keep"))),
        )

    def on_end_messages(self) -> None:
        self.done.append(self.memo["word"])

    def on_account(self) -> None:
        self.memo["word"] = self.arg

    def ask_agreed(self) -> Reply:
        return reply(text("optout.ended"))

    def ask_refused(self) -> Go:
        return Go("menu")

    def ask_late(self) -> Reply:
        return reply(text("optout.kept"))

    def ask_listing(self) -> Reply:
        rows = (Entry("account", text("accounts.name", name=Name(f"Row {n}")), str(n)) for n in range(1, 26))
        return reply(text("accounts.choose"), entries=(*rows, Entry("menu", text("menu.back"))))


@pytest.fixture(autouse=True)
def parcel() -> Iterator[None]:
    """The flow stands in the book, and the word optin leads to it."""
    led = COMMANDS["optin"]
    FLOWS["parcel"], COMMANDS["optin"] = Parcel, "parcel"
    Parcel.done.clear()
    yield
    del FLOWS["parcel"]
    COMMANDS["optin"] = led


@pytest.fixture
def sara(app: Flask, noor: Noor) -> Chat:
    chat = Chat(app, SARA)
    chat.says("english")
    chat.says("notices on")
    chat.hears("Which account")
    return chat


def buttons(chat: Chat) -> list[dict[str, str]]:
    """Return the buttons or list rows of the last answer."""
    choices = chat.rows()[-1].choices
    assert choices is not None
    found: list[dict[str, str]] = choices["entries"]
    return found


def tap(chat: Chat, button: dict[str, str]) -> None:
    chat.says(button["title"], ButtonText=button["title"], ButtonPayload=button["id"])


def test_free_words_are_heard_and_commands_obeyed(sara: Chat) -> None:
    sara.says("my balance is a bird")
    sara.hears("my balance is a bird", "1. No more notices")
    sara.says("balance")
    sara.hears("Amount due")


@pytest.mark.parametrize("word", ["back", "رجوع"])
def test_back_is_the_question_before(sara: Chat, word: str) -> None:
    sara.says("bird")
    sara.says(word)
    sara.hears("Which account")
    sara.says("fish")
    sara.hears("fish")
    sara.says("1")
    sara.hears("Done.")
    sara.says(word)  # what is done is done: back leads to the menu
    sara.hears("How can we help")
    assert Parcel.done == ["fish"]


@pytest.mark.parametrize("word", ["الغاء", "إلغاء", "cancel", "exit"])
def test_a_flow_is_left_by_a_word(sara: Chat, word: str) -> None:
    sara.says("bird")
    sara.says(word)
    sara.hears("we left that", "How can we help")
    assert Parcel.done == []


def test_a_button_of_an_old_message_never_acts(sara: Chat) -> None:
    sara.says("bird")
    old = buttons(sara)
    sara.says("back")
    sara.says("fish")
    tap(sara, old[0])  # it said yes to the bird
    sara.hears("earlier message", "fish", "1. No more notices")
    assert Parcel.done == []
    new = buttons(sara)
    tap(sara, new[0])
    sara.hears("Done.")
    tap(sara, new[0])
    sara.hears("earlier message", "How can we help")
    assert Parcel.done == ["fish"]


def test_an_old_buttons_title_typed_by_whatsapp_does_not_act_either(sara: Chat) -> None:
    sara.says("bird")
    sara.says("No more notices", ButtonText="No more notices", ButtonPayload="1.end_messages")
    sara.hears("earlier message")
    assert Parcel.done == []


def test_a_menu_button_leads_where_its_word_leads_however_old_it_is(sara: Chat) -> None:
    sara.says("menu")
    old = next(button for button in buttons(sara) if button["id"].endswith(".balance"))
    sara.says("help")
    tap(sara, old)
    sara.hears("Amount due")


def test_long_lists_come_in_pages(sara: Chat) -> None:
    sara.says("list")
    sara.hears("1. Row 1", "8. Row 8", "9. More", "10. Menu")
    assert len(buttons(sara)) == 10
    sara.says("more")
    sara.hears("1. Row 9", "8. Row 16", "9. More", "10. Menu")
    sara.says("9")
    sara.hears("1. Row 17", "8. Row 24")
    sara.says("9")
    sara.hears("1. Row 25", "2. More", "3. Menu")
    sara.says("2")
    sara.hears("1. Row 1", "9. More")
    sara.says("9")
    sara.says("2")
    sara.hears("10", "1. No more notices")


@pytest.mark.parametrize(("choice", "heard"), [("1", "bird"), ("continue", "bird"), ("2", "Hello Sara")])
def test_who_left_in_the_middle_is_asked_whether_to_go_on(sara: Chat, later: Later, choice: str, heard: str) -> None:
    sara.says("bird")
    later(minutes=31)
    sara.says("hi")
    sara.hears("Continue, or start over?", "1. Continue", "2. Start over")
    sara.says("what?")
    sara.hears("didn't understand", "1. Continue")
    sara.says(choice)
    sara.hears(heard)


def test_who_comes_back_soon_or_knows_what_they_want_is_not_asked(sara: Chat, later: Later) -> None:
    sara.says("bird")
    later(minutes=29)
    sara.says("2")
    sara.hears("How can we help")
    sara.says("notices on")
    later(minutes=31)
    sara.says("balance")
    sara.hears("Amount due")
    later(days=2)
    sara.says("2")  # nothing was left half done
    sara.hears("How can we help")


def test_a_flow_that_stumbles_costs_nobody_an_answer(sara: Chat, app: Flask) -> None:
    sara.says("boom")
    sara.hears("something went wrong on our side", "How can we help")
    assert b"raseed_turns_failed_total 1.0" in app.test_client().get("/metrics").data
    sara.says("balance")
    sara.hears("Amount due")


def test_two_machines_do_not_talk_for_ever(sara: Chat, later: Later) -> None:
    said = 0
    for _ in range(90):
        later(seconds=1)
        sara.says("I am out of office")
        said += len(sara.answers)
    assert 60 < said < 90
    assert "faster than we can read" in sara.rows()[-1].text
    later(minutes=10)
    sara.says("menu")
    sara.hears("How can we help")


def test_a_carrier_word_is_obeyed_however_fast_it_comes(app: Flask, noor: Noor) -> None:
    chat = Chat(app, SARA, "sms")
    for _ in range(70):
        chat.says("hello")
    chat.says("STOP")
    services: Services = app.extensions["raseed"]
    with services.door.for_every_business() as session:
        assert session.scalars(select(Conversation.opted_out_at)).one() is not None


def test_a_timer_speaks_when_nobody_else_does(sara: Chat, later: Later, fire: Callable[[], int]) -> None:
    sara.says("bird")
    assert fire() == 0
    later(minutes=11)
    assert fire() == 1
    assert "Nothing has changed" in sara.rows()[-1].text
    assert fire() == 0


def test_a_timer_is_silent_when_the_conversation_has_moved_on(
    sara: Chat, later: Later, fire: Callable[[], int], services: Services
) -> None:
    sara.says("bird")
    sara.says("back")
    said = len(sara.rows())
    later(minutes=11)
    fire()
    assert len(sara.rows()) == said
    with services.door.for_every_business() as session:
        assert session.scalars(select(Timer)).all() == []


def test_a_state_that_a_deploy_has_dropped_begins_again(sara: Chat, services: Services, capsys: Any) -> None:
    for word, heard in (("1", "How can we help"), ("balance", "Amount due")):
        sara.says("notices on")
        with services.door.for_every_business() as session:
            session.execute(update(Conversation).values(state="gone"))
        sara.says(word)
        sara.hears("let us begin again", heard)


def test_a_letter_of_ten_thousand_characters_is_no_trouble(sara: Chat, services: Services) -> None:
    letter = "كلمة " * 2000
    sara.says(letter)
    sara.hears("didn't understand", "Which account")
    with services.door.for_every_business() as session:
        assert session.scalar(select(Message.text).where(Message.text == letter)) == letter
