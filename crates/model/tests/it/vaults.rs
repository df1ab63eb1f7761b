//! Nights of a file system under AWS Backup, beside an instance.

use crate::errors::codes;
use crate::night::{COMPLETE, Drive, ID, asset, at, dr, home, policy_over, sim_of, told};
use domain::fault::FaultKind;
use domain::id::AssetId;
use domain::seen::Scope;
use domain::tags::StartedBy;
use jiff::SignedDuration;
use jiff::civil::date;
use model::{ApiError, Night, Scripted, Sim};

const FS: &str = "fs-0123456789abcdef0";
const TAKEN: &str = "no recovery point of fs-0123456789abcdef0 for 2025-01-15";
const LANDED: &str = "no copy of fs-0123456789abcdef0 for 2025-01-15 in us-west-2";

fn both() -> Sim {
    sim_of(policy_over("", &(asset("rds-instance", ID, "") + &asset("efs", FS, ""))))
}

/// The night of the 15th, otherwise than the others.
fn night(night: Night) -> Sim {
    let sim = both();
    sim.account.borrow_mut().script_night(FS, date(2025, 1, 15), night);
    sim
}

/// What a bad night is told as, and since when it is.
#[track_caller]
fn check(bad: Night, words: &str, quiet_until: &str, told_by: &str, says: &str) {
    let sim = night(bad.clone());
    sim.check_until(quiet_until);
    assert_eq!(told(&sim, words), 0, "{bad:?} by {quiet_until}: {:?}", sim.subjects());
    sim.check_until(told_by);
    assert_eq!(told(&sim, words), 1, "{bad:?} by {told_by}: {:?}", sim.subjects());
    sim.check_until("2025-01-15T06:00:00Z");
    let mails = sim.mails();
    let said: Vec<_> = mails.iter().filter(|mail| mail.subject.contains("no ")).collect();
    assert_eq!(said.len(), 1, "{bad:?}: {:?}", sim.subjects());
    assert!(said[0].body.contains(says), "{bad:?}: {}", said[0].body);
    assert_eq!(told(&sim, COMPLETE), 0, "{bad:?}: no night is complete without it");
}

#[test]
fn a_night_is_complete_once_both_have_landed() {
    let sim = both();
    sim.check_until("2025-01-14T20:45:00Z");
    assert_eq!(told(&sim, COMPLETE), 0, "the file system is on its way: {:?}", sim.subjects());
    sim.check_until("2025-01-15T06:00:00Z");
    assert_eq!(told(&sim, COMPLETE), 1, "{:?}", sim.subjects());
    let mails = sim.mails();
    let night = mails.iter().find(|mail| mail.subject == COMPLETE).expect("told");
    assert!(night.body.contains("2 of 2"), "{}", night.body);
    assert!(
        night.body.contains("- fs-0123456789abcdef0: data of 2025-01-15 04:00 JST"),
        "{}",
        night.body
    );
    let keys: Vec<String> =
        sim.account.borrow().objects.keys().map(|(_, key)| key.clone()).collect();
    for fact in ["taken", "landed"] {
        assert!(keys.contains(&format!("duties/2025-01-15/{FS}/{fact}.json")), "{keys:?}");
    }
    assert_eq!(mails.len(), 1, "{:?}", sim.subjects());
    let report = &sim.reports()[0];
    assert!(report.subject.contains("2 of 2 landed"), "{}", report.subject);
    assert!(report.body.contains(FS), "{}", report.body);
    // Its copy takes an hour by itself, which is no concern of the budget.
    assert!(!report.body.contains("budget.longest"), "{}", report.body);
}

#[test]
fn story_17_every_bad_end_of_a_job_is_told() {
    for state in ["FAILED", "EXPIRED", "ABORTED", "PARTIAL"] {
        let bad = Night::Job(state, "in AWS's words");
        check(bad, TAKEN, "2025-01-14T19:45:00Z", "2025-01-14T20:00:00Z", "in AWS's words");
    }
    let issues = Night::Issues("AccessDenied");
    check(issues, TAKEN, "2025-01-14T19:45:00Z", "2025-01-14T20:00:00Z", "AccessDenied");
}

/// AWS Backup fails and says so in words that somebody once put on a list.
#[test]
fn story_19_no_words_of_a_job_mute_it() {
    for words in ["", "not within the range", "\"Backup job was stopped by user.\""] {
        let bad = Night::Job("EXPIRED", words);
        check(bad, TAKEN, "2025-01-14T19:45:00Z", "2025-01-14T20:00:00Z", "`EXPIRED`");
    }
}

#[test]
fn story_02_a_plan_that_makes_no_job_is_told() {
    let (before, after) = ("2025-01-14T20:00:00Z", "2025-01-14T20:15:00Z");
    check(Night::NeverStarted, TAKEN, before, after, "no job of that day into `sonae`");
}

#[test]
fn a_job_that_is_not_done_in_time_is_told_and_repaired() {
    let sim = night(Night::Slow(SignedDuration::from_hours(5)));
    sim.check_until("2025-01-14T21:45:00Z");
    assert_eq!(told(&sim, TAKEN), 0, "{:?}", sim.subjects());
    sim.check_until("2025-01-14T22:00:00Z");
    assert_eq!(told(&sim, TAKEN), 1, "{:?}", sim.subjects());
    sim.check_until("2025-01-15T06:00:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 1, "{:?}", sim.subjects());
    assert_eq!(told(&sim, LANDED), 0, "its copy has the time that any copy has");
    assert_eq!(told(&sim, COMPLETE), 1, "{:?}", sim.subjects());
}

#[test]
fn every_bad_end_of_a_copy_is_told() {
    for state in ["FAILED", "PARTIAL"] {
        let bad = Night::Copy(state, "in AWS's words");
        check(bad, LANDED, "2025-01-14T20:45:00Z", "2025-01-14T21:00:00Z", "in AWS's words");
    }
    let stuck = Night::CopyStuck;
    check(stuck, LANDED, "2025-01-14T21:45:00Z", "2025-01-14T22:00:00Z", "`CREATED` since");
    let (before, after) = ("2025-01-15T00:45:00Z", "2025-01-15T01:00:00Z");
    check(Night::NotCopied, LANDED, before, after, "no copy job into `sonae-dr`");
    check(Night::OtherKey("another"), LANDED, before, after, "not under that vault's key");
}

#[test]
fn a_copy_that_somebody_deletes_is_told() {
    let sim = night(Night::CopyDeleted(at("2025-01-14T23:30:00Z")));
    sim.check_until("2025-01-15T00:45:00Z");
    assert_eq!(told(&sim, COMPLETE), 1, "{:?}", sim.subjects());
    assert_eq!(told(&sim, LANDED), 0, "{:?}", sim.subjects());
    sim.check_until("2025-01-15T01:00:00Z");
    assert_eq!(told(&sim, LANDED), 1, "{:?}", sim.subjects());
}

/// What cannot be read is unreadable, and never missing; the instance is judged all the same.
#[test]
fn a_refused_read_of_aws_backup_is_told_and_breaks_no_duty() {
    let calls = [
        ("backup:ListRecoveryPointsByBackupVault", dr()),
        ("backup:ListRecoveryPointsByBackupVault", home()),
        ("backup:DescribeBackupVault", dr()),
        ("backup:ListBackupJobs", home()),
    ];
    for (call, region) in calls {
        for code in codes().remove(call).expect("a call of ours") {
            if FaultKind::of_code(&code) == FaultKind::Missing {
                continue;
            }
            let sim = both();
            let refusal = Scripted::Refuse(ApiError::new(400, &code, "in AWS's words"));
            sim.account.borrow_mut().script(call, Some(&region), "", u32::MAX, refusal);
            sim.check_until("2025-01-15T02:00:00Z");
            assert_eq!(
                told(&sim, &format!("{call} in {region} cannot be read")),
                1,
                "{code}: {:?}",
                sim.subjects()
            );
            assert_eq!(told(&sim, "no "), 0, "{call} {code}: {:?}", sim.subjects());
            assert_eq!(sim.copies().len(), 1, "{call} {code}: the instance's");
            sim.account.borrow_mut().unscript(call);
            sim.check_until("2025-01-15T04:00:00Z");
            assert_eq!(told(&sim, COMPLETE), 1, "{call} {code}: {:?}", sim.subjects());
        }
    }
}

/// The copy itself is read; the jobs only say more.
#[test]
fn unread_copy_jobs_are_told_and_the_copy_counts() {
    let sim = both();
    let refusal = Scripted::Refuse(ApiError::denied("backup:ListCopyJobs"));
    sim.account.borrow_mut().script("backup:ListCopyJobs", None, "", u32::MAX, refusal);
    sim.check_until("2025-01-15T02:00:00Z");
    assert_eq!(told(&sim, "backup:ListCopyJobs in us-east-1 cannot be read"), 1);
    assert_eq!(told(&sim, COMPLETE), 1, "{:?}", sim.subjects());
}

#[test]
fn a_vault_that_is_gone_is_told_once_and_repaired() {
    let sim = both();
    let place = (dr(), "sonae-dr".to_owned());
    let key = sim.account.borrow_mut().backups.vaults.remove(&place).expect("it was there");
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(
        told(&sim, "[CRITICAL] kaigo-subsys-prod: no backup vault sonae-dr in us-west-2"),
        1
    );
    sim.account.borrow_mut().backups.vaults.insert(place, key);
    sim.check_until("2025-01-14T19:45:00Z");
    assert_eq!(told(&sim, "[REPAIRED] kaigo-subsys-prod: backup vault"), 1, "{:?}", sim.subjects());
    assert_eq!(sim.mails().len(), 2, "{:?}", sim.subjects());
}

/// A stranger locks the dr vault for ever: told at the next look, within the three days in which it can be
/// undone; and taken off, repaired.
#[test]
fn a_lock_that_somebody_puts_on_is_told_while_it_can_be_undone() {
    let sim = both();
    sim.check_until("2025-01-14T18:00:00Z");
    let place = (dr(), "sonae-dr".to_owned());
    let date = Some(at("2025-01-17T18:00:00Z"));
    sim.account.borrow_mut().backups.locks.insert(place.clone(), date);
    sim.check_until("2025-01-14T18:15:00Z");
    let lock = "lock of backup vault sonae-dr in us-west-2: compliance, not off";
    assert_eq!(told(&sim, lock), 1, "{:?}", sim.subjects());
    assert!(sim.mails()[0].body.contains("delete-backup-vault-lock-configuration"));
    sim.account.borrow_mut().backups.locks.remove(&place);
    sim.check_until("2025-01-14T19:00:00Z");
    let repaired = "[REPAIRED] kaigo-subsys-prod: lock of us-west-2.sonae-dr is as the policy says";
    assert_eq!(told(&sim, repaired), 1, "{:?}", sim.subjects());
    assert_eq!(sim.mails().len(), 2, "{:?}", sim.subjects());
}

/// AWS Backup is switched off for EFS in dr, and on again.
#[test]
fn a_type_that_is_switched_off_is_told_once_and_repaired() {
    let sim = both();
    let switch = |on| {
        let mut account = sim.account.borrow_mut();
        let types = account.backups.opt_in.get_mut(&dr()).expect("dr's");
        types.insert("EFS".to_owned(), on);
    };
    switch(false);
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(told(&sim, "AWS Backup is not let to protect EFS in us-west-2"), 1);
    switch(true);
    sim.check_until("2025-01-14T19:45:00Z");
    assert_eq!(told(&sim, "[REPAIRED] kaigo-subsys-prod: AWS Backup takes us-west-2.EFS again"), 1);
    assert_eq!(sim.mails().len(), 2, "{:?}", sim.subjects());
}

/// Without the journal nothing says what was told before: some repeats, no silence.
#[test]
fn a_bad_night_is_told_without_the_journal() {
    let sim = night(Night::NeverStarted);
    for call in ["s3:ListBucket", "s3:PutObject"] {
        let refusal = Scripted::Refuse(ApiError::denied(call));
        sim.account.borrow_mut().script(call, None, "", u32::MAX, refusal);
    }
    sim.check_until("2025-01-15T01:00:00Z");
    assert!(told(&sim, TAKEN) >= 1, "{:?}", sim.subjects());
}

/// An asset that joins at noon owes the morning, but what is under way has its time.
#[test]
fn on_its_first_day_a_job_under_way_is_no_break() {
    let sim = night(Night::Slow(SignedDuration::from_hours(9)));
    sim.until("2025-01-15T03:00:00Z");
    sim.check();
    assert_eq!(told(&sim, TAKEN), 0, "{:?}", sim.subjects());
    sim.check_until("2025-01-15T06:00:00Z");
    assert_eq!(told(&sim, "fs-0"), 0, "{:?}", sim.subjects());
}

/// Nothing of AWS Backup is asked by the round of a database, nor where the policy has no such asset.
#[test]
fn aws_backup_is_asked_where_it_is_looked_at() {
    let asked = |sim: &Sim| {
        sim.account.borrow().calls.iter().filter(|call| call.op.starts_with("backup:")).count()
    };
    let sim = both();
    let id = AssetId::new(ID);
    sim.play(Scope::Asset(id), StartedBy::Event, None).expect("not killed");
    assert_eq!(asked(&sim), 0);
    sim.check();
    assert_eq!(asked(&sim), 8, "two vaults, their points, jobs, copy jobs, two Regions' settings");
    let of_event = both();
    of_event.play(Scope::Asset(AssetId::new(FS)), StartedBy::Event, None).expect("not killed");
    assert_eq!(asked(&of_event), 6, "the same of the one asset");
    let of_rds = of_event.account.borrow().calls.iter().any(|call| call.op.starts_with("rds:"));
    assert!(!of_rds, "and nothing of RDS");
    let plain = crate::night::sim();
    plain.check();
    assert_eq!(asked(&plain), 0);
}
