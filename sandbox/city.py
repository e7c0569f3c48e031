"""`python -m sandbox city DIR`: a city whose meters are read, as the files that a company imports."""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

_BUSINESS: Final = (
    "code,name_en,name_ar,vat_number,accountant_email\n"
    "{code},City Power,كهرباء المدينة,310175397400003,accountant@city.example\n"
)
_SENDERS: Final = "address,channel,messages_per_second\nCITYPOWER,sms,100\n"
_TARIFFS: Final = (
    "code,valid_from,name_en,name_ar,mode,blocks,fixed_fee,minimum_charge\n"
    "HOME,2020-01-01,Home,منزلي,graduated,0:0.18;6000:0.30,10.00,15.00\n"
    "SHOP,2020-01-01,Commercial,تجاري,graduated,0:0.20;6000:0.30,20.00,0\n"
)
_STEP: Final = 5_000
# Of a thousand meters so many were not read at the last turn, and so many say what can hardly be.
_UNREAD, _ODD = 15, 3


def main(arguments: Sequence[str]) -> int:
    """Write the files. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox city", description=__doc__, epilog="example: python -m sandbox city /tmp/city"
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--meters", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=4, help="how many months were read (default: 4)")
    parser.add_argument("--code", default="CITY", help="the business's code (default: CITY)")
    chosen = parser.parse_args(arguments)
    if chosen.meters < 1 or chosen.months < 1:
        parser.error("there is at least one meter, and one month")
    try:
        _write(chosen.folder, chosen.code, chosen.meters, _turns(chosen.months))
    except OSError as error:
        sys.stderr.write(f"raseed: can't write there: {error.strerror}\n")
        return 1
    sys.stdout.write(f"raseed import {chosen.folder}\n")
    return 0


def _write(folder: Path, code: str, meters: int, turns: list[date]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    small = {"business": _BUSINESS.format(code=code), "senders": _SENDERS, "tariffs": _TARIFFS}
    for name, content in small.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    chance = random.Random(code)
    with (
        (folder / "customers.csv").open("w", encoding="utf-8") as people,
        (folder / "meters.csv").open("w", encoding="utf-8") as counters,
        (folder / "readings.csv").open("w", encoding="utf-8") as readings,
    ):
        people.write("account_no,name,name_ar,language,phone\n")
        counters.write("meter_no,account_no,kind,network,tariff,register_digits\n")
        readings.write("meter_no,read_at,source,kwh\n")
        for n in range(1, meters + 1):
            people.write(f"{n:07},Customer {n},عميل {n},{'ar' if n % 3 else 'en'},+9665{n % 10**8:08}\n")
            counters.write(f"M{n:08},{n:07},postpaid,manual,{'SHOP' if n % 9 == 0 else 'HOME'},6\n")
            readings.writelines(_readings(n, turns, chance))
            if n % _STEP == 0 or n == meters:
                _show(n, meters)


def _readings(n: int, turns: list[date], chance: random.Random) -> Iterator[str]:
    """Yield what a meter counted: much the same every month, but for a few."""
    register, usual = chance.randrange(100, 900_000) * 10, chance.randrange(150, 3_000) * 10
    last = len(turns) - 1
    luck = n * 7 % 1000
    for number, day in enumerate(turns):
        if number:
            used = usual * chance.randrange(85, 116) // 100
            register += used * 9 if number == last and luck < _ODD else used
        if number < last or not _ODD <= luck < _ODD + _UNREAD:
            shown = register % 10_000_000  # a counter of six digits, and tenths
            yield f"M{n:08},{day}T{6 + n % 12:02}:{n % 60:02}+03:00,actual,{shown / 10:.1f}\n"


def _turns(months: int) -> list[date]:
    """Return the first days of the months up to this one."""
    days = [date.today().replace(day=1)]  # noqa: DTZ011  the city reads its meters by its own wall
    while len(days) <= months:
        days.insert(0, (days[0] - timedelta(days=1)).replace(day=1))
    return days


def _show(done: int, of: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done:,} of {of:,} meters" + ("\n" if done == of else ""))
