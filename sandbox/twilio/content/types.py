"""The types of prepared messages, and what each of their fields may hold."""

from collections.abc import Callable
from typing import Any

TEXT, MEDIA = "twilio/text", "twilio/media"
QUICK_REPLY, LIST_PICKER, CALL_TO_ACTION = "twilio/quick-reply", "twilio/list-picker", "twilio/call-to-action"

MAX_IN_SESSION = 3  # quick replies that nobody approved
_MAX_TEXT = 1600
_MAX_BODY, _MAX_CALL_BODY = 1024, 640
_MAX_ID = 200
_MAX_TITLE, _MAX_ITEM, _MAX_DESCRIPTION = 20, 24, 72
_MAX_CHOICES = 10
_MAX_URLS, _MAX_PHONES = 2, 1

Measure = Callable[[str], int]


class _Form:
    """One object of a type: its fields are read here, and what is wrong with them goes into `found`."""

    def __init__(self, where: str, values: Any, measure: Measure, found: list[str]) -> None:
        self.where = where
        self._values: dict[str, Any] = values if isinstance(values, dict) else {}
        self._measure = measure
        self._found = found

    def text(self, name: str, longest: int, *, required: bool = True) -> str:
        value = self._values.get(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            self.complain(name, "is required")
            return ""
        if self._measure(value) > longest:
            self.complain(name, f"has {self._measure(value)} characters, at most {longest} are allowed")
        return value

    def texts(self, name: str, most: int) -> list[str]:
        values = self._list(name, most)
        if not all(isinstance(value, str) and value for value in values):
            self.complain(name, "holds texts")
        return [str(value) for value in values]

    def rows(self, name: str, most: int) -> list["_Form"]:
        values = self._list(name, most)
        return [_Form(f"{self.where}.{name}[{n}]", row, self._measure, self._found) for n, row in enumerate(values)]

    def one_of(self, name: str, wanted: tuple[str, ...], default: str) -> str:
        value = self._values.get(name) or default
        if value not in wanted:
            self.complain(name, f"is one of {', '.join(wanted)}")
        return str(value)

    def differ(self, name: str, values: list[str]) -> None:
        if len(set(values)) < len(values):
            self.complain(name, "differs from one to the next")

    def complain(self, name: str, what: str) -> None:
        self._found.append(f"{self.where}.{name} {what}")

    def _list(self, name: str, most: int) -> list[Any]:
        values = self._values.get(name)
        if not isinstance(values, list) or not values:
            self.complain(name, "is required")
            return []
        if len(values) > most:
            self.complain(name, f"holds {len(values)}, at most {most} are allowed")
        return values


def _text(form: _Form) -> None:
    form.text("body", _MAX_TEXT)


def _media(form: _Form) -> None:
    form.text("body", _MAX_TEXT, required=False)
    form.texts("media", _MAX_CHOICES)


def _quick_reply(form: _Form) -> None:
    form.text("body", _MAX_BODY)
    rows = form.rows("actions", _MAX_CHOICES)
    for row in rows:
        row.one_of("type", ("QUICK_REPLY",), "QUICK_REPLY")
    form.differ("actions.title", [row.text("title", _MAX_TITLE) for row in rows])
    form.differ("actions.id", [row.text("id", _MAX_ID) for row in rows])


def _list_picker(form: _Form) -> None:
    form.text("body", _MAX_BODY)
    form.text("button", _MAX_TITLE)
    rows = form.rows("items", _MAX_CHOICES)
    for row in rows:
        row.text("item", _MAX_ITEM)
        row.text("description", _MAX_DESCRIPTION, required=False)
    form.differ("items.id", [row.text("id", _MAX_ID) for row in rows])


def _call_to_action(form: _Form) -> None:
    form.text("body", _MAX_CALL_BODY)
    kinds = []
    for row in form.rows("actions", _MAX_URLS + _MAX_PHONES):
        kind = row.one_of("type", ("URL", "PHONE_NUMBER"), "")
        row.text("title", _MAX_TITLE)
        row.text("phone" if kind == "PHONE_NUMBER" else "url", 2000)
        kinds.append(kind)
    if kinds.count("URL") > _MAX_URLS or kinds.count("PHONE_NUMBER") > _MAX_PHONES:
        form.complain("actions", f"are at most {_MAX_URLS} addresses and {_MAX_PHONES} telephone number")


# Richest first: the first that a channel can show is what it shows.
CHECKS: dict[str, Callable[[_Form], None]] = {
    LIST_PICKER: _list_picker,
    QUICK_REPLY: _quick_reply,
    CALL_TO_ACTION: _call_to_action,
    MEDIA: _media,
    TEXT: _text,
}


def complaints(kind: str, document: Any, measure: Measure) -> list[str]:
    """What is wrong with one type; `measure` tells how long a text is."""
    found: list[str] = []
    CHECKS[kind](_Form(f"types.{kind}", document, measure, found))
    return found


def session_complaints(kind: str, document: dict[str, Any]) -> list[str]:
    """What an unapproved message may not have, not even within the 24 hours."""
    actions = document.get("actions") or []
    if kind == QUICK_REPLY and len(actions) > MAX_IN_SESSION:
        return [f"{len(actions)} quick replies, at most {MAX_IN_SESSION} without approval"]
    if kind == CALL_TO_ACTION and (len(actions) > 1 or actions[0]["type"] != "URL"):
        return ["without approval there is one button, with an address"]
    return []


def richest(types: dict[str, Any]) -> str:
    return next(kind for kind in CHECKS if kind in types)
