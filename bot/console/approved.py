"""Templates: what WhatsApp was asked to approve."""

from typing import Any

from bot.api.templates import list_templates
from bot.console.readers import Reader
from bot.console.sections import SYSTEM, Section

templates = Section()


@templates.page("/templates", title="console.templates", template="templates.html", menu=SYSTEM)
def template_list(reader: Reader) -> dict[str, Any]:
    """List the templates, and whether each is approved."""
    return {"found": reader.listing(list_templates)}
