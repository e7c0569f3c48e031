"""How many SMS segments a text takes."""

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("^{}\\[]~|€\f")
_GSM_LIMITS = (160, 153)
_UCS2_LIMITS = (70, 67)


def count_segments(text: str) -> int:
    """At least 1. A character of two units is never cut over the edge of a segment."""
    widths = _gsm_widths(text)
    single, part = _GSM_LIMITS
    if widths is None:
        widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
        single, part = _UCS2_LIMITS
    if sum(widths) <= single:
        return 1
    return _packed(widths, part)


def _gsm_widths(text: str) -> list[int] | None:
    widths = []
    for char in text:
        if char in _GSM_BASIC:
            widths.append(1)
        elif char in _GSM_EXTENSION:
            widths.append(2)
        else:
            return None
    return widths


def _packed(widths: list[int], capacity: int) -> int:
    segments, used = 1, 0
    for width in widths:
        if used + width > capacity:
            segments, used = segments + 1, 0
        used += width
    return segments
