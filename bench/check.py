"""The twin of crates/check: a round over the whole fleet, or just a sign of life."""

from datetime import datetime, time, timedelta
from typing import Any

import rounds
from aws import POLICY

TICK = timedelta(minutes=15)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handles one tick. The benchmark's time is virtual: the tick carries it."""
    now = datetime.fromisoformat(event["scheduled_time"])
    if looks_at(now):
        return rounds.play(None, "check", now)
    rounds.beat(now)
    return {"tried": 0, "duties": 0, "met": 0, "findings": [], "said": []}


def looks_at(tick: datetime) -> bool:
    """Every tick from the first point's time to the last deadline, hourly otherwise."""
    local = tick.astimezone(POLICY.zone)
    first: time = min(asset.at for asset in POLICY.assets)
    last: time = max(asset.landed_by for asset in POLICY.assets)
    until = (datetime.combine(local.date(), last) + TICK).time()
    return first <= local.time() <= until or local.minute == 0
