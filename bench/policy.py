"""The policy: what is protected. The same file that the Rust functions read."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

DEFAULTS = {"at": "03:00", "taken_by": "05:00", "landed_by": "07:30", "catch_up": "2 days"}
DAYS_KEPT = 30


@dataclass(frozen=True, slots=True)
class Asset:
    """A database whose daily point must stand in dr by a deadline."""

    id: str
    at: time
    taken_by: time
    landed_by: time
    since: date
    catch_up: int
    keep_days: int
    dr_key: str


@dataclass(frozen=True)
class Policy:
    """A whole policy."""

    system: str
    home: str
    dr: str
    zone: ZoneInfo
    assets: tuple[Asset, ...]
    hash: str

    @cached_property
    def by_id(self) -> dict[str, Asset]:
        return {asset.id: asset for asset in self.assets}

    def day(self, moment: datetime) -> date:
        """The day of the policy's zone that a moment belongs to."""
        return moment.astimezone(self.zone).date()

    def instant(self, day: date, at: time) -> datetime:
        """The moment of a day's local time."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def days(self, asset: Asset, now: datetime) -> list[date]:
        """The days of which points are copied and duties judged, oldest first."""
        today = self.day(now)
        days = (today - timedelta(days=back) for back in range(asset.catch_up, -1, -1))
        return [day for day in days if day >= asset.since]


def load(path: str) -> Policy:
    """Reads the policy file."""
    text = Path(path).read_bytes()
    root = tomllib.loads(text.decode())
    defaults = DEFAULTS | root["defaults"]
    return Policy(
        system=root["system"],
        home=root["home"],
        dr=root["dr"],
        zone=ZoneInfo(root["zone"]),
        assets=tuple(_asset(defaults | table) for table in root["asset"]),
        hash=hashlib.sha256(text).hexdigest(),
    )


def _asset(table: dict[str, Any]) -> Asset:
    return Asset(
        id=table["id"],
        at=time.fromisoformat(table["at"]),
        taken_by=time.fromisoformat(table["taken_by"]),
        landed_by=time.fromisoformat(table["landed_by"]),
        since=table["since"],
        catch_up=int(table["catch_up"].split()[0]),
        keep_days=table.get("keep", {}).get("days", DAYS_KEPT),
        dr_key=table["dr_key"],
    )
