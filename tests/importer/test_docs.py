"""The page about importing knows every file and every column."""

import re
from pathlib import Path

from bot.importer.files import BUSINESS, FILES

PAGE = Path(__file__).parents[2] / "docs" / "import.md"


def test_the_page_has_every_column_and_marks_the_keys() -> None:
    rows = re.findall(r"^\| `(.+)` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {name: columns.split(", ") for name, columns in rows}
    assert told == {
        file.name: [f"**{column.name}**" if column.name in file.key else column.name for column in file.columns]
        for file in (BUSINESS, *FILES)
    }
