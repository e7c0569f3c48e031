"""What customers say on a tour through each flow. Together the tours ask every state there is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.golden.billing import BILLED
from tests.golden.selling import BUYER, DIGITS
from tests.noor import FORGETFUL, HUDA, OMAR, PAUSED, SARA, STRANGER


@dataclass(frozen=True, slots=True)
class Sends:
    """Something that is no words: what Twilio's form says of it."""

    what: str
    params: dict[str, str]
    body: str = ""


@dataclass(frozen=True, slots=True)
class TypesCode:
    """The newest one-time code is typed, whichever phone of the company's customers it went to."""


@dataclass(frozen=True, slots=True)
class VendorFails:
    """Nothing can be vended from now on."""


@dataclass(frozen=True, slots=True)
class Gift:
    """So much comes into the customer's wallet, in minor units."""

    minor: int


Step = str | Sends | TypesCode | VendorFails | Gift | timedelta


@dataclass(frozen=True, slots=True)
class Tour:
    """Who talks, and what they say in English and in Arabic: words, something sent, or a while that passes."""

    phone: str
    en: Sequence[Step]
    ar: Sequence[Step]
    channels: Sequence[str] = field(default=("whatsapp", "sms"))


VOICE = Sends("a voice note", {"NumMedia": "1", "MediaUrl0": "http://x/1", "MediaContentType0": "audio/ogg"})
STICKER = Sends("a sticker", {"NumMedia": "1", "MediaUrl0": "http://x/2", "MediaContentType0": "image/webp"})
FILE = Sends("a file", {"NumMedia": "1", "MediaUrl0": "http://x/3", "MediaContentType0": "application/zip"})
# One digit of the third group is another.
NEARLY = "1111 2222 3343 4444 5555"
PLACE = Sends("a location", {"Latitude": "24.7136", "Longitude": "46.6753", "Label": "Olaya"})

PHOTO = Sends("a photo", {"NumMedia": "1", "MediaUrl0": "http://x/4", "MediaContentType0": "image/jpeg"})

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
    "why": Tour(
        BILLED,
        en=["English", "why is my bill 208.71?", "another bill", "1", "agent"],
        ar=["عربي", "ليش فاتورتي عالية؟", "فاتورة أخرى", "2"],
    ),
    "why_nothing": Tour(HUDA, en=["English", "why"], ar=["عربي", "ليش الفاتورة"]),
    "reading": Tour(
        BILLED,
        en=["English", "reading", "it is on", "20500", "2", "20900.5", "reading", PHOTO, "99000", "send it anyway"],
        ar=["عربي", "قراءة العداد", "٢٠٥٠٠", "1"],
    ),
    "reading_nothing": Tour(HUDA, en=["English", "reading"], ar=["عربي", "قراءة"]),
    "reading_two": Tour(SARA, en=["English", "reading", "2", "120"], ar=["عربي", "قراءة", "1", "١٢٠"]),
    "invoices": Tour(
        SARA,
        en=[
            "English",
            "my invoices",
            "1",
            "back",
            "3",
            "all invoices",
            "2",
            "send me the pdf",
            "by e-mail",
            "all invoices",
        ],
        ar=["عربي", "فواتيري", "1", "رجوع", "3", "كل فواتيري", "2", "ارسل الفاتورة", "بالايميل", "كل فواتيري"],
    ),
    "instalments": Tour(
        SARA,
        en=[
            "English",
            "invoices",
            "1",
            "pay in instalments",
            "1",
            "yes",
            TypesCode(),
            "instalments",
            "1",
            "1",
            "yes",
            TypesCode(),
            "instalments",
            "payment",
        ],
        ar=["عربي", "تقسيط", "1", "2", "نعم", TypesCode(), "تقسيط", "1", "1", "نعم", TypesCode(), "تقسيط"],
    ),
    "no_instalments": Tour(HUDA, en=["English", "instalments"], ar=["عربي", "تقسيط"]),
    "pay": Tour(
        SARA,
        en=["English", "pay", "3", "1", "i have paid", "my invoices", "1", "1", "sadad", "my payments", "1"],
        ar=["عربي", "ابي اسدد", "3", "1", "دفعت", "فواتيري", "1", "1", "سداد", "دفعاتي", "تم الدفع"],
    ),
    "pay_from_the_wallet": Tour(
        SARA,
        en=["English", Gift(30_000), "balance", "pay", "1", "1", "yes", "pay", "1", "yes", "pay"],
        ar=["عربي", Gift(30_000), "رصيدي", "ادفع", "1", "1", "نعم", "ادفع", "1", "نعم", "ادفع"],
        channels=("whatsapp",),
    ),
    "pay_by_sms": Tour(
        SARA,
        en=[
            "English",
            Gift(30_000),
            "pay",
            "1",
            "1",
            "yes",
            "000000",
            TypesCode(),
            "pay",
            "1",
            "yes",
            TypesCode(),
            "pay",
        ],
        ar=[
            "عربي",
            Gift(30_000),
            "ادفع",
            "1",
            "1",
            "نعم",
            "٠٠٠٠٠٠",
            TypesCode(),
            "ادفع",
            "1",
            "نعم",
            TypesCode(),
            "ادفع",
        ],
        channels=("sms",),
    ),
    "top_up": Tour(
        SARA,
        en=["English", "top up", "half a riyal", "0.5", "120.50", "1", "i have paid"],
        ar=["عربي", "تعبئة المحفظة", "نصف ريال", "٠٫٥", "١٢٠٫٥٠", "1", "دفعت"],
    ),
    "no_invoices": Tour(PAUSED, en=["English", "invoices"], ar=["عربي", "فواتير"]),
    "subscription": Tour(
        SARA,
        en=["English", "my subscription", "history", "renew", "pause"],
        ar=["عربي", "اشتراكي", "ما تم على الاشتراك", "تجديد", "ايقاف مؤقت"],
    ),
    "pause": Tour(
        PAUSED,
        en=[
            "English",
            "resume",
            "yes",
            "pause",
            "20/11",
            "tomorrow",
            "25/11",
            "travelling",
            "yes",
            "my subscription",
            "resume",
            "1",
            "pause",
            "1",
            "1",
            "2",
            "1",
            "my subscription",
            "history",
        ],
        ar=[
            "عربي",
            "استئناف",
            "نعم",
            "ايقاف مؤقت",
            "٢٠/١١",
            "بكرة",
            "25 نوفمبر",
            "سفر",
            "نعم",
            "اشتراكي",
            "استئناف",
            "1",
            "ايقاف مؤقت",
            "1",
            "1",
            "2",
            "1",
            "اشتراكي",
            "السجل",
        ],
        channels=("whatsapp",),
    ),
    "pause_by_sms": Tour(
        PAUSED,
        en=["English", "resume", "yes", "000000", TypesCode(), "pause", "now", "tomorrow", "1", "yes", TypesCode()],
        ar=["عربي", "استئناف", "نعم", "٠٠٠٠٠٠", TypesCode(), "ايقاف مؤقت", "الآن", "بكرة", "1", "نعم", TypesCode()],
        channels=("sms",),
    ),
    "renew": Tour(
        SARA,
        en=["English", "renew", "payment link", "i have paid", Gift(20_000), "renew", "pay and renew"],
        ar=["عربي", "تجديد", "رابط الدفع", "دفعت", Gift(20_000), "تجديد", "نعم"],
        channels=("whatsapp",),
    ),
    "renew_by_sms": Tour(
        SARA,
        en=["English", "renew", "1", "i have paid", Gift(20_000), "renew", "1", "000000", TypesCode()],
        ar=["عربي", "تجديد", "1", "دفعت", Gift(20_000), "تجديد", "1", "٠٠٠٠٠٠", TypesCode()],
        channels=("sms",),
    ),
    "no_subscription": Tour(HUDA, en=["English", "resume", "renew"], ar=["عربي", "استئناف", "تجديد"]),
    "meter": Tour(SARA, en=["English", "my meters"], ar=["عربي", "عدادي"]),
    "settings": Tour(
        SARA,
        en=["English", "settings", "send me offers", "2", "1", "settings", "2", "settings", "3"],
        ar=["عربي", "الإعدادات", "العروض", "2", "1", "إعدادات", "2", "إعدادات", "3"],
    ),
    "privacy": Tour(SARA, en=["English", "privacy"], ar=["عربي", "الخصوصية"]),
    "which_stop": Tour(
        PAUSED,
        en=["English", "deactivate", "messages", "2", "deactivate", "2"],
        ar=["عربي", "إيقاف", "الرسائل", "2", "إلغاء", "2"],
    ),
    "leaving": Tour(OMAR, en=["English", "accounts", "leave"], ar=["عربي", "الحسابات", "إلغاء"]),
    "person": Tour(
        SARA,
        en=["English", "agent", "My invoice is wrong", "agent"],
        ar=["عربي", "موظف", "فاتورتي غير صحيحة", "موظف"],
    ),
    "report": Tour(
        SARA,
        en=["English", "report", "1", "1", "Since this morning", "send", "my tickets", "1"],
        ar=["عربي", "الإبلاغ عن عطل", "١", "البيت", "منذ الصباح", "إرسال", "بلاغاتي", "1"],
    ),
    "report_with_photo": Tour(
        SARA,
        en=["English", "report", "something else", PLACE, PHOTO, PHOTO, "back", "skip", "leave"],
        ar=["عربي", "عطل", "مشكلة أخرى", PLACE, PHOTO, PHOTO, "رجوع", "تخطي", "إلغاء"],
        channels=("whatsapp",),
    ),
    "why_is_it_off": Tour(
        PAUSED,
        en=["English", "why is my power off", "At home", "1", "skip", "change place", "At the mosque"],
        ar=["عربي", "ليش النور قاطع؟", "في البيت", "1", "تخطي", "تغيير المكان", "عند المسجد"],
    ),
    "said_at_once": Tour(
        OMAR,
        en=["English", "my lights are flickering", "back", "the meter is broken", "skip", "1"],
        ar=["عربي", "الكهرباء عندي ضعيفة", "رجوع", "العداد خربان", "تخطي", "1"],
    ),
    "person_at_night": Tour(
        OMAR,
        en=["English", timedelta(hours=10), "agent", "skip", "agent"],
        ar=["عربي", timedelta(hours=10), "اكلم حد", "تخطي", "موظف"],
    ),
    "danger": Tour(
        STRANGER,
        en=["English", "a fallen wire", "Behind the school", "Salem", "skip", "send", "my tickets", "T-1001"],
        ar=["عربي", "سلك مكشوف", "خلف المدرسة", "سالم", "تخطي", "إرسال", "بلاغاتي", "T-1001"],
    ),
    "tickets": Tour(
        SARA,
        en=["English", "my tickets", "report", "voltage", "2", "skip", "1", "1", "1", "1", "It hums, too"],
        ar=["عربي", "بلاغاتي", "بلاغ", "ضعف الكهرباء", "2", "تخطي", "1", "1", "1", "1", "وله طنين أيضًا"],
    ),
    "stranger": Tour(
        STRANGER,
        en=["English", "balance", "what number?", "1001", "new code", TypesCode()],
        ar=["عربي", "رصيدي", "أي رقم؟", "١٠٠١", "رمز جديد", TypesCode()],
    ),
    "wrong_codes": Tour(
        FORGETFUL,
        en=["English", "link my account", "1001", *["000000"] * 5, "link my account", "1 001"],
        ar=["عربي", "ربط حسابي", "1001", *["٠٠٠٠٠٠"] * 5, "ربط حسابي", "1001"],
    ),
    "other_things": Tour(
        SARA,
        en=["English", VOICE, STICKER, FILE, PLACE],
        ar=["عربي", VOICE, STICKER, FILE, PLACE],
        channels=("whatsapp",),
    ),
    "buy": Tour(
        BUYER,
        en=["English", "buy", "1", "a lot", "0.01", "60", "another amount", "50", "yes", "tokens", "2"],
        ar=["عربي", "شحن", "1", "كثير", "٠٫٠١", "٦٠", "مبلغ آخر", "٥٠", "نعم", "رموز الشحن", "2"],
        channels=("whatsapp",),
    ),
    "buy_by_sms": Tour(
        BUYER,
        en=["English", "buy 50 for المحل", "yes", "000000", TypesCode()],
        ar=["عربي", "اشحن ٥٠ للمحل", "نعم", "٠٠٠٠٠٠", TypesCode()],
        channels=("sms",),
    ),
    "buy_too_much": Tour(
        BUYER,
        en=[
            "English",
            "buy 4000 for 01412301374",
            "another amount",
            "back",
            "payment link",
            "i have paid",
            "buy 3000 for 01412301374",
            timedelta(minutes=40),
            "sadad",
            "continue",
            "sadad",
            "menu",
            "buy 10 for 01412399999",
            "البيت",
        ],
        ar=[
            "عربي",
            "اشحن ٤٠٠٠ للبيت",
            "مبلغ آخر",
            "رجوع",
            "رابط الدفع",
            "دفعت",
            "اشحن ٣٠٠٠ للبيت",
            timedelta(minutes=40),
            "سداد",
            "متابعة",
            "سداد",
            "القائمة",
            "شحن 10 للعداد 01412399999",
            "البيت",
        ],
    ),
    "no_meter_to_buy_for": Tour(
        HUDA,
        en=["English", "buy 50", "tokens", "my token does not work", "12345678901234567890"],
        ar=["عربي", "شحن ٥٠", "رموز الشحن", "الرمز ما يشتغل", "12345678901234567890"],
    ),
    "tokens": Tour(
        BUYER,
        en=[
            "English",
            "my tokens",
            "by sms too",
            "all my tokens",
            "1",
            "all my tokens",
            "token does not work",
            "1234",
            DIGITS[0],
            "report it",
        ],
        ar=[
            "عربي",
            "رموزي",
            "نصيا أيضا",
            "كل رموزي",
            "1",
            "كل رموزي",
            "الرمز لا يعمل",
            "١٢٣٤",
            DIGITS[0],
            "الإبلاغ عنه",
        ],
    ),
    "token_trouble": Tour(
        BUYER,
        en=[
            "English",
            "my token does not work",
            "99999999999999999999",
            "1234 5678 9012 3456 7890",
            "1",
            "other digits",
            NEARLY,
            "other digits",
            DIGITS[2],
        ],
        ar=[
            "عربي",
            "الرمز ما يشتغل",
            "99999999999999999999",
            "1234-5678-9012-3456-7890",
            "1",
            "أرقام أخرى",
            NEARLY,
            "أرقام أخرى",
            DIGITS[2],
        ],
    ),
    "meter_in_full": Tour(
        BUYER,
        en=["English", "my meters", "1", "balance and use", "my meters", "1", "remind me", "my meters", "1", "3"],
        ar=["عربي", "عداداتي", "1", "الرصيد والاستهلاك", "عداداتي", "1", "ذكروني", "عداداتي", "1", "3"],
    ),
    "vendor_fails": Tour(
        BUYER,
        en=["English", VendorFails(), "buy 50", "tell me"],
        ar=["عربي", VendorFails(), "شحن ٥٠", "أخبروني"],
    ),
}
