//! What `pgbackrest info --output=json` says (pgBackRest, Command Reference, "Info Command").

use domain::host::set::{Set, SetKind};
use domain::host::wal::Segment;
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct Stanza {
    #[serde(default)]
    backup: Vec<Backup>,
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    code: u32,
    message: String,
}

#[derive(Deserialize)]
struct Backup {
    label: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    error: Option<bool>,
    archive: Archive,
    timestamp: Span,
    #[serde(default)]
    reference: Option<Vec<String>>,
    info: Info,
}

#[derive(Deserialize)]
struct Archive {
    start: Option<Segment>,
    stop: Option<Segment>,
}

#[derive(Deserialize)]
struct Span {
    start: i64,
    stop: i64,
}

#[derive(Deserialize)]
struct Info {
    size: u64,
    repository: Repository,
}

#[derive(Deserialize)]
struct Repository {
    #[serde(default)]
    size: Option<u64>,
    delta: u64,
}

/// `status.code` of a stanza that is whole but has no backup yet.
const NO_BACKUP: u32 = 2;

/// The sets, oldest first.
///
/// # Errors
/// The repository has no such stanza or is damaged, in words.
pub(super) fn sets(json: &str) -> Result<Vec<Set>, String> {
    let stanzas: Vec<Stanza> = serde_json::from_str(json).map_err(|error| {
        format!("`pgbackrest info` printed what this version cannot read: {error}")
    })?;
    let stanza =
        stanzas.into_iter().next().ok_or("the repository has no stanza; run `sonae-agent init`")?;
    let Status { code, message } = &stanza.status;
    if *code != 0 && *code != NO_BACKUP {
        return Err(format!("the repository is not whole: {message} (status {code})"));
    }
    let mut sets: Vec<Set> = stanza.backup.into_iter().filter_map(set).collect();
    sets.sort_by_key(|set| set.stop);
    Ok(sets)
}

/// One that was made without archiving has no segments, and cannot be restored from the repository alone.
fn set(backup: Backup) -> Option<Set> {
    let kind = match backup.kind.as_str() {
        "full" => SetKind::Full,
        "diff" => SetKind::Differential,
        _ => SetKind::Incremental,
    };
    Some(Set {
        label: backup.label,
        kind,
        start: Timestamp::from_second(backup.timestamp.start).ok()?,
        stop: Timestamp::from_second(backup.timestamp.stop).ok()?,
        wal_start: backup.archive.start?,
        wal_stop: backup.archive.stop?,
        needs: backup.reference.unwrap_or_default(),
        bad_pages: backup.error.unwrap_or_default(),
        bytes: backup.info.size,
        stored: backup.info.repository.size.unwrap_or(backup.info.repository.delta),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"[{"backup":[
        {"archive":{"start":"000000010000000000000006","stop":"000000010000000000000006"},"error":false,
         "info":{"delta":101586621,"repository":{"delta":6390146,"size":6390146},"size":101586621},
         "label":"20261124-084426F","reference":null,"timestamp":{"start":1795509866,"stop":1795509868},"type":"full"},
        {"archive":{"start":"000000010000000000000007","stop":"000000010000000000000008"},"error":true,
         "info":{"delta":8458,"repository":{"delta":388,"size":6390150},"size":101586621},
         "label":"20261124-084426F_20261124-084430D","reference":["20261124-084426F"],
         "timestamp":{"start":1795509870,"stop":1795509872},"type":"diff"}],
        "status":{"code":0,"message":"ok"}}]"#;

    #[test]
    fn sets_are_read_with_what_they_stand_on() {
        let sets = sets(TWO).expect("sets");
        let [full, diff] = sets.as_slice() else { panic!("two sets") };
        assert_eq!((full.kind, full.needs.len(), full.bad_pages), (SetKind::Full, 0, false));
        assert_eq!(diff.needs, ["20261124-084426F"]);
        assert!(
            diff.bad_pages,
            "page checksums that failed are only a warning to pgBackRest (2687)"
        );
        assert_eq!(diff.wal_stop.to_string(), "000000010000000000000008");
        assert_eq!(diff.stored, 6_390_150);
    }

    #[test]
    fn a_stanza_without_a_backup_is_whole_and_a_damaged_one_is_not() {
        let with =
            |code| format!(r#"[{{"backup":[],"status":{{"code":{code},"message":"word"}}}}]"#);
        assert_eq!(sets(&with(2)), Ok(vec![]));
        assert!(sets(&with(99)).is_err_and(|why| why.contains("word")));
        assert!(sets("[]").is_err_and(|why| why.contains("init")));
    }
}
