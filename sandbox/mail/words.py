"""What the pages say, in both languages."""

from typing import Any

from flask import request, url_for

_WORDS = {
    "title": ("صندوق بريد التجربة", "The sandbox's mailbox"),
    "caught": ("هنا كل بريد ترسله الخدمة. لا يصل شيء منه إلى أحد.", "Every mail that the service sends. None leaves."),
    "none_yet": ("لا بريد بعد", "No mail yet"),
    "from": ("من", "From"),
    "to": ("إلى", "To"),
    "all": ("كل البريد", "All mails"),
    "text": ("النص", "Text"),
    "html": ("الصفحة", "HTML"),
    "attachments": ("المرفقات", "Attachments"),
    "source": ("المصدر", "Source"),
    "no_subject": ("بلا عنوان", "No subject"),
    "other_language": ("English", "العربية"),
}


def words_of() -> dict[str, Any]:
    """What every template may use. Arabic, unless English is asked for."""
    asked = request.args.get("lang") or request.accept_languages.best_match(["ar", "en"]) or "ar"
    place = 1 if asked == "en" else 0
    lang, other = ("ar", "en") if place == 0 else ("en", "ar")
    here = url_for(request.endpoint or "pages.inbox", lang=other, **(request.view_args or {}))
    return {
        "lang": lang,
        "direction": "rtl" if lang == "ar" else "ltr",
        "other_lang": other,
        "other_url": here,
        "t": {name: texts[place] for name, texts in _WORDS.items()},
    }
