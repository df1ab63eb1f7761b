//! KMS: every finding names which key, in which Region, and what to do about it.

use crate::night::{
    COMPLETE, Drive, KEY, asset, dr, each_db, home, policy_over, policy_with, rekeyed, sim, sim_of,
    told,
};
use domain::id::{Family, PointName};
use domain::seen::Scope;
use domain::tags::StartedBy;
use model::{ApiError, Mail, Scripted, Sim};

const HOME_KEY: &str =
    "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-777777777777";

/// The database is under a key of the customer, which the policy names.
fn encrypted() -> Sim {
    sim_of(policy_with(&format!("home_key = \"{HOME_KEY}\"")))
}

fn set(sim: &Sim, key: &str, state: &str) {
    sim.account.borrow_mut().keys.insert(key.to_owned(), state.to_owned());
}

/// A single mail about it, with the key, its Region and the command that mends it.
#[track_caller]
fn check(sim: &Sim, subject: &str, words: &[&str]) {
    let mails: Vec<Mail> =
        sim.mails().into_iter().filter(|mail| mail.subject.contains(subject)).collect();
    assert_eq!(mails.len(), 1, "{:?}", sim.subjects());
    for word in words {
        assert!(mails[0].body.contains(word), "{word}: {}", mails[0].body);
    }
}

#[test]
fn story_09_a_database_under_the_default_key_is_copied() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
}

#[test]
fn story_09_a_disabled_source_key_is_named_with_its_region() {
    let sim = encrypted();
    set(&sim, HOME_KEY, "Disabled");
    sim.check_until("2025-01-14T18:30:00Z");
    let enable = "aws kms enable-key --region us-east-1 --key-id";
    check(&sim, ": key of kaigo-subsys-prod in us-east-1 is Disabled", &[HOME_KEY, enable]);
    let states = ["us-east-1 (Disabled)", "us-west-2 (Enabled)", KEY, HOME_KEY, enable];
    check(&sim, "no copy of kaigo-subsys-prod", &states);
    set(&sim, HOME_KEY, "Enabled");
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 2, "{:?}", sim.subjects());
}

#[test]
fn story_09_a_source_key_pending_deletion_is_told_before_the_night() {
    let sim = encrypted();
    set(&sim, HOME_KEY, "PendingDeletion");
    sim.check();
    let cancel = "aws kms cancel-key-deletion --region us-east-1";
    check(&sim, ": key of kaigo-subsys-prod in us-east-1 is PendingDeletion", &[cancel]);
}

#[test]
fn story_09_a_dr_key_pending_deletion_is_named_with_its_region() {
    let sim = sim();
    set(&sim, KEY, "PendingDeletion");
    sim.check();
    let cancel = "aws kms cancel-key-deletion --region us-west-2";
    check(&sim, "in us-west-2 is PendingDeletion", &[KEY, cancel]);
}

/// A key of the wrong Region, or one that was deleted, is not there.
#[test]
fn story_09_a_dr_key_that_is_not_in_dr_is_missing() {
    let sim = sim();
    sim.account.borrow_mut().keys.remove(KEY);
    sim.check();
    check(&sim, "in us-west-2 is Missing", &[KEY, "it must be a key that exists in us-west-2"]);
}

/// Both keys work and RDS says that one does not: a right is missing, on one of these two.
#[test]
fn story_09_a_denied_grant_names_both_keys() {
    let sim = encrypted();
    let message = "The target snapshot KMS key does not exist or you do not have permissions";
    let refused = Scripted::Refuse(ApiError::new(400, "KMSKeyNotAccessibleFault", message));
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, refused);
    sim.check_until("2025-01-14T18:30:00Z");
    let words = ["us-east-1 (Enabled)", "us-west-2 (Enabled)", KEY, HOME_KEY, "kms:CreateGrant"];
    check(&sim, "no copy of kaigo-subsys-prod", &words);
    assert_eq!(sim.mails().len(), 1);
}

#[test]
fn story_09_a_source_key_that_the_policy_does_not_name_is_told_before_a_copy_needs_it() {
    let sim = sim();
    set(&sim, HOME_KEY, "Enabled");
    each_db(&sim, |db| db.shown.key = Some(HOME_KEY.to_owned()));
    sim.check();
    let line = format!("home_key = \"{HOME_KEY}\"");
    check(&sim, "policy.toml lacks the key of kaigo-subsys-prod in us-east-1", &[&line]);
    let named = crate::night::under(&sim, &line);
    named.check_until("2025-01-14T18:45:00Z");
    assert_eq!(told(&named, "[REPAIRED]"), 1, "{:?}", named.subjects());
}

/// It works, and can never be shared with another account.
#[test]
fn story_09_a_dr_key_that_aws_manages_is_told() {
    let sim = sim();
    sim.account.borrow_mut().managed_keys.insert(KEY.to_owned());
    sim.check_until("2025-01-14T19:00:00Z");
    check(
        &sim,
        "copy key of kaigo-subsys-prod in us-west-2 is managed by AWS",
        &[KEY, "customer managed key"],
    );
    assert_eq!(told(&sim, "complete"), 1, "it is copied all the same");
}

/// The database gets another key: what was told of the old one is over, without a word of repair.
#[test]
fn a_former_home_key_is_no_longer_told() {
    let sim = encrypted();
    set(&sim, HOME_KEY, "PendingDeletion");
    sim.check();
    let other = HOME_KEY.replace("7777", "8888");
    set(&sim, &other, "Enabled");
    each_db(&sim, |db| db.shown.key = Some(other.clone()));
    sim.check_until("2025-01-14T18:45:00Z");
    assert_eq!(told(&sim, "works again"), 0, "{:?}", sim.subjects());
}

#[test]
fn an_unreadable_home_key_is_unreadable_and_stops_nothing() {
    let sim = encrypted();
    let denied = Scripted::Refuse(ApiError::denied("kms:DescribeKey"));
    sim.account.borrow_mut().script("kms:DescribeKey", Some(&home()), "", u32::MAX, denied);
    sim.check_until("2025-01-14T19:00:00Z");
    let unread = "[WARNING] kaigo-subsys-prod: kms:DescribeKey in us-east-1 cannot be read";
    assert_eq!(sim.subjects(), [unread, COMPLETE]);
}

#[test]
fn a_new_dr_key_ends_what_was_told_of_the_one_before() {
    let sim = sim();
    set(&sim, KEY, "Disabled");
    sim.check();
    let sim = rekeyed(&sim);
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(told(&sim, "works again"), 0, "{:?}", sim.subjects());
    assert_eq!(told(&sim, "complete"), 1);
}

/// An option group that cannot go along is AWS's last word, not a storm of calls.
#[test]
fn story_13_an_option_group_is_one_message_and_no_storm() {
    let sim = sim();
    let message = "You must specify an option group with TDE to copy this snapshot";
    let refused = Scripted::Refuse(ApiError::new(400, "InvalidParameterCombination", message));
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", Some(&dr()), "", u32::MAX, refused);
    sim.check_until("2025-01-14T18:30:00Z");
    check(&sim, "no copy of kaigo-subsys-prod", &[message, "--option-group-name"]);
    sim.check_until("2025-01-14T22:30:00Z");
    assert_eq!(sim.mails().len(), 1, "told at once, and once");
    let calls = &sim.account.borrow().calls;
    let asked = calls.iter().filter(|call| call.op == "rds:CopyDBSnapshot").count();
    assert_eq!(asked, 18, "one a look");
}

/// Whatever AWS words a refusal like, it is told: no list of messages that may be ignored.
#[test]
fn story_19_no_words_mute_a_refusal() {
    let messages = [
        "The snapshot is not within the range",
        "Cannot copy more than 20 snapshots across regions",
        "DBSnapshot not found, ignoring",
        "Rate exceeded",
        "",
    ];
    for message in messages {
        let sim = sim();
        let refused = Scripted::Refuse(ApiError::new(400, "SomethingNew", message));
        sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, refused);
        sim.check_until("2025-01-14T22:30:00Z");
        check(&sim, "no copy of kaigo-subsys-prod", &["SomethingNew", message]);
    }
}

/// The key that the policy does not name is switched off, and on again.
#[test]
fn a_disabled_unnamed_key_is_not_named_by_that() {
    let sim = sim();
    let set = |state: &str| {
        sim.account.borrow_mut().keys.insert(HOME_KEY.to_owned(), state.to_owned());
    };
    set("Enabled");
    each_db(&sim, |db| db.shown.key = Some(HOME_KEY.to_owned()));
    sim.check();
    set("PendingDeletion");
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(told(&sim, "policy.toml names the key"), 0, "{:#?}", sim.subjects());
    set("Enabled");
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "policy.toml lacks the key"), 1, "{:#?}", sim.subjects());
}

/// While the databases cannot be read, no home key is asked for.
#[test]
fn a_read_that_was_not_made_is_not_read_again() {
    let sim = sim_of(policy_with(&format!("home_key = \"{HOME_KEY}\"")));
    let denied = Scripted::Refuse(ApiError::denied("kms:DescribeKey"));
    sim.account.borrow_mut().script("kms:DescribeKey", Some(&home()), "", u32::MAX, denied);
    sim.check_until("2025-01-14T19:00:00Z");
    let silence = Scripted::Silence;
    sim.account.borrow_mut().script("rds:DescribeDBInstances", Some(&home()), "", 3, silence);
    sim.check_until("2025-01-14T21:00:00Z");
    assert_eq!(
        told(&sim, "kms:DescribeKey in us-east-1 can be read again"),
        0,
        "{:#?}",
        sim.subjects()
    );
    assert_eq!(
        told(&sim, "kms:DescribeKey in us-east-1 cannot be read"),
        1,
        "{:#?}",
        sim.subjects()
    );
}

/// It is deleted: what the policy names changes nothing about what the database is under.
#[test]
fn a_deleted_home_key_is_no_matter_of_the_policy() {
    let sim = sim();
    let gone = HOME_KEY.replace("7777", "9999");
    each_db(&sim, |db| db.shown.key = Some(gone.clone()));
    sim.check();
    let mail = sim.mails().into_iter().find(|mail| mail.subject.contains("Missing")).expect("told");
    assert!(!mail.body.contains("Check `home_key` in policy.toml"), "{}", mail.body);
}

/// Disabled is a switch; after its deletion nothing under it can be read again.
#[test]
fn a_disabled_key_that_is_to_be_deleted_is_told_again() {
    let sim = sim_of(policy_with(&format!("home_key = \"{HOME_KEY}\"")));
    let set = |state: &str| {
        sim.account.borrow_mut().keys.insert(HOME_KEY.to_owned(), state.to_owned());
    };
    set("Disabled");
    sim.check();
    set("PendingDeletion");
    sim.check_until("2025-01-14T21:00:00Z");
    assert_eq!(told(&sim, "in us-east-1 is PendingDeletion"), 1, "{:#?}", sim.subjects());
}

/// One key for two databases, named once: the role is given it. In the model an event's round forgets
/// that (in `cloud` it does not: `Config::granted` is the role's).
#[test]
fn a_key_that_another_asset_names_is_named() {
    let naming = asset("rds-instance", "db-a", &format!("home_key = \"{HOME_KEY}\""));
    let sim = sim_of(policy_over("", &(naming + &asset("rds-instance", "db-b", ""))));
    each_db(&sim, |db| db.shown.key = Some(HOME_KEY.to_owned()));
    sim.check();
    assert!(sim.mails().is_empty(), "{:#?}", sim.subjects());
    sim.until("2025-01-14T18:11:30Z");
    let name = PointName::new("rds:db-b-2025-01-14-18-05");
    sim.play(Scope::Point(home(), Family::Instance, name), StartedBy::Event, None);
    assert!(sim.mails().is_empty(), "{:#?}", sim.subjects());
}
