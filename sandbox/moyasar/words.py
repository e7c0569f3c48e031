"""What the pages say, in both languages."""

from typing import Any

from flask import request, url_for

_WORDS = {
    "title_pay": ("الدفع", "Payment"),
    "title_bank": ("مصرف التجربة", "The Sandbox Bank"),
    "title_bill": ("سداد الفواتير", "Pay a SADAD bill"),
    "sandbox": ("بيئة تجربة: لا تُدفع هنا نقود", "A sandbox: no money is paid here"),
    "to_pay": ("المبلغ المطلوب", "Amount to pay"),
    "to": ("إلى", "To"),
    "for": ("عن", "For"),
    "valid_until": ("صالحة حتى", "Valid until"),
    "card": ("البطاقة", "Card"),
    "pay": ("ادفع", "Pay"),
    "fail": ("ادفع ببطاقة مرفوضة", "Pay with a card that is declined"),
    "by_sadad": ("ادفع عبر سداد", "Pay through SADAD"),
    "back": ("العودة دون دفع", "Go back without paying"),
    "back_paid": ("العودة إلى التاجر", "Back to the merchant"),
    "close": ("يمكنك إغلاق هذه الصفحة والعودة إلى المحادثة.", "You can close this page and go back to the chat."),
    "paid": ("تم الدفع", "Paid"),
    "canceled": ("أُلغيت هذه الفاتورة", "This invoice was cancelled"),
    "expired": ("انتهت صلاحية هذه الفاتورة", "This invoice has expired"),
    "refunded": ("أُعيد المبلغ", "The amount was refunded"),
    "failed": ("لم ينجح الدفع", "The payment did not go through"),
    "try_again": ("لم يُخصم شيء. جرّب مرة أخرى أو ببطاقة أخرى.", "Nothing was taken. Try again, or with another card."),
    "reference": ("رقم العملية", "Reference"),
    "secure": ("التحقق من البنك", "3-D Secure"),
    "secure_text": (
        "يطلب مصرفك أن تؤكد هذه العملية بالرمز الذي أُرسل إليك.",
        "Your bank asks you to confirm this payment with the code that it sent you.",
    ),
    "code": ("الرمز", "Code"),
    "confirm": ("أؤكد", "Confirm"),
    "refuse": ("أرفض", "Refuse"),
    "secure_done": ("انتهت هذه العملية.", "This payment is finished."),
    "biller": ("رمز المفوتر", "Biller code"),
    "biller_name": ("المفوتر", "Biller"),
    "bill_number": ("رقم الفاتورة", "Bill number"),
    "last_day": ("آخر يوم للسداد", "Last day to pay"),
    "bill_text": (
        "ادفعها من تطبيق مصرفك أو من الصراف.",
        "Pay it in your bank's app or at a cash machine.",
    ),
    "open_bank": ("افتح مصرف التجربة", "Open the sandbox bank"),
    "find": ("ابحث", "Find the bill"),
    "no_bill": ("لا توجد فاتورة بهذا الرقم لدى هذا المفوتر.", "This biller has no bill with that number."),
    "bill_paid": ("سُدِّدت الفاتورة", "The bill is paid"),
    "bill_expired": ("انتهت مدة هذه الفاتورة", "This bill has expired"),
    "bill_failed": ("هذه الفاتورة غير قابلة للسداد", "This bill can't be paid"),
    "pay_bill": ("سدِّد", "Pay the bill"),
    "another": ("فاتورة أخرى", "Another bill"),
    "other_language": ("English", "العربية"),
    "invoices": ("الفواتير", "Invoices"),
    "bills": ("فواتير سداد", "SADAD bills"),
    "notices": ("الإشعارات", "Notices"),
    "none_yet": ("لا شيء بعد", "Nothing yet"),
    "overview": ("موياسر (تجربة)", "Moyasar (sandbox)"),
    "no_answer": ("بلا جواب", "no answer"),
}
_STATES = {
    "initiated": ("تنتظر", "waiting"),
    "paid": ("مدفوعة", "paid"),
    "failed": ("فشلت", "failed"),
    "expired": ("انتهت", "expired"),
    "canceled": ("ملغاة", "cancelled"),
    "refunded": ("مستردّة", "refunded"),
    "authorized": ("محجوزة", "authorized"),
    "captured": ("محصّلة", "captured"),
}


def language() -> str:
    """Arabic, unless English is asked for."""
    asked = request.args.get("lang") or request.accept_languages.best_match(["ar", "en"]) or "ar"
    return "en" if asked == "en" else "ar"


def amount(minor: int, currency: str) -> str:
    """An amount as people read it."""
    name = {"SAR": "ريال"}.get(currency, currency) if language() == "ar" else currency
    return f"{minor / 100:,.2f} {name}"


def words_of() -> dict[str, Any]:
    """What every template may use."""
    lang = language()
    place = 0 if lang == "ar" else 1
    other = "en" if lang == "ar" else "ar"
    return {
        "lang": lang,
        "direction": "rtl" if lang == "ar" else "ltr",
        "other_lang": other,
        "t": {name: texts[place] for name, texts in _WORDS.items()},
        "state": lambda status: _STATES.get(status, (status, status))[place],
        "amount": amount,
        "label": lambda card: card.label_ar if lang == "ar" else card.label_en,
        "other_url": url_for(request.endpoint, lang=other, **_here()) if request.endpoint else "",
    }


def _here() -> dict[str, Any]:
    return {**(request.view_args or {}), **{name: value for name, value in request.args.items() if name != "lang"}}
