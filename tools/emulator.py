"""MiniStack with four things mended, for deploy_local.py: `aws.*` events are let in, as from AWS itself; a rule's event
goes on to a bus in another Region and keeps its own `region`; a stack's schedule keeps its time zone; and plain HTTP
counts as TLS, which the journal's bucket policy asks for and loopback has not."""

from ministack import app
from ministack.core.responses import get_region, set_request_region
from ministack.services import eventbridge, scheduler
from ministack.services.cloudformation import provisioners

put_events = eventbridge._put_events
schedules = provisioners._RESOURCE_HANDLERS["AWS::Scheduler::Schedule"]
create_schedule = schedules["create"]
pin_origin = app.pin_request_origin


def put_as_aws(data, allow_aws_source=True):
    return put_events(data, allow_aws_source=True)


def forward(bus, event, rule, path, payload=None):
    here = get_region()
    set_request_region(bus.region)
    try:
        eventbridge._dispatch_event({**event, "EventBusName": bus.resource.split("/", 1)[1]})
    finally:
        set_request_region(here)


def create_in_zone(logical_id, properties, stack):
    name, attributes = create_schedule(logical_id, properties, stack)
    group = properties.get("GroupName", "default")
    zone = properties.get("ScheduleExpressionTimezone", "UTC")
    scheduler._schedules[f"{group}/{name}"]["ScheduleExpressionTimezone"] = zone
    return name, attributes


def pin_as_tls(address, tls):
    pin_origin(address, True)


eventbridge._put_events = put_as_aws
eventbridge._dispatch_to_event_bus = forward
schedules["create"] = create_in_zone
app.pin_request_origin = pin_as_tls

if __name__ == "__main__":
    app.main()
