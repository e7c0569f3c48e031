"""Does to the house what the plan says, and brings back what was killed."""

import signal
from collections import Counter
from dataclasses import replace
from math import inf

from tests.chaos.house import House
from tests.chaos.parts import strike
from tests.chaos.plan import Blow

# What was away when it should have been struck is struck a little later.
_AGAIN_IN = 0.5


class Killers:
    """Kills by the plan. Call it from the thread that lives longest: what it starts ends with that."""

    def __init__(self, built: House, blows: list[Blow]) -> None:
        self._house = built
        self._blows = list(blows)
        self._away: dict[str, float] = {}
        self._later: list[Blow] = []
        self._paused: dict[int, float] = {}
        self.done: Counter[str] = Counter()

    def tick(self, since: float) -> None:
        """Do what is due, so many seconds after the beginning."""
        while self._blows and self._blows[0].at <= since:
            blow = self._blows.pop(0)
            if self._strike(blow):
                self.done[blow.what] += 1
            else:
                self._later.append(replace(blow, at=since + _AGAIN_IN))
        self._blows, self._later = sorted([*self._blows, *self._later], key=lambda blow: blow.at), []
        for name in [name for name, back_at in self._away.items() if back_at <= since]:
            del self._away[name]
            self._bring_back(name)
        self._go_on(since)

    def end(self) -> None:
        """Let everything go on."""
        self._go_on(inf)
        self._house.bring_back()

    def _strike(self, blow: Blow) -> bool:
        """Strike. False: there was nothing to strike."""
        workers = self._house.workers[int(blow.chance * len(self._house.workers))]
        match blow.what:
            case "web child":
                return self._kill(self._house.web.child(blow.chance))
            case "worker child":
                return self._kill(workers.child((blow.chance * 7) % 1))
            case "pause":
                return self._pause(blow)
            case "flush":
                return self._house.flush_redis()
            case "web":
                self._house.web.kill()
                name = "web"
            case "workers":
                workers.kill()
                name = workers.name
            case "workers' parent":
                workers.kill_parent()
                name = workers.name
            case "PostgreSQL":
                self._house.postgres.kill()
                name = "PostgreSQL"
            case _:
                self._house.redis.kill()
                name = "Redis"
        self._away[name] = max(self._away.get(name, 0.0), blow.at + blow.away)
        return True

    def _kill(self, pid: int | None) -> bool:
        if pid is not None:
            strike(pid, signal.SIGKILL)
        return pid is not None

    def _pause(self, blow: Blow) -> bool:
        programs = self._house.programs
        pid = programs[int(blow.chance * len(programs))].child((blow.chance * 7) % 1)
        if pid is not None:
            strike(pid, signal.SIGSTOP)
            self._paused[pid] = blow.at + blow.away
        return pid is not None

    def _go_on(self, since: float) -> None:
        for pid in [pid for pid, until in self._paused.items() if until <= since]:
            del self._paused[pid]
            strike(pid, signal.SIGCONT)

    def _bring_back(self, name: str) -> None:
        if name == "PostgreSQL" and not self._house.postgres.is_running():
            self._house.postgres.start()
        elif name == "Redis" and not self._house.redis.is_running():
            self._house.redis.start()
        else:
            for part in self._house.programs:
                if part.name == name:
                    part.start()
