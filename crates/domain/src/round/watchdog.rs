//! The watchdog outside: pinged after a look that proves that looking, recording and telling work. It
//! tells a person when no ping comes, so a ping that is withheld is the signal.

use super::{Round, Turn};
use crate::episode::Kind;
use crate::journal::Journal;
use crate::policy::{PingUrl, Policy};
use crate::seen::Seen;
use crate::step::Action;
use crate::world::World;

impl Round {
    /// The last thing of a check. A refused ping is nothing undone: its absence is seen outside, and
    /// the next look pings again.
    pub(super) async fn ping(&mut self, turn: &Turn<'_, impl World>, seen: &Seen) {
        let due = due(turn.policy, seen, self).cloned();
        if let Some(url) = due {
            self.pinged = Some(turn.world.act(&Action::Ping(url)).await);
        }
    }
}

/// What to ping after this round, unless it must be withheld: something was left undone, the journal
/// cannot be read (that it cannot be written has left the sign of life undone), or nobody listens to
/// a topic, so that the outside hears what nobody inside would.
fn due<'p>(policy: &'p Policy, seen: &Seen, round: &Round) -> Option<&'p PingUrl> {
    let journal = seen.journal.known()?;
    let fine = round.whole && round.undone.is_empty() && !is_unheard(journal, round);
    policy.watchdog.as_ref().filter(|_| fine)
}

/// Who listens is asked once a day: until it is asked again, the open episode is what is known.
fn is_unheard(journal: &Journal, round: &Round) -> bool {
    let found = round.findings.iter().any(|finding| finding.key.kind == Kind::Unheard);
    found || journal.all_open().any(|(key, ..)| key.kind == Kind::Unheard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::episode::{EpisodeKey, Subject};
    use crate::fault::{Fault, FaultKind};
    use crate::finding::{Finding, Found};
    use crate::id::Region;
    use crate::policy::parse;
    use crate::seen::{Read, Topic};
    use jiff::Timestamp;

    const SHIPPED: &str = include_str!("../../../../policy/policy.toml");
    const SAID: &str = "episodes/-/unheard/item:us-west-2/1/said.json";
    const REPAIRED: &str = "episodes/-/unheard/item:us-west-2/1/repaired.json";

    fn seen(journal: Read<Journal>) -> Seen {
        Seen { journal, ..Seen::nothing() }
    }

    fn journal(keys: &[&str]) -> Read<Journal> {
        Read::Known(Journal::from_keys(keys.iter().map(|key| (*key, Timestamp::UNIX_EPOCH))))
    }

    fn fault() -> Fault {
        let (op, region) = ("s3:PutObject".to_owned(), Region::new("us-west-2"));
        Fault { op, region, kind: FaultKind::Denied, detail: String::new() }
    }

    fn whole() -> Round {
        Round { whole: true, ..Round::default() }
    }

    fn unheard() -> Finding {
        let region = Region::new("us-east-1");
        let topic = Topic { arn: String::new(), region, confirmed: 0, pending: 1 };
        let what = Found::Unheard { topic };
        let key = EpisodeKey { asset: None, kind: what.kind(), subject: Subject::Standing };
        let severity = what.severity();
        Finding { key, severity, what, since: Timestamp::UNIX_EPOCH, rpo: None }
    }

    #[track_caller]
    fn check(round: &Round, journal: Read<Journal>, pings: bool) {
        let text = format!("{SHIPPED}\n[watchdog]\nurl = \"https://hc-ping.com/your-uuid\"\n");
        let with = parse(&text).unwrap();
        let seen = seen(journal);
        assert_eq!(due(&with, &seen, round).is_some(), pings);
        assert_eq!(due(&parse(SHIPPED).unwrap(), &seen, round), None, "no watchdog, no ping");
    }

    #[test]
    fn a_whole_look_that_left_nothing_undone_pings() {
        check(&whole(), journal(&[]), true);
        check(&Round::default(), journal(&[]), false);
        check(&Round { undone: vec![fault()], ..whole() }, journal(&[]), false);
        check(&whole(), Read::Unknown(fault()), false);
    }

    /// What else is wrong is told inside; that nobody is told is for the outside.
    #[test]
    fn while_nobody_listens_nothing_pings() {
        check(&Round { findings: vec![unheard()], ..whole() }, journal(&[]), false);
        check(&whole(), journal(&[SAID]), false);
        check(&whole(), journal(&[&SAID.replace("said", "claim-1")]), false);
        check(&whole(), journal(&[SAID, REPAIRED]), true);
        check(&whole(), journal(&["episodes/-/unarmed/-/1/said.json"]), true);
    }
}
