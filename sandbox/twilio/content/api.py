"""Twilio's Content API, at its paths on the sandbox's own address."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.twilio.auth import signed_in
from sandbox.twilio.content.documents import approval_document, content_document, page_of, with_approval
from sandbox.twilio.content.drafting import draft
from sandbox.twilio.content.model import Content
from sandbox.twilio.errors import ApiError
from sandbox.twilio.world import World


def register(app: Flask, world: World) -> None:
    api = _Api(world)
    blueprint = Blueprint("content", __name__)
    for method, path, view in (
        ("POST", "/v1/Content", api.create_content),
        ("GET", "/v1/Content", api.list_contents),
        ("GET", "/v1/ContentAndApprovals", api.list_approvals),
        ("GET", "/v1/Content/<sid>", api.fetch_content),
        ("DELETE", "/v1/Content/<sid>", api.delete_content),
        ("POST", "/v1/Content/<sid>/ApprovalRequests/whatsapp", api.create_approval),
        ("GET", "/v1/Content/<sid>/ApprovalRequests", api.fetch_approval),
    ):
        blueprint.add_url_rule(path, view.__name__, signed_in(world, view), methods=[method])
    app.register_blueprint(blueprint)


def _base() -> str:
    """Where the caller believes to be, so that it finds its way to the next page as it found this one."""
    host = request.headers.get("X-Emulated-Host")
    return f"https://{host}" if host else request.host_url.rstrip("/")


def _json_object() -> dict[str, Any]:
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        raise ApiError(20001, "The body is a JSON object")
    return data


class _Api:
    def __init__(self, world: World) -> None:
        self._world = world

    def create_content(self, account_sid: str) -> Response:
        content = draft(account_sid, _json_object(), self._world.clock)
        self._world.shelf.put(content)
        return _created(content_document(content, _base()))

    def list_contents(self, account_sid: str) -> Response:
        base = _base()
        return self._list(account_sid, base, lambda content: content_document(content, base))

    def list_approvals(self, account_sid: str) -> Response:
        return self._list(account_sid, _base(), with_approval)

    def fetch_content(self, account_sid: str, sid: str) -> Response:
        return jsonify(content_document(self._find(account_sid, sid), _base()))

    def delete_content(self, account_sid: str, sid: str) -> Response:
        self._world.shelf.remove(self._find(account_sid, sid))
        return Response(status=204)

    def create_approval(self, account_sid: str, sid: str) -> Response:
        content, data = self._find(account_sid, sid), _json_object()
        self._world.approvals.submit(content, str(data.get("name") or ""), str(data.get("category") or ""))
        return _created(approval_document(content))

    def fetch_approval(self, account_sid: str, sid: str) -> Response:
        content = self._find(account_sid, sid)
        return jsonify(
            sid=sid,
            account_sid=account_sid,
            whatsapp={"type": "whatsapp", **approval_document(content)},
            url=f"{_base()}/v1/Content/{sid}/ApprovalRequests",
        )

    def _list(self, account_sid: str, base: str, show: Callable[[Content], dict[str, Any]]) -> Response:
        mine = [content for content in self._world.shelf.all() if content.account_sid == account_sid]
        return jsonify(page_of(mine, base, request.path, request.args.to_dict(), show))

    def _find(self, account_sid: str, sid: str) -> Content:
        content = self._world.shelf.get(account_sid, sid)
        if content is None:
            raise ApiError(20404, f"The requested resource {request.path} was not found")
        return content


def _created(document: dict[str, Any]) -> Response:
    response = jsonify(document)
    response.status_code = 201
    return response
