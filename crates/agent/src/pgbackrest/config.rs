//! pgBackRest's configuration for a host: everything in it follows from the policy.

use super::NEVER;
use crate::state::State;
use domain::policy::Host;
use std::path::Path;

/// The whole file. Retention is the agent's: pgBackRest knows no days for differential backups and counts full ones among
/// them (pgBackRest, Configuration Reference, `repo-retention-diff`).
pub fn config(host: &Host, state: &State) -> String {
    let of = |part| state.at(part).display().to_string();
    let Host { id, data, repository, socket, port, .. } = host;
    format!(
        "# Written by `sonae-agent init` from the policy; changes here are overwritten.\n\
         [global]\n\
         repo1-path={repository}\n\
         repo1-retention-full={NEVER}\n\
         repo1-retention-full-type=count\n\
         repo1-bundle=y\n\
         expire-auto=n\n\
         start-fast=y\n\
         compress-type=zst\n\
         compress-level=3\n\
         process-max=2\n\
         log-level-console=warn\n\
         log-level-file=info\n\
         log-path={log}\n\
         lock-path={lock}\n\
         spool-path={spool}\n\n\
         [{id}]\n\
         pg1-path={data}\n\
         pg1-socket-path={socket}\n\
         pg1-port={port}\n\
         pg1-user=postgres\n",
        repository = repository.display(),
        data = data.display(),
        socket = socket.display(),
        log = of("log"),
        lock = of("lock"),
        spool = of("spool"),
    )
}

/// What PostgreSQL calls for each finished segment.
pub fn archive_command(config: &Path, stanza: &str) -> String {
    format!("pgbackrest --config={} --stanza={stanza} archive-push %p", config.display())
}
