//! One metrics line per invocation, in CloudWatch's embedded metric format: no call, no permission.
//!
//! The dimension is the function's own name, which the template's alarms know; never the asset, as
//! each value of a dimension is a metric that is paid for.

use domain::duty::DutyState;
use domain::round::Round;
use serde_json::{Value, json};

/// The namespace that the template's alarms name.
pub const NAMESPACE: &str = "Sonae";
/// 1 for a round that left nothing undone. Its absence for an hour is an alarm.
pub const ROUNDS_FINISHED: &str = "RoundsFinished";
/// Notices that no topic took.
pub const NOTICES_FAILED: &str = "NoticesFailed";

/// After a look at everything: duties whose time is over and that do not hold.
pub const DUTIES_OVERDUE: &str = "DutiesOverdue";
/// After a look at everything: duties that hold.
pub const DUTIES_HELD: &str = "DutiesHeld";
/// 1 for the round that made the report of a day. Its absence for 26 hours is an alarm.
pub const REPORTS_MADE: &str = "ReportsMade";

/// The line of one round (specification: CloudWatch User Guide, embedded metric format).
pub fn line(function: &str, at_ms: i64, round: &Round) -> Value {
    let values = values(round);
    let metrics: Vec<Value> =
        values.iter().map(|(name, _)| json!({"Name": name, "Unit": "Count"})).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": at_ms,
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE, "Dimensions": [["FunctionName"]], "Metrics": metrics,
            }],
        },
        "FunctionName": function,
    });
    if let Value::Object(line) = &mut line {
        line.extend(values.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
    }
    line
}

/// What a round of one asset would say of duties is no figure of the whole.
fn values(round: &Round) -> Vec<(&'static str, usize)> {
    let failed = round.undone.iter().filter(|fault| fault.op == "sns:Publish").count();
    let finished = usize::from(round.undone.is_empty());
    let mut values = vec![(ROUNDS_FINISHED, finished), (NOTICES_FAILED, failed)];
    if round.whole {
        let duties = || round.duties.iter();
        let overdue = duties().filter(|duty| matches!(duty.state, DutyState::Broken(_))).count();
        values.push((DUTIES_OVERDUE, overdue));
        values.push((DUTIES_HELD, duties().filter(|duty| duty.holds()).count()));
    }
    if round.report.is_some() {
        values.push((REPORTS_MADE, 1));
    }
    values
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

    /// A metric is paid for by the hour in which it is named.
    #[test]
    fn duties_are_counted_by_a_look_at_everything_only() {
        let named = |round: &Round| {
            let line = line("sonae-Check", 0, round);
            let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().map(Vec::len);
            (metrics, line[DUTIES_OVERDUE].clone())
        };
        assert_eq!(named(&Round::default()), (Some(2), Value::Null));
        assert_eq!(named(&Round { whole: true, ..Round::default() }), (Some(4), json!(0)));
    }
}
