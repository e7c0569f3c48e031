"""What customers say on a tour through each flow. Together the tours ask every state there is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.noor import OMAR, PAUSED, SARA, STRANGER


@dataclass(frozen=True, slots=True)
class Sends:
    """Something that is no words: what Twilio's form says of it."""

    what: str
    params: dict[str, str]
    body: str = ""


@dataclass(frozen=True, slots=True)
class Tour:
    """Who talks, and what they say in English and in Arabic: words, something sent, or a while that passes."""

    phone: str
    en: Sequence[str | Sends | timedelta]
    ar: Sequence[str | Sends | timedelta]
    channels: Sequence[str] = field(default=("whatsapp", "sms"))


VOICE = Sends("a voice note", {"NumMedia": "1", "MediaUrl0": "http://x/1", "MediaContentType0": "audio/ogg"})
STICKER = Sends("a sticker", {"NumMedia": "1", "MediaUrl0": "http://x/2", "MediaContentType0": "image/webp"})
FILE = Sends("a file", {"NumMedia": "1", "MediaUrl0": "http://x/3", "MediaContentType0": "application/zip"})
PLACE = Sends("a location", {"Latitude": "24.7136", "Longitude": "46.6753", "Label": "Olaya"})

TOURS: dict[str, Tour] = {
    "first_contact": Tour(SARA, en=["hi", "2", "1"], ar=["مرحبا", "١", "1"]),
    "balance": Tour(SARA, en=["English", "balance", "1"], ar=["عربي", "كم رصيدي؟", "1"]),
    "paused": Tour(PAUSED, en=["English", "balance"], ar=["رصيدي"]),
    "two_accounts": Tour(
        OMAR,
        en=["English", "balance", "2", "another account", "Omar Hassan", "balance"],
        ar=["عربي", "رصيدي", "٢", "حساب آخر", "عمر حسن", "رصيدي"],
    ),
    "language": Tour(SARA, en=["language", "2"], ar=["لغة", "1"]),
    "help": Tour(SARA, en=["English", "help"], ar=["عربي", "مساعدة"]),
    "lost": Tour(SARA, en=["English", "what?", "hm", "hmm"], ar=["عربي", "ماذا", "همم", "ههه"]),
    "optout": Tour(
        SARA,
        en=["English", "no more messages", "2", "no more messages", "1", "notices on"],
        ar=["عربي", "وقف الرسائل", "2", "وقف الرسائل", "1", "استئناف الرسائل"],
    ),
    "coming_back": Tour(
        OMAR,
        en=["English", "accounts", timedelta(minutes=31), "hello", "1", timedelta(hours=2), "?", "2"],
        ar=["عربي", "الحسابات", timedelta(minutes=31), "مرحبا", "1", timedelta(hours=2), "؟", "2"],
    ),
    "leaving": Tour(OMAR, en=["English", "accounts", "leave"], ar=["عربي", "الحسابات", "إلغاء"]),
    "person": Tour(SARA, en=["English", "agent", "agent"], ar=["عربي", "موظف", "موظف"]),
    "stranger": Tour(STRANGER, en=["English", "balance"], ar=["عربي", "رصيدي"]),
    "other_things": Tour(
        SARA,
        en=["English", VOICE, STICKER, FILE, PLACE],
        ar=["عربي", VOICE, STICKER, FILE, PLACE],
        channels=("whatsapp",),
    ),
}
