//! What `pgbackrest verify --output=text --verbose` says.

use crate::engine::Verified;

/// Reads it; what is not there is not taken for fine.
///
/// # Errors
/// It has no status, in words.
pub(super) fn read(text: &str) -> Result<Verified, String> {
    let mut files = 0;
    let mut bad = Vec::new();
    let mut status = None;
    let mut part = "";
    for line in text.lines().map(str::trim) {
        if let Some(word) = line.strip_prefix("status: ") {
            status = Some(word);
        } else if line.starts_with("archiveId: ") || line.starts_with("backup: ") {
            part = line.split(',').next().unwrap_or(line);
            files += counted(line);
            if line.contains("status: ") && !line.contains("status: valid") {
                bad.push(line.to_owned());
            }
        } else if line.starts_with("missing: ") && amiss(line) {
            bad.push(format!("{part}: {line}"));
        }
    }
    match status {
        Some("ok") => Ok(Verified { files, bad }),
        Some(word) if bad.is_empty() => {
            Ok(Verified { files, bad: vec![format!("status: {word}")] })
        }
        Some(_) => Ok(Verified { files, bad }),
        None => Err(format!("`pgbackrest verify` gave no status: {text}")),
    }
}

/// The number after `total WAL checked` or `total files checked`.
fn counted(line: &str) -> u64 {
    let count = line.split("checked: ").nth(1).and_then(|rest| rest.split(',').next());
    count.and_then(|count| count.trim().parse().ok()).unwrap_or_default()
}

fn amiss(line: &str) -> bool {
    let counts = line.split(',').filter_map(|part| part.rsplit(' ').next()?.parse::<u64>().ok());
    counts.sum::<u64>() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As 2.45 printed it, with exit code 0, of a repository with a flipped byte and a cut segment.
    const DAMAGED: &str = "stanza: dental\nstatus: error
  archiveId: 15-1, total WAL checked: 4, total valid WAL: 3
    missing: 0, checksum invalid: 0, size invalid: 0, other: 1
  backup: 20261124-084437F, status: invalid, total files checked: 977, total valid files: 976
    missing: 0, checksum invalid: 1, size invalid: 0, other: 0";

    #[test]
    fn damage_is_read_from_the_words_since_the_exit_code_is_0() {
        let verified = read(DAMAGED).expect("a status");
        assert_eq!(verified.files, 981);
        assert_eq!(verified.bad.len(), 3, "{verified:?}");
    }

    #[test]
    fn whole_is_whole_and_silence_is_not() {
        let whole =
            DAMAGED.replace("error", "ok").replace("invalid,", "valid,").replace(": 1", ": 0");
        assert_eq!(read(&whole).expect("a status").bad, Vec::<String>::new());
        assert!(read("").is_err());
    }

    #[test]
    fn a_status_that_is_not_ok_is_bad_without_a_count() {
        assert_eq!(read("status: error").expect("a status").bad, ["status: error"]);
    }
}
