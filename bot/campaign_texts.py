"""What a campaign says to each of its recipients, on each channel, in their language, with their own values."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.channels.render import LONGEST_TEXT
from bot.channels.segments import count
from bot.channels.twilio_accounts import Accounts
from domain.feeding import Going, Person, Reach
from domain.money import Money
from domain.senders import SMS, WHATSAPP
from domain.templates import Wording
from locales.speech import Speech
from locales.text import Code, Name, Value

# What may stand in a text, in braces. docs/staff-api.md tells of each.
VARIABLES: Final = ("name", "account_no", "amount_due", "due_date", "business")
_IN_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_NUMBERED: Final = re.compile(r"\{\{(\d+)\}\}")


def unknown_variables(said: str) -> list[str]:
    """Return what stands in braces and is none of VARIABLES."""
    return [name for name in _IN_BRACES.findall(said) if name not in VARIABLES]


def filled(said: str, speech: Speech, values: Mapping[str, Value]) -> str:
    """Return `said` with values in the place of its variables; what somebody has none of is left out."""

    def fill(found: re.Match[str]) -> str:
        value = values.get(found[1])
        return "" if value is None else speech.value(value)

    return _IN_BRACES.sub(fill, said)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why something can't be said on a way."""

    reason: str


class Script:
    """What one campaign says."""

    def __init__(self, going: Going, accounts: Accounts, wordings: Iterable[Wording]) -> None:
        self._going = going
        self._accounts = accounts
        self._wordings = {(one.account_sid, one.language): one for one in wordings}

    def said(self, person: Person, reach: Reach) -> dict[str, Any] | Obstacle:
        """Return what is said on a way, as a message's `ways` has it; or why nothing can be."""
        if reach.refused:
            return Obstacle(reach.refused)
        language = self._language(reach.language or person.language)
        speech = Speech(language, sms=reach.channel == SMS)
        values = _values(person, self._going, language)
        template = None
        if self._going.texts is not None:
            text = filled(self._going.texts[language], speech, values)
        else:
            wording = self._wording(reach, language)
            if wording is None:
                return Obstacle("template_not_approved")
            given = self._given(wording, speech, values)
            text = _NUMBERED.sub(lambda found: given[int(found[1]) - 1], wording.body)
            if reach.channel == WHATSAPP:
                template = {
                    "id": str(wording.id), "content_sid": wording.content_sid, "variables": given, "text": text,
                }  # fmt: skip
        if reach.channel == WHATSAPP and not reach.window_open and template is None:
            return Obstacle("window_closed")
        return self._written(reach, person.address, text, template)

    def _language(self, wanted: str) -> str:
        known = set(self._going.texts or {}) or {language for _, language in self._wordings}
        return wanted if wanted in known or not known else min(known)

    def _wording(self, reach: Reach, language: str) -> Wording | None:
        """On WhatsApp the sender's own account has to have it; by SMS it is but words."""
        if reach.channel == WHATSAPP:
            return self._wordings.get((self._accounts.sid_of(reach.account_sid_var) or "", language))
        return next((one for (_, known), one in self._wordings.items() if known == language), None)

    def _given(self, wording: Wording, speech: Speech, values: Mapping[str, Value]) -> list[str]:
        meant = self._going.variables
        return [filled(meant.get(name, f"{{{name}}}"), speech, values) or "-" for name in wording.variables]

    def _written(
        self, reach: Reach, address: str, text: str, template: dict[str, Any] | None
    ) -> dict[str, Any] | Obstacle:
        # On SMS a file is a link, as everywhere.
        media = [self._going.media_url] if self._going.media_url else []
        text = "\n".join([text, *media]) if reach.channel == SMS else text
        if len(text) > LONGEST_TEXT:
            return Obstacle("too_long")
        counted = count(text) if reach.channel == SMS else None
        return {
            "sender_id": str(reach.sender_id),
            "channel": reach.channel,
            "address": address,
            "text": text,
            "encoding": counted.encoding if counted else None,
            "segments": counted.segments if counted else None,
            "media": [] if reach.channel == SMS else [{"url": url} for url in media],
            "template": template,
        }


def _values(person: Person, going: Going, language: str) -> dict[str, Value]:
    return dict(_each_value(person, going, language))


def _each_value(person: Person, going: Going, language: str) -> Iterator[tuple[str, Value]]:
    name = (person.name_ar if language == "ar" else None) or person.name
    yield "business", Name(going.name_ar if language == "ar" else going.name_en)
    if name:
        yield "name", Name(name)
    if person.account_no:
        yield "account_no", Code(person.account_no)
        yield "amount_due", Money(person.due_minor, going.currency)
    if person.due_date:
        yield "due_date", person.due_date
