"""How the console's pages and forms are declared: each says where it is, what it is called, and who may.

A page is a function that returns what its template needs. A form does what an operation of the API does: the operation
says who may, what it takes and what is wrong with it; the form says only where it is and where it leads to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar

from flask import Response
from werkzeug.datastructures import MultiDict

from bot.api.book import RESOURCES
from bot.api.routes import PUBLIC, Operation
from domain.staff import ANYBODY

View = TypeVar("View", bound=Callable[..., Any])

# The groups of the menu, in their order.
TODAY, PEOPLE, MONEY, SYSTEM = MENU = ("today", "people", "money", "system")
EVERYBODY: Final = ANYBODY


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its path under /console, its title (a key of the catalogues), the role it needs, and how it is made.

    With `menu` it stands in that group of the menu. `live` names the topics of events that it is about, by commas.
    """

    path: str
    title: str
    role: str
    view: Callable[..., Any]
    template: str
    menu: str | None = None
    live: str | None = None

    @property
    def name(self) -> str:
        """Its name, unique in the console."""
        return self.view.__name__


Finish = Callable[[Any, Any, Mapping[str, Any]], Response]
Read = Callable[[Any, "MultiDict[str, str]"], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Form:
    """A form: the operation that it does, and the page it is on, which is shown again when something is wrong.

    Once done, `done` is said on the page named `then`. Or else `finish` makes an answer of what came of it, or names
    the template that shows it, as what is shown but once. `read` makes the operation's body of the fields where they
    are not named alike.
    """

    path: str
    operation: Operation
    on: Page
    done: str
    then: str
    finish: Finish | str | None = None
    read: Read | None = None

    @property
    def name(self) -> str:
        """Its name, unique in the console."""
        return f"{self.operation.name}_on_{self.on.name}"


@dataclass(slots=True)
class Section:
    """A part of the console, with its pages and forms."""

    pages: list[Page] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)

    def page(
        self,
        path: str,
        *,
        title: str,
        template: str,
        role: str | None = None,
        menu: str | None = None,
        live: str | None = None,
    ) -> Callable[[View], View]:
        """Declare a page. Whoever gives no role means everybody who is signed in."""

        def declare(view: View) -> View:
            self.pages.append(Page(path, title, role or EVERYBODY, view, template, menu, live))
            return view

        return declare

    def form(
        self,
        path: str,
        *,
        does: Callable[..., Any],
        on: Callable[..., Any],
        done: str = "",
        then: Callable[..., Any] | None = None,
        finish: Finish | str | None = None,
        read: Read | None = None,
    ) -> None:
        """Declare a form that does what the API's view `does`."""
        page = next(page for page in self.pages if page.view is on)
        self.forms.append(Form(path, operation_of(does), page, done, (then or on).__name__, finish, read))


def operation_of(view: Callable[..., Any]) -> Operation:
    """Return the operation of the API that a view of it serves."""
    return _operations()[view]


@cache
def _operations() -> dict[Callable[..., Any], Operation]:
    return {one.view: one for resource in RESOURCES for one in resource.operations}


def is_public(role: str) -> bool:
    """Tell whether nobody need be signed in."""
    return role == PUBLIC
