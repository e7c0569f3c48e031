"""`python -m benchmarks`: runs every benchmark, prints a table and writes benchmarks/results.json."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    billing,
    buying,
    campaigns,
    ledger,
    listening,
    payments,
    pdf,
    reminders,
    sending,
    statuses,
    sts,
    subscriptions,
    turn,
    waiting,
)
from benchmarks.world import world

BENCHMARKS = {
    "full turn (menu to balance)": turn.measure,
    "status callbacks taken in": statuses.measure_taken_in,
    "statuses applied by one process": statuses.measure_applied,
    "sending by one process": sending.measure,
    "sending very many": sending.measure_many,
    "replies while a campaign waits": waiting.measure,
    "turns while 500 listen to events": listening.measure,
    "preparing a campaign": campaigns.measure,
    "from paid to the token": buying.measure,
    "reminders prepared": reminders.measure,
    "subscriptions swept": subscriptions.measure,
    "token engine (EA11)": sts.measure,
    "billing very many meters": billing.measure,
    "ledger": ledger.measure,
    "posting a payment": payments.measure,
    "invoice as PDF": pdf.measure,
}


def main() -> None:
    """Run them all."""
    results = {}
    with Console(stderr=True).status("measuring …") as status:
        for name, measure in BENCHMARKS.items():
            status.update(f"measuring: {name} …")
            with world() as servers:
                results[name] = measure(servers)
    Path(__file__).with_name("results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    table = Table("benchmark", "figure", "value")
    for name, figures in results.items():
        for figure, value in figures.items():
            table.add_row(name, figure, str(value))
    Console().print(table)


if __name__ == "__main__":
    main()
