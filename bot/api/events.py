"""Live events: what changes, told as it happens by a process of its own (bot/live/)."""

from typing import Final
from urllib.parse import urlencode

from flask import Response, request
from pydantic import Field, field_validator

from bot.api.calls import Call
from bot.api.routes import Resource
from bot.api.shapes import Shape
from bot.live.admitting import Admitted, make_pass
from bot.problems import Problem
from domain.listening import TOPICS
from domain.staff import VIEWER

events = Resource("events", "Live events: what changes, told as it happens.")

_PATH: Final = "/api/v1/events"
_ALL: Final = ",".join(TOPICS)


class EventsQuery(Shape):
    """To which topics to listen, separated by commas; and the id of the last event that was heard, after a break."""

    topics: str = Field(_ALL, max_length=200)
    last_event_id: str | None = Field(None, max_length=60)

    @field_validator("topics")
    @classmethod
    def _known(cls, value: str) -> str:
        if not set(value.split(",")) <= set(TOPICS):
            raise ValueError(f"topics are {', '.join(TOPICS)}, separated by commas")
        return value


@events.get(
    "/events",
    role=VIEWER,
    query=EventsQuery,
    answer=None,
    also="text/event-stream",
    status=307,
    problems={503: "No proxy leads this path to the process that tells events, and EVENTS_BASE_URL is not set."},
)
def show_events(call: Call, query: EventsQuery) -> Response:
    """Listen to what changes, as server-sent events. Follow the redirection, if there is one.

    An event is a hint: its data names the topic and what changed, such as {"topic": "messages", "message": …,
    "conversation": …, "status": …}, or {"many": true}. After `reload` anything may have changed. A line that begins
    with a colon comes every fifteen seconds. Who reads too slowly is let go, and may come back with `Last-Event-ID`.
    """
    base = call.services.settings.events_base_url
    if base is None:
        raise Problem(503, "served_elsewhere", "the process that tells events is not reached by this path")
    admitted = Admitted(call.business_id, call.principal.bearer_id)
    last_id = request.headers.get("Last-Event-ID") or query.last_event_id
    asked = {"topics": query.topics, "pass": make_pass(call.services.settings, admitted)}
    asked |= {"last_event_id": last_id} if last_id else {}
    # No body: whoever follows is told there, and whoever doesn't has been told nothing.
    return Response(status=307, headers={"Location": f"{base}{_PATH}?{urlencode(asked)}"}, mimetype="text/event-stream")
