"""The Flask application: the mailbox's pages, and the control interface."""

import datetime as dt
from email.utils import getaddresses
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, jsonify, render_template, request, send_file

from sandbox.mail.books import Books, Mail
from sandbox.mail.faults import FaultError, Faults
from sandbox.mail.reading import document, read
from sandbox.mail.words import words_of

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A mail's own HTML: nothing of it runs, and nothing is fetched from anywhere.
_LETTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
_MOST = 200
# Types that a browser may show in place; anything else is only ever downloaded.
_SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg"})


def create_app(books: Books, faults: Faults) -> Flask:
    app = Flask(__name__, static_folder="pages/files", static_url_path="/files", template_folder="pages")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    _Pages(books).register(app)
    _Control(books, faults).register(app)
    app.context_processor(words_of)
    app.add_template_filter(_clock, "clock")
    app.before_request(_keep_strangers_out)
    app.after_request(_harden)
    return app


class _Pages:
    def __init__(self, books: Books) -> None:
        self._books = books

    def register(self, app: Flask) -> None:
        blueprint = Blueprint("pages", __name__)
        blueprint.add_url_rule("/", "inbox", self.inbox)
        blueprint.add_url_rule("/mails/<int:mail_id>", "mail", self.mail)
        blueprint.add_url_rule("/mails/<int:mail_id>/html", "html", self.html)
        blueprint.add_url_rule("/mails/<int:mail_id>/source", "source", self.source)
        blueprint.add_url_rule("/mails/<int:mail_id>/attachments/<int:number>", "attachment", self.attachment)
        app.register_blueprint(blueprint)

    def inbox(self) -> str:
        return render_template("inbox.html", mails=[(one, read(one)) for one in self._books.newest_first(_MOST)])

    def mail(self, mail_id: int) -> str:
        mail = self._mail(mail_id)
        letter = read(mail)
        people = {"from": getaddresses([letter.sender]), "to": getaddresses([letter.to])}
        return render_template("mail.html", mail=mail, letter=letter, people=people)

    def html(self, mail_id: int) -> Response:
        response = Response(read(self._mail(mail_id)).html, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _LETTER_POLICY
        return response

    def source(self, mail_id: int) -> Response:
        return Response(self._mail(mail_id).raw, content_type="text/plain; charset=utf-8")

    def attachment(self, mail_id: int, number: int) -> Response:
        found = read(self._mail(mail_id)).attachments
        if number >= len(found):
            abort(404)
        one = found[number]
        shown = one.content_type in _SHOWN
        kind = one.content_type if shown else "application/octet-stream"
        return send_file(BytesIO(one.content), mimetype=kind, as_attachment=not shown, download_name=one.name)

    def _mail(self, mail_id: int) -> Mail:
        return self._books.get(mail_id) or abort(404)


class _Control:
    def __init__(self, books: Books, faults: Faults) -> None:
        self._books = books
        self._faults = faults

    def register(self, app: Flask) -> None:
        blueprint = Blueprint("control", __name__, url_prefix="/control")
        for method, path, view in (
            ("GET", "/mails", self.list_mails),
            ("GET", "/faults", self.list_faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("POST", "/reset", self.reset),
        ):
            blueprint.add_url_rule(path, view.__name__, view, methods=[method])
        app.register_blueprint(blueprint)

    def list_mails(self) -> Response:
        """{to}: the mails for this recipient, or all; the newest first."""
        to, found = request.args.get("to"), self._books.newest_first(10_000)
        return jsonify(items=[document(one) for one in found if to is None or to in one.recipients])

    def list_faults(self) -> Response:
        return jsonify(items=self._faults.documents())

    def add_fault(self) -> tuple[Response, int]:
        try:
            return jsonify(self._faults.add(_sent())), 201
        except FaultError as error:
            return jsonify(error=str(error)), 400

    def clear_faults(self) -> Response:
        self._faults.clear()
        return jsonify(ok=True)

    def reset(self) -> Response:
        self._faults.clear()
        self._books.clear()
        return jsonify(ok=True)


def _sent() -> dict[str, Any]:
    data = request.get_json(silent=True, force=True)
    return data if isinstance(data, dict) else {}


def _clock(epoch: float) -> str:
    zone = dt.timezone(dt.timedelta(hours=3))
    return dt.datetime.fromtimestamp(epoch, zone).strftime("%Y-%m-%d %H:%M")


def _keep_strangers_out() -> Response | None:
    """No web page from elsewhere may read the mails through a browser on this machine."""
    origin = request.headers.get("Origin")
    host = urlsplit(f"//{request.host}").hostname
    if host not in _LOOPBACK or (origin and urlsplit(origin).netloc != request.host):
        return Response("only from this machine\n", 403)
    return None


def _harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    return response
