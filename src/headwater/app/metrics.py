"""What this process counted, for a machine that watches over it: GET /metrics."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from headwater.base import events, jobs
from headwater.base.db import SYSTEM
from headwater.base.errors import NotFound
from headwater.connect.traffic import Traffic
from headwater.web.kit.building import Building
from headwater.web.kit.doors import MACHINE, Door

door = Door()

# How a call ended that did not reach its end.
FAILED = frozenset({"trouble", "silent", "not_reached", "rests", "crowded", "slow_down"})


@door.get("/metrics", MACHINE, name="metrics")
async def metrics(request: Request, building: Building) -> Response:
    """Tell a machine that knows the token how calls to the outside go, and what waits."""
    token = building.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(token.encode(), given.encode()):
        raise NotFound(what="metrics")
    async with building.transaction(SYSTEM) as db:
        waiting, queued = await events.waiting(db), await jobs.count(db)
    lines = [
        *_of_traffic(building.traffic),
        _line("facts_waiting", waiting.facts),
        _line("reactions_missed", waiting.missed),
        _line("reactions_dead", waiting.dead),
        _line("jobs_waiting", queued.waiting),
        _line("jobs_dead", queued.dead),
    ]
    return PlainTextResponse("\n".join(lines) + "\n")


def summary(traffic: Traffic) -> list[str]:
    """Say in a line for each host how calls to it went, for the log of a process without doors."""
    hosts = sorted({kind.host for kind, _count in traffic.counted()})
    return [_about(traffic, host) for host in hosts]


def _about(traffic: Traffic, host: str) -> str:
    found = [(kind, count) for kind, count in traffic.counted() if kind.host == host]
    calls = sum(count.calls for _kind, count in found)
    failed = sum(count.calls for kind, count in found if kind.outcome in FAILED)
    mean_ms = 1000 * sum(count.seconds for _kind, count in found) / calls
    rests = ", left alone at the moment" if host in traffic.resting() else ""
    return f"{host}: {calls} calls, {failed} without an answer, {mean_ms:.0f} ms each{rests}"


def _of_traffic(traffic: Traffic) -> Iterable[str]:
    for kind, count in traffic.counted():
        labels = {
            "host": kind.host,
            "method": kind.method,
            "path": kind.path,
            "outcome": kind.outcome,
        }
        yield _line("outside_calls_total", count.calls, **labels)
        yield _line("outside_seconds_total", round(count.seconds, 3), **labels)
        yield _line("outside_longest_seconds", round(count.longest_seconds, 3), **labels)
    for host in traffic.resting():
        yield _line("outside_rests", 1, host=host)


def _line(name: str, value: float, **labels: str) -> str:
    spelled = ",".join(f'{key}="{_quoted(text)}"' for key, text in labels.items())
    return f"headwater_{name}{{{spelled}}} {value}" if spelled else f"headwater_{name} {value}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
