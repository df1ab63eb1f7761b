//! The sections of a policy that concern the whole system.

use super::form;
use super::reader::{Problem, Reader};
use super::{Budget, Discover, Notify, Orphans, PingUrl, Reporting, TellSuccess};
use jiff::SignedDuration;
use toml::Table;

/// Seed 002 warns of a backup that takes longer.
const LONGEST: SignedDuration = SignedDuration::from_mins(30);

pub(super) fn notify(table: Table, problems: &mut Vec<Problem>) -> Option<Notify> {
    let mut reader = Reader::new("notify", &table, None, problems);
    reader.only(&["tell_success", "report", "email", "urgent"]);
    let tell_success = reader.or("tell_success", &form::TELL_SUCCESS, TellSuccess::Night);
    let report = reader.or("report", &form::REPORTING, Reporting::Daily);
    let email = reader.need("email", &form::EMAIL);
    let urgent = reader.maybe("urgent", &form::ADDRESS);
    let twice = urgent.iter().flatten().any(|urgent| email.iter().flatten().any(|e| e == urgent));
    if twice {
        // One address is one subscription of a topic: refused with other attributes, or filtered for both.
        let allowed = "another address than those of `email`, which hear everything already";
        reader.conflict("urgent", allowed, "urgent = \"boss@example.com\"");
    }
    Some(Notify { tell_success: tell_success?, report: report?, email: email?, urgent: urgent? })
}

pub(super) fn sweep(table: Table, problems: &mut Vec<Problem>) -> Option<Orphans> {
    let mut reader = Reader::new("sweep", &table, None, problems);
    reader.only(&["orphans"]);
    reader.or("orphans", &form::ORPHANS, Orphans::Report)
}

pub(super) fn discover(table: Table, problems: &mut Vec<Problem>) -> Option<Discover> {
    let mut reader = Reader::new("discover", &table, None, problems);
    reader.only(&["tag", "ignore"]);
    let tag = reader.maybe("tag", &form::TAG);
    let ignore = reader.or("ignore", &form::IGNORED, Vec::new());
    Some(Discover { tag: tag?, ignore: ignore? })
}

pub(super) fn budget(table: Table, problems: &mut Vec<Problem>) -> Option<Budget> {
    let mut reader = Reader::new("budget", &table, None, problems);
    reader.only(&["storage_gib", "longest"]);
    let storage_gib = reader.maybe("storage_gib", &form::GIB);
    let longest = reader.or("longest", &form::DURATION, LONGEST);
    Some(Budget { storage_gib: storage_gib?, longest: longest? })
}

pub(super) fn watchdog(table: Table, problems: &mut Vec<Problem>) -> Option<PingUrl> {
    let mut reader = Reader::new("watchdog", &table, None, problems).of_secrets();
    reader.only(&["url"]);
    reader.need("url", &form::PING_URL)
}
