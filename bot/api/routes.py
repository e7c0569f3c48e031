"""How the API's routes are declared: each says what it takes, what it answers, and who may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from bot.api.shapes import Shape

# The role of a route that nobody needs to sign in for.
PUBLIC: Final = "public"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: its method and path, the role it needs, what it takes and what it answers.

    `also` is another media type that its answer may have, or, without `answer`, the only one. `problems` maps the
    statuses that it has of its own, beside those that every route has, to why. `largest` is how many bytes a body may
    have, where that is more than elsewhere.
    """

    resource: str
    method: str
    path: str
    role: str
    view: Callable[..., Any]
    query: type[Shape] | None = None
    body: type[Shape] | None = None
    answer: type[Shape] | None = None
    status: int = 200
    also: str | None = None
    problems: Mapping[int, str] = field(default_factory=dict)
    largest: int | None = None

    @property
    def name(self) -> str:
        """Its name, unique in the API."""
        return self.view.__name__

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"

    @property
    def scope(self) -> str:
        """The single right that lets an API key do it."""
        return f"{self.resource}:{'write' if self.writes else 'read'}"


@dataclass(slots=True)
class Resource:
    """A part of the API, with its routes. A view is declared by one of its methods, which names the role it needs."""

    name: str
    about: str
    operations: list[Operation] = field(default_factory=list)

    def get(
        self,
        path: str,
        *,
        role: str,
        answer: type[Shape] | None,
        query: type[Shape] | None = None,
        also: str | None = None,
        status: int = 200,
        problems: Mapping[int, str] | None = None,
    ) -> Callable[[View], View]:
        """Declare a route that reads."""
        said = {"answer": answer, "query": query, "also": also, "status": status, "problems": problems or {}}
        return self._declared("GET", path, role, **said)

    def post(
        self,
        path: str,
        *,
        role: str,
        answer: type[Shape] | None,
        body: type[Shape] | None = None,
        status: int = 200,
        problems: Mapping[int, str] | None = None,
        largest: int | None = None,
    ) -> Callable[[View], View]:
        """Declare a route that does something; `answer` None is 204."""
        said = {"answer": answer, "body": body, "status": status if answer else 204, "largest": largest}
        return self._declared("POST", path, role, **said, problems=problems or {})

    def patch(
        self,
        path: str,
        *,
        role: str,
        body: type[Shape],
        answer: type[Shape],
        problems: Mapping[int, str] | None = None,
    ) -> Callable[[View], View]:
        """Declare a route that changes something."""
        return self._declared("PATCH", path, role, answer=answer, body=body, problems=problems or {})

    def delete(self, path: str, *, role: str, problems: Mapping[int, str] | None = None) -> Callable[[View], View]:
        """Declare a route that takes something away."""
        return self._declared("DELETE", path, role, status=204, problems=problems or {})

    def _declared(self, method: str, path: str, role: str, **said: Any) -> Callable[[View], View]:
        def declare(view: View) -> View:
            self.operations.append(Operation(self.name, method, path, role, view, **said))
            return view

        return declare
