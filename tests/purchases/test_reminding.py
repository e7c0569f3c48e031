"""Who asked for it is told once when little credit is left; nobody else is."""

from sqlalchemy import select, text

from bot.jobs.low_credit import remind_all
from bot.jobs.vendor_watch import look_at
from domain.messages import Message
from tests.chat import Chat
from tests.noor import SARA
from tests.purchases.conftest import Pay
from tests.purchases.test_money import HOME, at_meter
from tests.purchases.world import Buying


def reminders(buying: Buying) -> list[str]:
    with buying.door.for_every_business() as session:
        said = select(Message.text).where(Message.kind == "notice").order_by(Message.seq)
        return [one for one in session.scalars(said) if (one and "01412301374" in one) or (one and "البيت" in one)]


def test_who_asked_is_told_once_each_time(app: object, buying: Buying, pay: Pay) -> None:
    look_at(buying.services, buying.vendor)  # which tells what the vendor can do
    assert remind_all(buying.services, buying.vendor) == 0
    sara = Chat(app, SARA)  # type: ignore[arg-type]
    for said in ("english", "my meters", "1", "remind me"):
        sara.says(said)
    sara.hears("We will write to you when little credit is left")
    assert remind_all(buying.services, buying.vendor) == 1
    assert remind_all(buying.services, buying.vendor) == 0
    assert len(reminders(buying)) == 1
    buying.top_up("1001", 5_000)
    pay(buying.asks("1001", HOME, 5_000))
    buying.vends()
    buying.box.type_in(at_meter(HOME), buying.tokens()[0].digits)
    assert remind_all(buying.services, buying.vendor) == 0  # there is enough
    buying.rule(low_credit_kwh=1000)
    assert remind_all(buying.services, buying.vendor) == 1
    with buying.door.for_every_business() as session:
        session.execute(text("UPDATE meter SET remind_low = false"))
    assert remind_all(buying.services, buying.vendor) == 0
