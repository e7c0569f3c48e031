"""Moyasar's test cards, and what becomes of a payment with each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    number: str
    company: str
    code: str  # what the bank answers
    message: str
    label_en: str
    label_ar: str

    @property
    def is_good(self) -> bool:
        return self.code == "00"

    @property
    def masked(self) -> str:
        return f"{self.number[:4]}-{self.number[4:6]}XX-XXXX-{self.number[-4:]}"


CARDS = (
    Card("4201320111111010", "mada", "00", "APPROVED", "pays", "تدفع"),
    Card("4201320000311101", "mada", "51", "INSUFFICIENT FUNDS", "insufficient funds", "الرصيد غير كافٍ"),
    Card("4201321234411220", "mada", "05", "DECLINED", "declined", "مرفوضة"),
    Card("4201320131000508", "mada", "41", "LOST CARD", "lost card", "بطاقة مفقودة"),
    Card("4201322267774310", "mada", "54", "EXPIRED CARD", "expired card", "بطاقة منتهية"),
    Card("4201326324640570", "mada", "61", "EXCEEDS WITHDRAWAL LIMIT", "over the limit", "تجاوزت الحد"),
    Card("4111118250252531", "visa", "91", "3DS UNAVAILABLE", "3-D Secure unavailable", "التحقق غير متاح"),
)
_OTHER = Card("0000000000000000", "visa", "05", "DECLINED", "declined", "مرفوضة")


def card(number: str) -> Card:
    """The card with this number; any other one fails."""
    return next((one for one in CARDS if one.number == number), _OTHER)
