"""The fields of an inbound message's webhook, by what it is."""

from typing import Any

from sandbox.twilio.model import Message

MEDIA_URL = "https://api.twilio.com/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}"


def base_form(message: Message) -> dict[str, str]:
    return {
        "AccountSid": message.account_sid,
        "ApiVersion": "2010-04-01",
        "Body": message.body,
        "From": message.sender or "",
        "MessageSid": message.sid,
        "NumMedia": str(len(message.media)),
        "NumSegments": str(message.num_segments),
        "ReferralNumMedia": "0",
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
    }


def media_form(message: Message) -> dict[str, str]:
    form = {}
    for n, media in enumerate(message.media):
        form[f"MediaContentType{n}"] = media.content_type
        form[f"MediaUrl{n}"] = MEDIA_URL.format(account=message.account_sid, message=message.sid, media=media.sid)
    return form


def kind_form(wanted: dict[str, Any], to: str) -> dict[str, str]:
    """What a tap, a place or an answer to a message adds; `to` is the company's address on the wire."""
    form: dict[str, str] = {}
    if button := wanted.get("button"):
        form |= _button_form(button)
    if item := wanted.get("list"):
        form |= _list_form(item)
    if place := wanted.get("location"):
        form |= _place_form(place)
    if wanted.get("reply_to"):
        form |= {"OriginalRepliedMessageSid": str(wanted["reply_to"]), "OriginalRepliedMessageSender": to}
    return form


def _button_form(button: dict[str, Any]) -> dict[str, str]:
    return {
        "ButtonText": str(button.get("text", "")),
        "ButtonPayload": str(button.get("payload", "")),
        "ButtonType": "REPLY",
        "MessageType": "button",
    }


def _list_form(item: dict[str, Any]) -> dict[str, str]:
    form = {"ListId": str(item.get("id", "")), "ListTitle": str(item.get("title", "")), "MessageType": "interactive"}
    return form | ({"ListDescription": str(item["description"])} if item.get("description") else {})


def _place_form(place: dict[str, Any]) -> dict[str, str]:
    names = ("Latitude", "Longitude", "Address", "Label")
    form = {name: str(place[name.lower()]) for name in names if place.get(name.lower()) is not None}
    return form | {"MessageType": "location"}
