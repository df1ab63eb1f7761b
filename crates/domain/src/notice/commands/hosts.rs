//! Commands on a PostgreSQL host: the agent's own, and systemd's.

use crate::host::run::Job;
use crate::policy::Host;

/// Restores a lost host on another one.
pub(in crate::notice) fn restore_host(host: &Host) -> String {
    format!("  sudo -u postgres sonae-agent restore --from s3 --in-place {}", host.id)
}

/// Says how the host stands.
pub(in crate::notice) fn see_host() -> &'static str {
    "  sudo -u postgres sonae-agent status"
}

/// Shows whether the agent runs, and what its mirror says.
pub(in crate::notice) fn see_agent() -> String {
    format!("  systemctl status sonae-agent-mirror sonae-agent-due.timer\n{}", see_mirror())
}

/// Shows what the mirror says.
pub(in crate::notice) fn see_mirror() -> &'static str {
    "  journalctl --unit sonae-agent-mirror --since -1h"
}

/// Shows whether what is due is called.
pub(in crate::notice) fn see_timer() -> &'static str {
    "  systemctl status sonae-agent-due.timer"
}

/// Has the agent read its policy anew.
pub(in crate::notice) fn restart_mirror() -> &'static str {
    "  sudo systemctl restart sonae-agent-mirror"
}

/// Does a job by hand; a restore is no job that is ever late.
pub(in crate::notice) fn run_again(job: Job) -> String {
    let command = match job {
        Job::Full => "backup full",
        Job::Differential => "backup diff",
        Job::Logical => "backup logical",
        Job::Verify => "verify",
        Job::Expire => "expire",
        Job::Restore => "restore",
    };
    format!("  sudo -u postgres sonae-agent {command}")
}
