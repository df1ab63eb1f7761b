//! Scripts of nights, generated: for the properties of `cargo test`, and for campaigns of many
//! (`make nights`).

use domain::policy::{Policy, parse};
use jiff::{SignedDuration, Timestamp};
use model::Kill;
use model::campaign::{Fate, Script, Trouble};
use proptest::prelude::*;
use serde_json::Value;

const CODES: &str = include_str!("../../../../tests/data/error-codes.json");
const KEY: &str = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555";

/// Two nights and the morning after.
pub(crate) const NIGHTS: SignedDuration = SignedDuration::from_hours(40);

pub(crate) fn start() -> Timestamp {
    "2025-01-14T15:00:00Z".parse().expect("a time")
}

/// An instance and a cluster, taken by RDS or by Sonae.
pub(crate) fn two_assets(scheduled: bool) -> Policy {
    let take = if scheduled { "take = \"scheduled\"\n" } else { "" };
    let asset =
        |kind: &str, id: &str| format!("[[asset]]\nkind = \"{kind}\"\nid = \"{id}\"\n{take}");
    let text = format!(
        "version = 1\nsystem = \"s\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"Asia/Tokyo\"\nlanguage = \"en\"\n[notify]\nemail = [\"ops@example.com\"]\n\
         [defaults]\nsince = 2025-01-15\ndr_key = \"{KEY}\"\n{}{}",
        asset("rds-instance", "first"),
        asset("rds-cluster", "second")
    );
    parse(&text).expect("a good policy")
}

pub(crate) fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Now),
        Just(Fate::Lost),
        Just(Fate::Twice),
        (1u16..900).prop_map(Fate::Late),
    ]
}

pub(crate) fn kill() -> impl Strategy<Value = Option<Kill>> {
    let one = (1u32..12, any::<bool>());
    prop_oneof![
        8 => Just(None),
        1 => one.prop_map(|(at, after_effect)| Some(Kill { at, after_effect })),
    ]
}

/// Calls that fail by any code that AWS declares for them, are throttled, denied or not answered.
fn trouble() -> impl Strategy<Value = Trouble> {
    let data: Value = serde_json::from_str(CODES).expect("it is JSON");
    let calls = data["calls"].as_object().expect("calls");
    let all: Vec<(String, Option<String>)> = calls
        .iter()
        .flat_map(|(op, declared)| {
            let declared = declared.as_array().expect("codes").iter();
            let declared = declared.map(|code| code.as_str().expect("a code"));
            let codes = declared.chain(["Throttling", "AccessDenied", "InternalFailure"]);
            let codes: Vec<Option<String>> = codes.map(|code| Some(code.to_owned())).collect();
            codes.into_iter().chain([None]).map(|code| (op.clone(), code))
        })
        .collect();
    (prop::sample::select(all), any::<bool>(), 1u32..20)
        .prop_map(|((op, code), in_dr, times)| Trouble { op, in_dr, times, code })
}

prop_compose! {
    /// Anything that may go wrong, all at once.
    pub(crate) fn troubled()(
        fates in prop::collection::vec(fate(), 0..12),
        kills in prop::collection::vec(kill(), 0..60),
        troubles in prop::collection::vec(trouble(), 0..6),
        (dies, skipped) in (0u32..5, any::<bool>()),
        (from, ticks) in (0usize..160, 0usize..40),
        (places, by_hand, plain) in (1usize..4, 0u32..4, any::<bool>()),
    ) -> Script {
        let outage = from..from + ticks;
        let places = Some(places);
        Script { fates, dies, throttled: 0, skipped, kills, troubles, outage, places, by_hand, plain }
    }
}
