//! Generated nights: whatever happens to the events, the check brings the same end.

use crate::generate::{NIGHTS, fate, kill, start, troubled, two_assets};
use crate::night::{Drive, policy};
use domain::seen::Scope;
use domain::tags::StartedBy;
use model::campaign::{Promises, Script, ending, play, settle};
use proptest::prelude::*;

prop_compose! {
    fn script()(
        fates in prop::collection::vec(fate(), 0..12),
        dies in 0u32..5,
        throttled in 0u32..3,
        skipped in any::<bool>(),
    ) -> Script {
        Script { fates, dies, throttled, skipped, ..Script::default() }
    }
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
        let policy = two_assets(takes);
        let expected = ending(&play(&policy, start(), NIGHTS, &Script::default()));
        let script = Script { fates, kills, ..Script::default() };
        prop_assert_eq!(ending(&play(&policy, start(), NIGHTS, &script)), expected);
    }

    #[test]
    fn apply_then_decide_again_is_all_rest(
        script in script(), quarter in 0i32..160, takes in any::<bool>(),
    ) {
        let policy = two_assets(takes);
        let sim = play(&policy, start(), domain::day::TICK * quarter, &script);
        sim.account.borrow_mut().unscript_all();
        sim.play(Scope::Fleet, StartedBy::Check, None);
        let again = sim.check();
        prop_assert!(again.tried.is_empty(), "{:?}", again.tried);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1800, ..ProptestConfig::default() })]

    /// Calls refused, killed, not answered, functions that do not run: what was promised holds, late
    /// at worst.
    #[test]
    fn whatever_goes_wrong_the_promises_hold(script in troubled(), takes in any::<bool>()) {
        let sim = play(&two_assets(takes), start(), NIGHTS, &script);
        settle(&sim);
        prop_assert_eq!(Promises::of(&sim, &script).broken(), Vec::<String>::new());
    }
}
