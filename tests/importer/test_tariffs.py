"""Tariffs from a file: blocks as they are written, and nothing changes once something was bought by it."""

from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.importer.folder import ImportRefused, import_folder
from domain.door import Door
from domain.tariffs import Tariff
from tests.importer.folders import written

HEAD = "code,valid_from,name_en,name_ar,blocks,fixed_fee\n"
HOME = f"{HEAD}HOME,2026-01-01,Home,منزلي,0:0.18;6000:0.30,5.00\n"
BUSINESS = "code,name_en,name_ar\nNOOR,Noor,النور\n"


def test_blocks_are_integers(door: Door, tmp_path: Path) -> None:
    assert import_folder(door, written(tmp_path, business=BUSINESS, tariffs=HOME)).files["tariffs.csv"].new == 1
    assert import_folder(door, written(tmp_path, business=BUSINESS, tariffs=HOME)).files["tariffs.csv"].unchanged == 1
    with door.for_every_business() as session:
        (row,) = session.scalars(select(Tariff))
    assert (row.blocks, row.fixed_fee_minor, row.mode) == ([[0, 180_000], [60_000, 300_000]], 500, "graduated")


@pytest.mark.parametrize("blocks", ["", "0.18", "10:0.18", "0:0.18;0:0.2", "0:0", "0:0.1234567", "a:b"])
def test_what_is_no_list_of_blocks_is_said(door: Door, tmp_path: Path, blocks: str) -> None:
    tariffs = f"{HEAD}HOME,2026-01-01,Home,منزلي,{blocks},5.00\n"
    with pytest.raises(ImportRefused) as refused:
        import_folder(door, written(tmp_path, business=BUSINESS, tariffs=tariffs))
    assert refused.value.problems[0].startswith("tariffs.csv:2: blocks")


def test_one_that_was_never_used_may_be_put_right(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, business=BUSINESS, tariffs=HOME))
    import_folder(door, written(tmp_path, business=BUSINESS, tariffs=HOME.replace("0.18", "0.19")))
    with door.for_every_business() as session:
        assert session.scalar(text("SELECT blocks -> 0 -> 1 FROM tariff")) == 190_000
