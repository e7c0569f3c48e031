"""Who is who: accounts, company numbers, people."""

from sandbox.twilio.addresses import bare
from sandbox.twilio.config import Account, Config, MessagingService, Person, Sender

# Twilio's test sender, which any account may use.
MAGIC_SENDER = "+15005550006"


class Directory:
    def __init__(self, config: Config) -> None:
        self.config = config
        self._accounts = {account.sid: account for account in config.accounts}
        self._senders = {(sender.channel, sender.address): sender for sender in config.senders}
        self._services = {service.sid: service for service in config.services}

    @property
    def first_account(self) -> Account:
        return self.config.accounts[0]

    def account(self, sid: str) -> Account | None:
        return self._accounts.get(sid)

    def secret(self, account_sid: str) -> str:
        return (self._accounts.get(account_sid) or self.first_account).token

    def sender(self, channel: str, address: str) -> Sender | None:
        return next((sender for key, sender in self._senders.items() if key == (channel, bare(address))), None)

    def owns(self, account_sid: str, channel: str, address: str) -> bool:
        sender = self.sender(channel, address)
        return bool(sender and sender.account_sid == account_sid) or bare(address) == MAGIC_SENDER

    def service(self, sid: str) -> MessagingService | None:
        return self._services.get(sid)

    def person(self, address: str) -> Person | None:
        """By phone number or by WhatsApp user id."""
        wanted = bare(address)
        for person in self.config.people:
            if wanted in {person.phone, person.bsuid}:
                return person
        return None
