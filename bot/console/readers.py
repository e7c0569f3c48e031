"""Who reads a page: somebody of staff, with the one transaction in which it is made; or a guest, who signs in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy.orm import Session

from bot.api import shapes
from bot.api.calls import Call, Origin, Visitor
from bot.api.reading import validated
from bot.console.sections import operation_of
from bot.console.words import Words
from bot.problems import FieldProblem, Problem
from domain.businesses import Business

Answer = TypeVar("Answer")
Item = TypeVar("Item")

# How much a list shows at once.
PAGE_SIZE: Final = 25


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled in, and what was wrong with it."""

    values: Mapping[str, Any]
    problem: Problem

    def errors(self) -> dict[str, FieldProblem]:
        """Return what is wrong with each field."""
        return {part: one for one in self.problem.errors for part in one.field.split(".")}


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """A page of a list: its items, the address of the next page, and what was wrong with the filter."""

    items: Sequence[Item]
    next: str | None = None
    errors: Mapping[str, FieldProblem] = field(default_factory=dict)


@dataclass(slots=True)
class Guest:
    """Whoever is not signed in."""

    visitor: Visitor
    words: Words
    form: Filled | None = None
    status: int = 200

    @property
    def origin(self) -> Origin:
        """Where they come from."""
        return self.visitor.origin

    def ask(self, view: Callable[..., Answer], **given: Any) -> Answer:
        """Do what an operation of the API does that is open to everybody."""
        return view(self.visitor, **given)


@dataclass(slots=True)
class Reader:
    """Somebody of staff who is signed in."""

    call: Call
    business: Business
    words: Words
    form: Filled | None = None
    status: int = 200

    @property
    def session(self) -> Session:
        """The transaction. It sees the reader's business only."""
        return self.call.session

    def may(self, view: Callable[..., Any]) -> bool:
        """Tell whether the reader may do what an operation of the API does."""
        operation = operation_of(view)
        return self.call.principal.may(operation.role, operation.scope)

    def ask(self, view: Callable[..., Answer], **given: Any) -> Answer:
        """Do what an operation of the API does, if the reader may. Raises Problem."""
        if not self.may(view):
            raise Problem(403, "not_allowed", f"this needs the role {operation_of(view).role}")
        return view(self.call, **given)

    def listing(
        self, view: Callable[..., "shapes.Page[Item]"], asked: Mapping[str, Any] | None = None, **path: Any
    ) -> Listing[Item]:
        """Return the page of a list of the API that the address asks for, `asked` what it is filtered by."""
        given = {"limit": PAGE_SIZE, "cursor": argument("cursor"), **(arguments(view) if asked is None else asked)}
        model: Any = operation_of(view).query
        try:
            query = validated(model, {name: value for name, value in given.items() if value is not None})
            return self.listed(self.ask(view, query=query, **path))
        except Problem as problem:
            return self.refused(problem)

    def listed(self, found: "shapes.Page[Item]") -> Listing[Item]:
        """Return a page of the API as a page of a list here."""
        return Listing(found.items, _further(found.next_cursor) if found.next_cursor else None)

    def refused(self, problem: Problem) -> Listing[Any]:
        """Return an empty list that says what was wrong with its filter. Raises what else the problem is."""
        if problem.status != 422:
            raise problem
        self.status = 422
        return Listing((), None, {one.field: one for one in problem.errors})


def argument(name: str) -> str | None:
    """Return what the address says of `name`, if anything. A zero is no letter of anything that could be found."""
    return request.args.get(name, "").replace("\0", "").strip() or None


def which_page(size: int) -> shapes.PageQuery:
    """Return which page of a list the address asks for. Raises Problem."""
    return validated(shapes.PageQuery, {"limit": size, "cursor": argument("cursor")})


def arguments(view: Callable[..., Any]) -> dict[str, str]:
    """Return what the address says of what a list of the API may be filtered by."""
    model: Any = operation_of(view).query
    names = set(model.model_fields) - {"limit", "cursor"}
    return {name: value for name in names if (value := argument(name)) is not None}


def _further(cursor: str) -> str:
    asked = {name: value for name, value in request.args.items() if value and name not in {"cursor", "done"}}
    return "?" + urlencode({**asked, "cursor": cursor})
