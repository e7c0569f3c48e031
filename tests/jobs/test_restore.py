"""After a restore from a backup: what was sent since is not sent again, and what people wrote since is not lost."""

from collections.abc import Callable

from click.testing import CliRunner
from sqlalchemy import text

from bot.cli.db import db
from bot.jobs.doubts import settle_older_than
from bot.jobs.outbox import send_all
from bot.jobs.worker_services import WorkerServices
from tests.jobs.conftest import Phone
from tests.jobs.saying import Says
from tests.noor import OMAR, SARA

Do = Callable[[], None]

# As it was before they were sent.
_AS_IN_THE_BACKUP = """
UPDATE message SET status = 'queued', provider_sid = NULL, accepted_at = NULL, sent_at = NULL, delivered_at = NULL,
                   attempts = 0, claimed_at = NULL
"""


def test_what_was_sent_since_the_backup_is_not_sent_again(
    phone: Phone, says: Says, send: Do, workers: WorkerServices, environment: dict[str, str]
) -> None:
    phone.fault("callback", "drop")
    for kind in ("notice", "campaign"):
        says(SARA, f"a {kind} that was sent", kind=kind, channels=("sms",))
        says.let_pass(10)
        send()
    with workers.door.for_every_business() as session:
        session.execute(text(_AS_IN_THE_BACKUP))
    for kind in ("notice", "campaign"):
        says(OMAR, f"a {kind} that waited", kind=kind, channels=("sms",))
    done = CliRunner().invoke(db, ["restored"], env=environment)
    assert done.output.strip() == "4 messages are in doubt; the workers settle them by what Twilio has."
    assert send_all(workers, 5)
    assert len(phone.received()) == 2
    settle_older_than(workers, 0)
    says.let_pass(10)
    send()
    says.let_pass(10)
    send()
    assert [row.status for row in says.rows()] == ["accepted"] * 4
    assert sorted(one["body"] for one in phone.received()) == [
        "a campaign that waited",
        "a campaign that was sent",
        "a notice that waited",
        "a notice that was sent",
    ]
