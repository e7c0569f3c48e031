"""Of what is urgent staff is told by e-mail, once until somebody has read it."""

from flask import Flask

from bot.channels.contents import Contents
from bot.jobs.alerting import mail_all
from bot.jobs.worker_services import WorkerServices
from bot.noticing import KINDS, told_in
from bot.services import Services
from domain.ids import new_id
from domain.notifications import CRITICAL, WARNING, notify
from locales.catalogue import LANGUAGES, catalogue
from tests.api.people import Asker, employed
from tests.chat import mails_sent
from tests.noor import Noor


def test_the_urgent_ones_are_mailed_once(app: Flask, noor: Noor, mailing: WorkerServices, agent: Asker) -> None:
    for role in ("admin", "viewer"):
        employed(mailing.door, noor.business_id, role, password=True)
    sender = ("sender", new_id())
    with mailing.door.for_business(noor.business_id) as session:
        notify(session, noor.business_id, "sender_paused", CRITICAL, {}, sender)
        notify(session, noor.business_id, "sender_at_risk", WARNING, {}, sender)
    assert (mail_all(mailing), mail_all(mailing)) == (1, 0)
    with mailing.door.for_business(noor.business_id) as session:
        notify(session, noor.business_id, "sender_paused", CRITICAL, {}, sender)
    assert mail_all(mailing) == 0
    (mail,) = mails_sent(app)
    assert mail.status == "queued"
    assert "/console/notifications" in mail.text
    (notified,) = agent.gets("/notifications", severity="critical", kind="sender_paused")["items"]
    assert notified["times"] == 2
    assert agent.gets("/notifications", severity="info")["items"] == []


def test_where_no_mails_are_sent_nothing_is(
    app: Flask, noor: Noor, mailing: WorkerServices, services: Services
) -> None:
    with mailing.door.for_business(noor.business_id) as session:
        notify(session, noor.business_id, "sender_paused", CRITICAL, {})
    silent = WorkerServices(
        services.settings,
        services.door,
        services.redis,
        services.bell,
        services.accounts,
        Contents(services.door),
        None,
    )
    assert mail_all(silent) == 0


def test_every_kind_has_its_words() -> None:
    for language in LANGUAGES:
        assert all(catalogue(language).has(told_in(kind, 1, {}).key) for kind in KINDS)
    assert {told_in(kind, 1, {}).key for kind in KINDS} == {f"notice.{kind}" for kind in KINDS}
