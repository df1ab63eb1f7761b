"""One round over one asset or all of them: look, copy, judge, tell, write down."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aws
from aws import POLICY
from policy import Asset

ATTEMPTS = 3

Snapshot = dict[str, Any]


@dataclass(slots=True)
class Seen:
    """What AWS says now."""

    instances: dict[str, dict[str, Any]]
    points: aws.Points
    copies: aws.Points
    keys: dict[str, str]
    quotas: list[tuple[int, int]]
    journal: set[str]


@dataclass(slots=True)
class Round:
    """What a round did."""

    duties: int = 0
    met: int = 0
    requested: list[str] = field(default_factory=list)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: list[tuple[Asset, str, date, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def play(only: Asset | None, by: str, now: datetime) -> dict[str, Any]:
    """Plays a round and answers with its counts."""
    assets = (only,) if only else POLICY.assets
    seen, turn = look(assets, only, now), Round()
    for asset, point in wanted(assets, seen, now):
        request(asset, point, seen, by, turn)
    for asset in assets:
        judge(asset, seen, now, turn)
    for finding in turn.findings:
        tell(*finding, seen, now, turn)
    for key, fact in turn.facts.items():
        if key not in seen.journal:
            aws.write(key, {"seen_at": now, **fact})
    if only is None:
        beat(now, turn.duties)
    return report(turn, now)


def beat(now: datetime, duties: int | None = None) -> None:
    """Leaves a sign of life."""
    aws.write("heartbeat.json", {"time": now, "policy": POLICY.hash, "duties": duties}, once=False)


def look(assets: tuple[Asset, ...], only: Asset | None, now: datetime) -> Seen:
    name = only.id if only else None
    instances = aws.instances(name)
    own_keys = aws.home_keys(db["KmsKeyId"] for db in instances.values() if "KmsKeyId" in db)
    return Seen(
        instances=instances,
        points=aws.points(name, now),
        copies=aws.copies(name, now),
        keys=own_keys | aws.dr_keys(asset.dr_key for asset in assets),
        quotas=[] if only else aws.quotas(),
        journal=fleet_journal(now) if only is None else asset_journal(only, now),
    )


def fleet_journal(now: datetime) -> set[str]:
    first = min(POLICY.day(now) - timedelta(days=asset.catch_up) for asset in POLICY.assets)
    return aws.listed("duties/", after=f"duties/{first}") | aws.listed("episodes/")


def asset_journal(asset: Asset, now: datetime) -> set[str]:
    keys = aws.listed(f"episodes/{asset.id}/")
    for day in POLICY.days(asset, now):
        keys |= aws.listed(f"duties/{day}/{asset.id}/") | aws.listed(f"duties/{day}/-/")
    return keys


def wanted(assets: tuple[Asset, ...], seen: Seen, now: datetime) -> list[tuple[Asset, Snapshot]]:
    """The points that have no copy yet, oldest first."""
    found = []
    for asset in assets:
        days = POLICY.days(asset, now)
        for point in daily(seen.points.get(asset.id, [])):
            if point["Status"] == "available" and day_of(point) in days and lacks_copy(asset, point, seen):
                found.append((asset, point))
    return sorted(found, key=lambda pair: (created(pair[1]), pair[1]["DBSnapshotIdentifier"]))


def lacks_copy(asset: Asset, point: Snapshot, seen: Seen) -> bool:
    tried = [copy for copy in seen.copies.get(asset.id, []) if is_copy_of(copy, point)]
    return len(tried) < ATTEMPTS and all(copy["Status"] == "failed" for copy in tried)


def request(asset: Asset, point: Snapshot, seen: Seen, by: str, turn: Round) -> None:
    """Requests a copy under the first of its names that is free."""
    held = {copy["DBSnapshotIdentifier"] for copy in seen.copies.get(asset.id, [])}
    names = ((attempt, copy_name(point, attempt)) for attempt in range(1, ATTEMPTS + 1))
    attempt, target = next((n, name) for n, name in names if name not in held)
    source = point["DBSnapshotArn"]
    aws.copy(source, target, asset.dr_key, tags_of(asset, point, by))
    turn.requested.append(point["DBSnapshotIdentifier"])
    path = f"duties/{day_of(point)}/{asset.id}/requested-{attempt}.json"
    turn.facts[path] = {"source": source, "target": target, "key": asset.dr_key, "by": by}


def tags_of(asset: Asset, point: Snapshot, by: str) -> dict[str, str]:
    """Where the copy came from, how long it stays, and the point's own tags but those AWS reserves."""
    ours = {
        "sonae:source-arn": point["DBSnapshotArn"],
        "sonae:asset": asset.id,
        "sonae:created": created(point).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sonae:keep-until": str(day_of(point) + timedelta(days=asset.keep_days)),
        "sonae:kind": "daily",
        "sonae:started-by": by,
    }
    reserved = ("aws:", "rds:", "sonae:")
    own = {tag["Key"]: tag["Value"] for tag in point.get("TagList", []) if not tag["Key"].startswith(reserved)}
    return own | ours


def judge(asset: Asset, seen: Seen, now: datetime, turn: Round) -> None:
    """Whether each day's point was taken and has landed; what is met is a fact, what is late a finding."""
    copies = seen.copies.get(asset.id, [])
    points = daily(seen.points.get(asset.id, []))
    if f"episodes/{asset.id}/joined.json" not in seen.journal:
        turn.facts[f"episodes/{asset.id}/joined.json"] = {"at": now}
    for day in POLICY.days(asset, now):
        if now < POLICY.instant(day, asset.at):
            continue
        turn.duties += 2
        of_day = [point for point in points if day_of(point) == day]
        landed = next((copy for copy in copies if day_of(copy) == day and has_landed(asset, copy)), None)
        taken = next((point for point in of_day if point["Status"] == "available"), landed)
        for what, found in (("taken", taken), ("landed", landed)):
            if found:
                turn.met += 1
                turn.facts[f"duties/{day}/{asset.id}/{what}.json"] = about(found)
        dead = [copy for copy in copies for point in of_day if is_copy_of(copy, point) and copy["Status"] == "failed"]
        if not landed:
            turn.facts.update(dead_facts(asset, day, of_day, dead))
            turn.findings.extend(broken(asset, day, taken, dead, now))


def dead_facts(
    asset: Asset, day: date, points: list[Snapshot], dead: list[Snapshot]
) -> Iterator[tuple[str, dict[str, Any]]]:
    names = {copy_name(point, n): n for point in points for n in range(1, ATTEMPTS + 1)}
    for copy in dead:
        if attempt := names.get(copy["DBSnapshotIdentifier"]):
            path = f"duties/{day}/{asset.id}/failed-{attempt}.json"
            yield path, {"copy": copy["DBSnapshotIdentifier"], "state": copy["Status"]}


def broken(
    asset: Asset, day: date, taken: Snapshot | None, dead: list[Snapshot], now: datetime
) -> Iterator[tuple[Asset, str, date, str]]:
    """A duty is broken at its deadline, or as soon as no attempt is left."""
    if taken is None:
        if now >= POLICY.instant(day, asset.taken_by):
            yield asset, "not-taken", day, "no point is available"
    elif len(dead) >= ATTEMPTS:
        names = ", ".join(copy["DBSnapshotIdentifier"] for copy in dead)
        yield asset, "not-landed", day, f"every attempt failed: {names}"
    elif now >= POLICY.instant(day, asset.landed_by):
        yield asset, "not-landed", day, "no copy stands"


def tell(asset: Asset, kind: str, day: date, why: str, seen: Seen, now: datetime, turn: Round) -> None:
    """Says it once: claim, publish, mark."""
    episode = f"episodes/{asset.id}/{kind}/{day}/1/"
    if f"{episode}said.json" in seen.journal:
        return
    keys = aws.listed(episode)
    body = {"at": now, "asset": asset.id, "kind": kind, "subject": str(day)}
    if f"{episode}said.json" in keys or not aws.write(f"{episode}claim-{len(keys) + 1}.json", body):
        return
    subject = f"[critical] {POLICY.system}: {kind} {asset.id} {day}"
    attributes = {"severity": "critical", "asset": asset.id, "kind": kind}
    aws.publish(subject, f"{asset.id}: {kind} for {day} in {POLICY.dr}: {why}\n", attributes)
    aws.write(f"{episode}said.json", body)
    turn.said.append(subject)


def report(turn: Round, now: datetime) -> dict[str, Any]:
    """One line of metrics (embedded metric format), one of log, and the answer."""
    metric = {"Namespace": "Sonae", "Dimensions": [["FunctionName"]], "Metrics": [{"Name": "RoundsFinished"}]}
    at = int(now.timestamp() * 1000)
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    head = {"Timestamp": at, "CloudWatchMetrics": [metric]}
    print(json.dumps({"_aws": head, "FunctionName": function, "RoundsFinished": 1}))
    summary = {
        "tried": len(turn.requested),
        "duties": turn.duties,
        "met": turn.met,
        "findings": [f"{kind} {asset.id} {day}" for asset, kind, day, _ in turn.findings],
        "said": turn.said,
    }
    print(json.dumps({"level": "INFO", "function": function, "round": summary}))
    return summary


def daily(points: list[Snapshot]) -> list[Snapshot]:
    return [point for point in points if point["SnapshotType"] == "automated"]


def created(snapshot: Snapshot) -> datetime:
    """When its data is from; of a copy, too."""
    return snapshot["OriginalSnapshotCreateTime"].astimezone(UTC)


def day_of(snapshot: Snapshot) -> date:
    return POLICY.day(created(snapshot))


def is_copy_of(copy: Snapshot, point: Snapshot) -> bool:
    return copy.get("SourceDBSnapshotIdentifier") == point["DBSnapshotArn"]


def copy_name(point: Snapshot, attempt: int) -> str:
    name = point["DBSnapshotIdentifier"].removeprefix("rds:") + "-dr"
    return name if attempt == 1 else f"{name}-{attempt}"


def has_landed(asset: Asset, copy: Snapshot) -> bool:
    """Available, under the expected key, and tagged with the day until which it stays."""
    tagged = any(tag["Key"] == "sonae:keep-until" for tag in copy.get("TagList", []))
    return copy["Status"] == "available" and copy.get("KmsKeyId") == asset.dr_key and tagged


def about(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "name": snapshot["DBSnapshotIdentifier"],
        "source": snapshot.get("SourceDBSnapshotIdentifier", snapshot["DBSnapshotArn"]),
        "created": created(snapshot),
        "allocated_gib": snapshot["AllocatedStorage"],
    }
