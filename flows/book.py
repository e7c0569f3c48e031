"""All flows, and the words that lead to them from anywhere."""

from typing import Final

from flows.accounts import Accounts
from flows.again import Again
from flows.balance import Balance
from flows.flow import Flow
from flows.hello import Hello
from flows.help import Help
from flows.language import Arabic, English, Language
from flows.lost import Lost
from flows.menu import Menu
from flows.optout import OptIn, OptOut
from flows.person import Person
from flows.report import Report
from flows.said import Danger, MeterFault, NoPower, Voltage
from flows.stranger import Stranger
from flows.tickets import Tickets
from flows.welcome import Welcome

FLOWS: Final[dict[str, type[Flow]]] = {
    flow.name: flow
    for flow in (
        Accounts,
        Again,
        Arabic,
        Balance,
        Danger,
        English,
        Hello,
        Help,
        Language,
        Lost,
        Menu,
        MeterFault,
        NoPower,
        OptIn,
        OptOut,
        Person,
        Report,
        Stranger,
        Tickets,
        Voltage,
        Welcome,
    )
}

# What may be said anywhere, and the flow that it leads to. The words are in the catalogues.
COMMANDS: Final[dict[str, str]] = {
    "menu": "menu",
    "back": "menu",
    "hello": "hello",
    "help": "help",
    "balance": "balance",
    "language": "language",
    "arabic": "arabic",
    "english": "english",
    "accounts": "accounts",
    "report": "report",
    "no_power": "no_power",
    "voltage": "voltage",
    "meter_fault": "meter_fault",
    "danger": "danger",
    "tickets": "tickets",
    "agent": "person",
    "optout": "optout",
    "optin": "optin",
    "leave": "menu",
}
