//! What Linux says of a process.

use std::fs;
use std::time::Duration;

/// The CPU time of all its threads so far: the scheduler's own count, in nanoseconds, where
/// `/proc/<pid>/stat` has ticks of ten milliseconds. A thread that has ended is not in it; neither
/// language ends one while it is measured.
pub(super) fn cpu(pid: u32) -> Result<Duration, String> {
    let folder = format!("/proc/{pid}/task");
    let threads = fs::read_dir(&folder).map_err(|error| format!("`{folder}`: {error}"))?;
    let mut nanoseconds = 0;
    for thread in threads.flatten() {
        let text = read(&thread.path().join("schedstat").display().to_string())?;
        nanoseconds += number(&text, 0)?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// The most memory that it ever had resident, in MiB.
pub(super) fn peak(pid: u32) -> Result<f64, String> {
    let text = read(&format!("/proc/{pid}/status"))?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    Ok(number(line, 1)? as f64 / 1024.0)
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("`{path}`: {error}"))
}

fn number(text: &str, nth: usize) -> Result<u64, String> {
    let word = text.split_whitespace().nth(nth).unwrap_or_default();
    word.parse().map_err(|_| format!("`{text}` has no number where one must be"))
}
