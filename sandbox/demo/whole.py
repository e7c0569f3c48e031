"""All parts of the demo, in the order in which they start."""

import csv
import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from sandbox.demo.environment import Addresses, environment, program_environment
from sandbox.demo.folder import PROJECT, DemoFolder
from sandbox.demo.parts import Program, Server
from sandbox.demo.ports import Ports
from sandbox.demo.setup import Commands, fingerprint, write_moyasar_config, write_sandbox_config
from sandbox.demo.staff import Admin, admin
from sandbox.demo.supervisor import Supervisor
from sandbox.demo.talk import say, step, welcome
from sandbox.demo.vendor import write_network_config, write_vendor_config
from sandbox.servers import EmbeddedPostgres, GivenPostgres, choose_postgres, choose_redis

_READY_SECONDS = 60.0
_DATA = PROJECT / "sandbox" / "data" / "noor"


class Demo:
    """Servers, service and sandbox, with everything of theirs in `folder`."""

    def __init__(self, folder: DemoFolder, ports: Ports) -> None:
        self.folder = folder
        self.supervisor = Supervisor(say)
        self._ports = ports

    def reset(self) -> None:
        """Remove what an earlier demo left, its data included. Raises ServerError where that isn't ours."""
        with step("Removing the data of the demo"):
            self._postgres.erase()
            del self._postgres
            self.folder.clear()
            self.folder.make()

    def start(self, began: float) -> None:
        """Start everything and say where to click. Raises DemoError, GivenUp or ServerError."""
        values = self._start_servers()
        commands = Commands(self.folder.log("setup"), PROJECT, program_environment(values))
        self._set_up(commands)
        self._start_programs(commands)
        who = self._admin(commands)
        welcome(self._ports, self.folder.path, who, monotonic() - began)

    @cached_property
    def _postgres(self) -> EmbeddedPostgres | GivenPostgres:
        return choose_postgres(self.folder.path / "postgres")

    def _start_servers(self) -> dict[str, str]:
        redis = choose_redis(self.folder.path / "redis")
        with step("Starting PostgreSQL"):
            self.supervisor.start(Server("PostgreSQL", self._postgres))
            urls = self._postgres.create_database("raseed", owner="raseed_owner", service_role="raseed")
        with step("Starting Redis"):
            self.supervisor.start(Server("Redis", redis))
        addresses = Addresses(
            urls.service_url,
            urls.owner_url,
            redis.url,
            service=f"http://127.0.0.1:{self._ports.service}",
            events=f"http://127.0.0.1:{self._ports.events}",
            sandbox=f"http://127.0.0.1:{self._ports.sandbox}",
            moyasar=f"http://127.0.0.1:{self._ports.moyasar}",
            smtp_port=self._ports.smtp,
            mail_from=f"no-reply@{_company()['code'].lower()}.example",
        )
        return environment(self.folder.environment, addresses)

    def _set_up(self, commands: Commands) -> None:
        with step("Bringing the schema up to date"):
            commands.raseed("db", "upgrade")
        imported = self.folder.path / "imported"
        found = fingerprint(_DATA, _database(commands))
        if not imported.exists() or imported.read_text(encoding="ascii") != found:
            with step("Loading the demo data"):
                commands.raseed("import", str(_DATA))
            imported.write_text(found, encoding="ascii")

    def _start_programs(self, commands: Commands) -> None:
        programs = [
            *self._sandboxes(commands),
            self._web(commands),
            self._events(commands),
            self._program("worker", "worker.py", commands=commands),
        ]
        with step("Starting the sandboxes, the service and its workers"):
            for program in programs:
                self.supervisor.start(program)
            self.supervisor.wait_until_ready(programs, _READY_SECONDS)
        with step("Registering buttons and lists"):
            commands.raseed("templates", "sync")

    def _sandboxes(self, commands: Commands) -> list[Program]:
        folder = self.folder.path
        twilio, vendor, moyasar = folder / "sandbox.json", folder / "vendor.json", folder / "moyasar.json"
        write_sandbox_config(twilio, _DATA, commands.environment)
        write_vendor_config(vendor, _DATA, commands.environment)
        network = folder / "acrel.json"
        write_network_config(network, _DATA, commands.environment)
        write_moyasar_config(moyasar, _company(), commands.environment)
        beside = ("--vendor", str(vendor), "--acrel", str(network))
        return [
            self._sandbox("sandbox", self._ports.sandbox, commands, "sandbox.twilio", twilio, *beside),
            self._sandbox("moyasar", self._ports.moyasar, commands, "sandbox.moyasar", moyasar),
            self._mailbox(commands),
        ]

    def _sandbox(self, name: str, port: int, commands: Commands, module: str, config: Path, *more: str) -> Program:
        state = str(self.folder.path / name)
        arguments = ("-m", module, "--port", str(port), "--config", str(config), "--state", state)
        return self._program(name, *arguments, *more, commands=commands, url=(port, "/"))

    def _mailbox(self, commands: Commands) -> Program:
        port, smtp, state = self._ports.mail, self._ports.smtp, self.folder.path / "mail"
        arguments = ("-m", "sandbox.mail", "--port", str(port), "--smtp-port", str(smtp), "--state", str(state))
        return self._program("mail", *arguments, commands=commands, url=(port, "/"))

    def _web(self, commands: Commands) -> Program:
        bind = ("--bind", f"127.0.0.1:{self._ports.service}")
        ready = (self._ports.service, "/readyz")
        return self._program("web", "-m", "gunicorn", "wsgi:app", *bind, commands=commands, url=ready)

    def _events(self, commands: Commands) -> Program:
        with_port = replace(commands, environment={**commands.environment, "PORT": str(self._ports.events)})
        return self._program("events", "events.py", commands=with_port, url=(self._ports.events, "/healthz"))

    def _program(self, name: str, *arguments: str, commands: Commands, url: tuple[int, str] | None = None) -> Program:
        command = [sys.executable, *arguments]
        return Program(name, command, commands.environment, self.folder.log(name), PROJECT, url)

    def _admin(self, commands: Commands) -> Admin | None:
        return admin(commands, self.folder.path / "admin", _company()["code"], _database(commands))


def _database(commands: Commands) -> str:
    """Return what tells this database from one that was made after it: its password."""
    return urlsplit(commands.environment["MIGRATIONS_DATABASE_URL"]).password or ""


def _company() -> dict[str, str]:
    """Return what the demo's company is called, among other things."""
    with (_DATA / "business.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(csv.DictReader(file))
