"""Does to the house what the plan says, and brings back what was killed."""

from collections import Counter

from tests.chaos.house import House
from tests.chaos.plan import FLUSH, Blow


class Killers:
    """Kills by the plan. Call it from the thread that lives longest: what it starts ends with that."""

    def __init__(self, built: House, blows: list[Blow]) -> None:
        self._house = built
        self._blows = list(blows)
        self._away: dict[str, float] = {}
        self.done: Counter[str] = Counter()

    def tick(self, since: float) -> None:
        """Do what is due, so many seconds after the beginning."""
        while self._blows and self._blows[0].at <= since:
            blow = self._blows.pop(0)
            if self._strike(blow):
                self.done[blow.what] += 1
        for name in [name for name, back_at in self._away.items() if back_at <= since]:
            del self._away[name]
            self._bring_back(name)

    def _strike(self, blow: Blow) -> bool:
        """Strike. False: there was nothing to strike."""
        workers = self._house.workers[int(blow.chance * len(self._house.workers))]
        match blow.what:
            case "web child":
                return self._house.web.kill_child(blow.chance)
            case "worker child":
                return workers.kill_child((blow.chance * 7) % 1)
            case what if what == FLUSH:
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

    def _bring_back(self, name: str) -> None:
        if name == "PostgreSQL" and not self._house.postgres.is_running():
            self._house.postgres.start()
        elif name == "Redis" and not self._house.redis.is_running():
            self._house.redis.start()
        else:
            for part in self._house.programs:
                if part.name == name:
                    part.start()
