"""The script's steps on S3, as the journal keeps its records."""

from typing import Any

from contract.step import DR, Step


def put(key: str, body: str = "{{}}", **params: str) -> dict[str, Any]:
    return {"Bucket": "journal", "Key": key, "Body": body, "ContentType": "application/json", **params}


def shelf(prefix: str, **params: Any) -> dict[str, Any]:
    return {"Bucket": "journal", "Prefix": prefix, **params}


PUT, GET, LIST = "s3:PutObject", "s3:GetObject", "s3:ListBucket"
DAY = "duties/2025-01-14/contract-01/"
STEPS = [
    Step("heartbeat, none yet", GET, DR, {"Bucket": "journal", "Key": "heartbeat.json"}),
    Step("write the heartbeat", PUT, DR, put("heartbeat.json", "first")),
    Step("write it over", PUT, DR, put("heartbeat.json", "second")),
    Step("heartbeat", GET, DR, {"Bucket": "journal", "Key": "heartbeat.json"}),
    Step("write once", PUT, DR, put(f"{DAY}landed.json", IfNoneMatch="*")),
    Step("write twice", PUT, DR, put(f"{DAY}landed.json", "twice", IfNoneMatch="*")),
    Step("written once", GET, DR, {"Bucket": "journal", "Key": f"{DAY}landed.json"}),
    Step("write a second", PUT, DR, put(f"{DAY}requested-1.json", IfNoneMatch="*")),
    Step("write a third", PUT, DR, put(f"{DAY}taken.json", IfNoneMatch="*")),
    Step("write under a colon and a plus", PUT, DR, put("episodes/rds:a+b c/1/said.json", IfNoneMatch="*")),
    Step("shelf", LIST, DR, shelf(DAY)),
    Step("shelf, from a key on", LIST, DR, shelf(DAY, StartAfter=f"{DAY}landed.json")),
    Step("shelf, from between keys on", LIST, DR, shelf("", StartAfter="duties/2025-01-15")),
    Step("shelf, first page", LIST, DR, shelf(DAY, MaxKeys=2), keeps={"token": "NextContinuationToken"}),
    Step("shelf, last page", LIST, DR, shelf(DAY, MaxKeys=2, ContinuationToken="{token}")),
    Step("shelf, page as long as it", LIST, DR, shelf(DAY, MaxKeys=3)),
    Step("shelf with a colon and a plus", LIST, DR, shelf("episodes/rds:a+b c/")),
    Step("shelf, empty", LIST, DR, shelf("drills/")),
    Step("read from no bucket", GET, DR, {"Bucket": "nobodys", "Key": "heartbeat.json"}),
    Step("write to no bucket", PUT, DR, put("heartbeat.json", Bucket="nobodys")),
    Step("shelf of no bucket", LIST, DR, shelf("", Bucket="nobodys")),
]
