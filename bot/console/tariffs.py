"""Tariffs, as they are."""

from typing import Any

from bot.api.tariffs import list_tariffs
from bot.console.readers import Reader
from bot.console.sections import MONEY, Section

tariffs = Section()


@tariffs.page("/tariffs", title="console.tariffs", template="tariffs.html", menu=MONEY)
def tariff_list(reader: Reader) -> dict[str, Any]:
    """List tariffs by their code, each of its versions."""
    return {"found": reader.listing(list_tariffs)}
