"""Twilio's Senders API: the WhatsApp numbers of an account, and what WhatsApp thinks of them."""

from hashlib import md5
from typing import Any

from flask import Blueprint, Flask, Response, jsonify

from sandbox.twilio.auth import signed_in
from sandbox.twilio.config import Sender
from sandbox.twilio.settings import Settings
from sandbox.twilio.world import World

_PATH = "/v2/Channels/Senders"


def register(app: Flask, world: World) -> None:
    blueprint = Blueprint("senders", __name__)

    def list_senders(account_sid: str) -> Response:
        ours = [
            one
            for one in world.directory.config.senders
            if one.account_sid == account_sid and one.channel == "whatsapp"
        ]
        meta = {"key": "senders", "page": 0, "page_size": 50, "url": _PATH, "next_page_url": None}
        return jsonify(senders=[_document(one, world.settings.values) for one in ours], meta=meta)

    blueprint.add_url_rule(_PATH, "list_senders", signed_in(world, list_senders), methods=["GET"])
    app.register_blueprint(blueprint)


def _document(sender: Sender, settings: Settings) -> dict[str, Any]:
    sid = "XE" + md5(sender.wire.encode(), usedforsecurity=False).hexdigest()
    limit = settings.messaging_limit
    properties = {"quality_rating": settings.quality_rating, **({"messaging_limit": limit} if limit else {})}
    offline = sender.address in settings.offline_senders
    return {
        "sid": sid,
        "sender_id": sender.wire,
        "status": "OFFLINE" if offline else "ONLINE",
        "properties": properties,
        "offline_reasons": [{"code": "63001", "message": "Channel authentication failed"}] if offline else None,
        "url": f"https://messaging.twilio.com{_PATH}/{sid}",
    }
