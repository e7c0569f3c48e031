"""Parameters of a request, where one that is missing reads as empty."""

from werkzeug.datastructures import MultiDict


class Fields:
    def __init__(self, values: "MultiDict[str, str]") -> None:
        self._values = values

    def get(self, name: str) -> str:
        return self._values.get(name, "")

    def getlist(self, name: str) -> list[str]:
        return self._values.getlist(name)

    def first_values(self) -> dict[str, str]:
        return self._values.to_dict()
