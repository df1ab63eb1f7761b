//! What a stack and Lambda would set for a function, with AWS and time of the embedded cloud.

use domain::policy::{Asset, Policy};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The environment of one function with this policy, timeout in seconds, and AWS at this address.
pub fn environment(
    policy: &Policy,
    file: &Path,
    timeout: u64,
    aws: SocketAddr,
) -> Vec<(String, String)> {
    let Policy { home, dr, .. } = policy;
    let topic = |region| format!("arn:aws:sns:{region}:123456789012:sonae");
    // Each once, as the template has them: a variable of ten thousand times the same is refused.
    let keys: BTreeSet<&String> = policy.assets.iter().flat_map(Asset::keys).collect();
    let keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
    let env = [
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_REGION", home.to_string()),
        ("AWS_ENDPOINT_URL", format!("http://{aws}")),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ("SONAE_POLICY", file.display().to_string()),
        ("SONAE_SIDE", "home".to_owned()),
        ("SONAE_JOURNAL", "journal".to_owned()),
        ("SONAE_GRANTED", keys.join(",")),
        ("SONAE_ARMED", "true".to_owned()),
        ("SONAE_TOPIC", topic(home)),
        ("SONAE_DR_TOPIC", topic(dr)),
        ("SONAE_CLOCK", timeout.to_string()),
    ];
    env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Where the function binaries are: built beside this one.
///
/// # Errors
/// In words, when this binary does not know where it is.
pub fn beside_this() -> Result<PathBuf, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    this.parent().map(Path::to_path_buf).ok_or_else(|| "this binary has no folder".to_owned())
}
