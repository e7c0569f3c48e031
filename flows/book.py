"""All flows, and the words that lead to them from anywhere."""

from typing import Final

from flows.accounts import Accounts
from flows.again import Again
from flows.balance import Balance
from flows.buy import Buy
from flows.flow import Flow
from flows.hello import Hello
from flows.help import Help
from flows.instalments import Instalments
from flows.invoices import Invoices
from flows.language import Arabic, English, Language
from flows.link import Link
from flows.lost import Lost
from flows.menu import Menu
from flows.meter import Meter
from flows.optout import OptIn, OptOut
from flows.pausing import Pause
from flows.pay import Pay
from flows.paying import PayPurchase, PayRenewal
from flows.payments import Payments
from flows.person import Person
from flows.privacy import Privacy
from flows.reading import Reading
from flows.renewing import Renew
from flows.report import Report
from flows.resuming import Resume
from flows.said import Danger, MeterFault, NoPower, Voltage
from flows.settings import Settings
from flows.stranger import Stranger
from flows.subscription import Subscription
from flows.tickets import Tickets
from flows.tokens import Tokens
from flows.top_up import TopUp
from flows.trouble import TokenTrouble
from flows.welcome import Welcome
from flows.whichstop import WhichStop
from flows.why import Why

FLOWS: Final[dict[str, type[Flow]]] = {
    flow.name: flow
    for flow in (
        Accounts,
        Again,
        Arabic,
        Balance,
        Buy,
        Danger,
        English,
        Hello,
        Help,
        Instalments,
        Invoices,
        Language,
        Link,
        Lost,
        Menu,
        Meter,
        MeterFault,
        NoPower,
        OptIn,
        OptOut,
        Pause,
        Pay,
        PayPurchase,
        PayRenewal,
        Payments,
        Person,
        Privacy,
        Reading,
        Renew,
        Report,
        Resume,
        Settings,
        Stranger,
        Subscription,
        Tickets,
        TopUp,
        Tokens,
        TokenTrouble,
        Voltage,
        Welcome,
        WhichStop,
        Why,
    )
}

# What may be said anywhere, and the flow that it leads to. The words are in the catalogues.
COMMANDS: Final[dict[str, str]] = {
    "menu": "menu",
    "back": "menu",
    "hello": "hello",
    "help": "help",
    "balance": "balance",
    "buy": "buy",
    "tokens": "tokens",
    "token_trouble": "token_trouble",
    "invoices": "invoices",
    "instalments": "instalments",
    "why": "why",
    "reading": "reading",
    "pay": "pay",
    "payments": "payments",
    "top_up": "top_up",
    "subscription": "subscription",
    "pause": "pause",
    "resume": "resume",
    "renew": "renew",
    "meter": "meter",
    "settings": "settings",
    "privacy": "privacy",
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
    "link": "link",
    "agent": "person",
    "optout": "optout",
    "optin": "optin",
    # Within a flow these leave it. Elsewhere the one may mean more than one thing, the other means the menu.
    "leave": "whichstop",
    "exit": "menu",
    "whichstop": "whichstop",
}
