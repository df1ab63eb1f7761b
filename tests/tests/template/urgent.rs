//! Who hears of the critical only: a filter on what the code really sends along.

use crate::stack::Stack;
use cloud::notify::SEVERITY;
use domain::finding::Severity;
use serde_json::{Value, json};

fn both() -> [(Stack, &'static str); 2] {
    let [home, dr] = Stack::both();
    [(home, "Topic"), (dr, "DrTopic")]
}

/// Through both topics, since either may have to tell alone.
#[test]
fn the_urgent_address_gets_what_is_published_as_critical() {
    for (stack, topic) in both() {
        let subscription = json!({
            "TopicArn": {"Ref": topic},
            "Protocol": "email",
            "Endpoint": {"Ref": "UrgentEmail"},
            "FilterPolicyScope": "MessageAttributes",
            "FilterPolicy": {SEVERITY: [Severity::Critical.word()]},
        });
        assert_eq!(stack.properties("Urgent"), &subscription, "{}", stack.file);
    }
}

#[test]
fn without_an_urgent_address_there_is_no_subscription() {
    for (stack, _) in both() {
        assert_eq!(stack.json["Resources"]["Urgent"]["Condition"], "HasUrgent", "{}", stack.file);
        let condition = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "UrgentEmail"}, ""]}]});
        assert_eq!(stack.json["Conditions"]["HasUrgent"], condition);
        assert_eq!(stack.json["Parameters"]["UrgentEmail"]["Default"], "");
    }
}

/// The alarms' messages have no attributes: a filter would keep them from whoever is to hear all.
#[test]
fn everybody_else_gets_everything() {
    for (stack, _) in both() {
        let ids = stack.ids("AWS::SNS::Subscription");
        assert_eq!(ids, ["ChatSubscription", "Email", "Urgent"], "{}", stack.file);
        for id in ["ChatSubscription", "Email"] {
            assert_eq!(stack.properties(id)["FilterPolicy"], Value::Null, "{}: {id}", stack.file);
        }
    }
}
