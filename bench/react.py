"""The twin of crates/react: an RDS event says where to look, and a round looks there."""

from datetime import datetime
from typing import Any

import aws
import rounds


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handles one RDS DB Snapshot Event. The benchmark's time is virtual: the event carries it."""
    detail = event.get("detail", {})
    if event.get("source") != "aws.rds" or detail.get("SourceType") != "SNAPSHOT":
        return {"ignored": "not an event of a snapshot"}
    instance = aws.instance_of(event["region"], detail["SourceIdentifier"])
    asset = aws.POLICY.by_id.get(instance) if instance else None
    if asset is None:
        return {"ignored": "not of an asset of the policy"}
    return rounds.play(asset, "event", datetime.fromisoformat(event["time"]))
