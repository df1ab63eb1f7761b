//! Generated nights: whatever happens to the events, the check brings the same end.

use crate::night::{Drive, at, policy};
use domain::policy::Policy;
use domain::seen::Scope;
use domain::tags::StartedBy;
use jiff::{SignedDuration, Timestamp};
use model::Kill;
use model::campaign::{Fate, Script, ending, play};
use proptest::prelude::*;

fn start() -> Timestamp {
    at("2025-01-14T15:00:00Z")
}

/// Two nights and the morning after.
const NIGHTS: SignedDuration = SignedDuration::from_hours(40);

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Now),
        Just(Fate::Lost),
        Just(Fate::Twice),
        (1u16..900).prop_map(Fate::Late),
    ]
}

fn kill() -> impl Strategy<Value = Option<Kill>> {
    let one = (1u32..12, any::<bool>());
    prop_oneof![
        8 => Just(None),
        1 => one.prop_map(|(at, after_effect)| Some(Kill { at, after_effect })),
    ]
}

prop_compose! {
    fn script()(
        fates in prop::collection::vec(fate(), 0..12),
        dies in 0u32..5,
        throttled in 0u32..3,
        skipped in any::<bool>(),
    ) -> Script {
        Script { fates, dies, throttled, skipped, kills: Vec::new() }
    }
}

/// Points that Sonae takes itself.
fn scheduled() -> Policy {
    crate::night::policy_with("take = \"scheduled\"\n")
}

fn two_assets() -> Policy {
    let second = "[[asset]]\nkind = \"rds-instance\"\nid = \"kaigo-master\"\n";
    crate::night::policy_with(second)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_loss_repeat_and_order_of_events_ends_the_same(script in script()) {
        let quiet = Script { fates: Vec::new(), ..script.clone() };
        let expected = ending(&play(&policy(), start(), NIGHTS, &quiet));
        prop_assert_eq!(ending(&play(&policy(), start(), NIGHTS, &script)), expected);
    }

    #[test]
    fn events_and_killed_checks_change_nothing_for_a_fleet(
        fates in prop::collection::vec(fate(), 0..12),
        kills in prop::collection::vec(kill(), 0..60),
        takes in any::<bool>(),
    ) {
        let policy = if takes { scheduled() } else { two_assets() };
        let expected = ending(&play(&policy, start(), NIGHTS, &Script::default()));
        let script = Script { fates, kills, ..Script::default() };
        prop_assert_eq!(ending(&play(&policy, start(), NIGHTS, &script)), expected);
    }

    #[test]
    fn apply_then_decide_again_is_all_rest(
        script in script(), quarter in 0i32..160, takes in any::<bool>(),
    ) {
        let policy = if takes { scheduled() } else { two_assets() };
        let sim = play(&policy, start(), domain::day::TICK * quarter, &script);
        sim.account.borrow_mut().unscript("rds:CopyDBSnapshot");
        sim.play(Scope::Fleet, StartedBy::Check, None);
        let again = sim.check();
        prop_assert!(again.tried.is_empty(), "{:?}", again.tried);
    }
}
