//! The preflight of what AWS Backup protects: each thing that a restore needs, and each way to lack it.

use crate::fixture::at;
use crate::preflights::readable;
use crate::vault_night::{FS, KEY, copy, landed, policy, unread};
use domain::id::{AssetId, Region};
use domain::journal::Journal;
use domain::judge::judge;
use domain::policy::Policy;
use domain::report::{Item, Ready, Report, compose, page, text};
use domain::seen::{BackedSeen, OptIn, Read, RecoveryPoint, Seen, Vault};
use insta::assert_snapshot;
use std::collections::BTreeMap;

/// 11:00 on the day after the night.
const NOW: &str = "2025-01-15T02:00:00Z";

fn report(policy: &Policy, view: BackedSeen, opt_in: BTreeMap<Region, Read<OptIn>>) -> Report {
    let seen = Seen {
        backed: [(AssetId::new(FS), view)].into(),
        opt_in,
        journal: Read::Known(Journal::default()),
        ..Seen::nothing()
    };
    let judgement = judge(policy, &seen, &[], at(NOW));
    compose(policy, &seen, &judgement.duties, &judgement.findings, at(NOW))
}

fn types(home: bool, dr: bool) -> BTreeMap<Region, Read<OptIn>> {
    let of = |on| Read::Known([("EFS".to_owned(), on)].into());
    [(Region::new("us-east-1"), of(home)), (Region::new("us-west-2"), of(dr))].into()
}

/// How one item stands, all others being well.
#[track_caller]
fn check(item: Item, view: BackedSeen, opt_in: BTreeMap<Region, Read<OptIn>>, expected: Ready) {
    let report = report(&policy("en"), view, opt_in);
    assert_eq!(report.preflight.len(), 1);
    let items = &report.preflight[0].items;
    assert_eq!(items.len(), 4, "{items:?}");
    assert_eq!(items[&item], expected, "{items:?}");
    assert!(
        items.iter().all(|(other, ready)| *other == item || *ready == Ready::Ready),
        "{items:?}"
    );
}

#[test]
fn each_item_stands_as_it_was_seen() {
    use Ready::{Failing, Unread};
    let on = || types(true, true);
    check(Item::Copy, landed(), on(), Ready::Ready);
    let old = RecoveryPoint { created: at("2025-01-14T01:00:00Z"), ..copy("COMPLETED") };
    check(Item::Copy, BackedSeen { copies: Read::Known(vec![old]), ..landed() }, on(), Failing);
    let partial = Read::Known(vec![copy("PARTIAL")]);
    check(Item::Copy, BackedSeen { copies: partial, ..landed() }, on(), Failing);
    let copies = unread("backup:ListRecoveryPointsByBackupVault", "us-west-2");
    check(Item::Copy, BackedSeen { copies, ..landed() }, on(), Unread);
    check(Item::Vaults, BackedSeen { vault: Read::Known(None), ..landed() }, on(), Failing);
    let locked = Vault { arn: None, key: Some(KEY.to_owned()), lock: Some(None) };
    let view = BackedSeen { dr_vault: Read::Known(Some(locked)), ..landed() };
    check(Item::Lock, view, on(), Failing);
    check(Item::OptIn, landed(), types(true, false), Failing);
    check(Item::OptIn, landed(), types(false, true), Failing);
    check(Item::OptIn, landed(), BTreeMap::new(), Unread);
    let nameless = [(Region::new("us-east-1"), Read::Known(OptIn::new()))].into();
    check(Item::OptIn, landed(), nameless, Ready::Ready);
    // What reads the vault reads its lock.
    let blind = unread("backup:DescribeBackupVault", "us-west-2");
    let report = report(&policy("en"), BackedSeen { dr_vault: blind, ..landed() }, on());
    let items = &report.preflight[0].items;
    assert_eq!([items[&Item::Vaults], items[&Item::Lock]], [Unread, Unread]);
}

/// Both shapes, of a morning on which the dr vault is locked by somebody and EFS is off in dr.
#[test]
fn the_report_of_an_unready_morning() {
    for language in ["ja", "en"] {
        let policy = policy(language);
        let lock = Some(Some(at("2025-01-18T02:00:00Z")));
        let locked = Vault { arn: None, key: Some(KEY.to_owned()), lock };
        let view = BackedSeen { dr_vault: Read::Known(Some(locked)), ..landed() };
        let report = report(&policy, view, types(true, false));
        assert_snapshot!(format!("unready_vault_mail_{language}"), text(&policy, &report));
        let page = readable(&page(&policy, &report));
        assert_snapshot!(format!("unready_vault_page_{language}"), page);
    }
}
