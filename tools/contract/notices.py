"""The script's steps on SNS, as notices are sent."""

from typing import Any

from contract.step import DR, HOME, Step


def notice(topic: str, **params: Any) -> dict[str, Any]:
    """As the product words it: a structure with a text for mail, and attributes to filter by."""
    severity = {"severity": {"DataType": "String", "StringValue": "critical"}}
    return {"TopicArn": topic, "Subject": "kaigo-subsys-prod", "MessageStructure": "json",
            "Message": '{{"default": "text", "email": "text"}}', "MessageAttributes": severity, **params}


PUBLISH, LISTENERS, TOPIC = "sns:Publish", "sns:GetTopicAttributes", "{topic}"
STEPS = [
    Step("who listens", LISTENERS, HOME, {"TopicArn": TOPIC}),
    Step("who listens to a missing topic", LISTENERS, HOME, {"TopicArn": "{topic}-not"}),
    Step("tell", PUBLISH, HOME, notice(TOPIC)),
    Step("tell the other topic", PUBLISH, DR, notice("{dr_topic}")),
    Step("tell a missing topic", PUBLISH, HOME, notice("{topic}-not")),
    Step("tell a topic of the other Region", PUBLISH, HOME, notice("{dr_topic}")),
    Step("subject of 99", PUBLISH, HOME, notice(TOPIC, Subject="s" * 99)),
    Step("subject of 100", PUBLISH, HOME, notice(TOPIC, Subject="s" * 100)),
    Step("subject in Japanese", PUBLISH, HOME, notice(TOPIC, Subject="[重大] 復旧ポイントのコピーがない")),
    Step("subject in Japanese of 99", PUBLISH, HOME, notice(TOPIC, Subject="備" * 99)),
    Step("subject in Japanese of 100", PUBLISH, HOME, notice(TOPIC, Subject="備" * 100)),
    Step("subject of two lines", PUBLISH, HOME, notice(TOPIC, Subject="one\ntwo")),
    Step("structure without default", PUBLISH, HOME, notice(TOPIC, Message='{{"email": "text"}}')),
    Step("structure that is no JSON", PUBLISH, HOME, notice(TOPIC, Message="text")),
    Step("structure of another kind", PUBLISH, HOME, notice(TOPIC, MessageStructure="xml")),
    Step("message of 256 KiB", PUBLISH, HOME, {"TopicArn": TOPIC, "Message": "m" * 262144}),
    Step("message of 256 KiB and a byte", PUBLISH, HOME, {"TopicArn": TOPIC, "Message": "m" * 262145}),
]
