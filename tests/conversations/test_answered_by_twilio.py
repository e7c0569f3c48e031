"""What Twilio understood and answered itself (Advanced Opt-Out), in whatever words and on whatever channel."""

from sqlalchemy import select

from bot.services import Services
from domain.contacts import Consent
from domain.conversations import Conversation
from tests.chat import Chat


def _talk(services: Services) -> Conversation:
    with services.door.for_every_business() as session:
        return session.scalars(select(Conversation)).one()


def _consents(services: Services) -> list[bool]:
    with services.door.for_every_business() as session:
        return list(session.scalars(select(Consent.granted).order_by(Consent.created_at)))


def test_stop_in_their_own_words_is_written_down_and_not_answered_twice(sara: Chat, services: Services) -> None:
    sara.says("english")
    sara.says("لا ترسلوا لي", OptOutType="STOP")
    assert sara.answers == []
    assert _talk(services).opted_out_at is not None
    assert _consents(services) == [False]


def test_start_brings_back_and_is_not_answered_twice(sara: Chat, services: Services) -> None:
    sara.says("english")
    sara.says("وقف", OptOutType="STOP")
    sara.says("ابدأ", OptOutType="START")
    assert sara.answers == []
    assert _talk(services).opted_out_at is None
    assert _consents(services) == [False, True]
    sara.says("balance")
    sara.hears("Amount due")


def test_help_was_given(sara: Chat) -> None:
    sara.says("english")
    sara.says("HELP", OptOutType="HELP")
    assert sara.answers == []


def test_until_start_comes_nothing_is_sent(sara: Chat, services: Services) -> None:
    sara.says("english")
    sara.says("وقف", OptOutType="STOP")
    sara.says("balance")
    assert [(row.status, row.reason) for row in sara.rows()][-1] == ("skipped", "opted_out")
    sara.says("start")
    sara.hears("notices")
