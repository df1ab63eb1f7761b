//! One metrics line per invocation, in CloudWatch's embedded metric format: no call, no permission.
//!
//! The dimension is the function's own name, which the template's alarms know; never the asset, as
//! each value of a dimension is a metric that is paid for.

use domain::round::Round;
use serde_json::{Value, json};

/// The namespace that the template's alarms name.
pub const NAMESPACE: &str = "Sonae";
/// 1 for a round that left nothing undone. Its absence for an hour is an alarm.
pub const ROUNDS_FINISHED: &str = "RoundsFinished";
/// Notices that no topic took.
pub const NOTICES_FAILED: &str = "NoticesFailed";

/// The line of one round (specification: CloudWatch User Guide, embedded metric format).
pub fn line(function: &str, at_ms: i64, round: &Round) -> Value {
    let failed = round.undone.iter().filter(|fault| fault.op == "sns:Publish").count();
    json!({
        "_aws": {
            "Timestamp": at_ms,
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["FunctionName"]],
                "Metrics": [
                    {"Name": ROUNDS_FINISHED, "Unit": "Count"},
                    {"Name": NOTICES_FAILED, "Unit": "Count"},
                ],
            }],
        },
        "FunctionName": function,
        ROUNDS_FINISHED: u8::from(round.undone.is_empty()),
        NOTICES_FAILED: failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fault::{Fault, FaultKind};
    use domain::id::Region;

    fn undone(op: &str) -> Fault {
        let (op, region) = (op.to_owned(), Region::new("us-east-1"));
        Fault { op, region, kind: FaultKind::Denied, detail: String::new() }
    }

    fn values(undone: Vec<Fault>) -> (Value, Value) {
        let round = Round { undone, ..Round::default() };
        let line = line("sonae-Check", 1_762_366_500_000, &round);
        assert_eq!(line["FunctionName"], "sonae-Check");
        (line[ROUNDS_FINISHED].clone(), line[NOTICES_FAILED].clone())
    }

    #[test]
    fn a_round_that_left_something_undone_is_not_finished() {
        assert_eq!(values(vec![]), (json!(1), json!(0)));
        assert_eq!(values(vec![undone("s3:PutObject")]), (json!(0), json!(0)));
        assert_eq!(
            values(vec![undone("sns:Publish"), undone("sns:Publish")]),
            (json!(0), json!(2))
        );
    }
}
