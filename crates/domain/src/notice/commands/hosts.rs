//! The agent's own commands.

use crate::policy::Host;

/// Restores a lost host on another one.
pub(in crate::notice) fn restore_host(host: &Host) -> String {
    format!("  sudo -u postgres sonae-agent restore --from s3 --in-place {}", host.id)
}
