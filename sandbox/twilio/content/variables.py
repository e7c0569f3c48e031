"""The {{n}} in prepared messages: found, measured, filled."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.twilio.errors import ApiError

_PLACE = re.compile(r"\{\{([A-Za-z0-9_]+)\}\}")


def texts_in(value: Any) -> Iterator[str]:
    """Every text, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)


def names_in(value: Any) -> list[str]:
    """The variables used anywhere in there, each once, in order."""
    return list(dict.fromkeys(name for text in texts_in(value) for name in _PLACE.findall(text)))


def is_malformed(text: str) -> bool:
    """Braces that are no variable, such as {{}} or {{1}."""
    return "{{" in (bare := _PLACE.sub("", text)) or "}}" in bare


def fixed_length(text: str) -> int:
    """Characters that are there whatever the variables say."""
    return len(_PLACE.sub("", text))


def fill(value: Any, values: Mapping[str, str]) -> Any:
    """The same with every variable replaced, once: what a value says is never read for variables again."""
    if isinstance(value, str):
        return _PLACE.sub(lambda match: values[match[1]], value)
    if isinstance(value, Mapping):
        return {name: fill(part, values) for name, part in value.items()}
    if isinstance(value, list):
        return [fill(part, values) for part in value]
    return value


def given_values(text: str) -> dict[str, str]:
    """ContentVariables as they came; raises 21656 unless they are a JSON object of texts, none of them empty."""
    if not text:
        return {}
    try:
        values = json.loads(text)
    except ValueError as exc:
        raise ApiError(21656) from exc
    if not isinstance(values, dict) or not all(isinstance(value, str) and value for value in values.values()):
        raise ApiError(21656)
    return values
