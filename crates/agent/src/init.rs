//! Setting a host up: shown first, done when told to, and done again without harm.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::pgbackrest::{PgBackRest, archive_command, config};
use crate::server::{Server, learn_segment};
use crate::setup::Setup;
use crate::state::write_bytes;
use std::fs;
use std::path::PathBuf;

/// The oldest pgBackRest whose options are all there; Debian 12 has it.
const OLDEST: (u32, u32) = (2, 45);

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plan {
    config: (PathBuf, String),
    settings: Vec<(&'static str, String)>,
    units: Vec<(PathBuf, String)>,
}

/// Shows the plan, or carries it out.
///
/// # Errors
/// Something lacks; the server does not answer; a restart of it must come first.
pub async fn init(setup: &Setup, yes: bool) -> Result<String, Fault> {
    new_enough(&PgBackRest::version().await?)?;
    let server = Server::new(&setup.host.socket, setup.host.port);
    let plan = plan(setup, &server).await?;
    if !yes {
        return Ok(format!(
            "{}\nnothing was done; `sonae-agent init --yes` does it\n",
            shown(setup, &plan)
        ));
    }
    write_bytes(&plan.config.0, plan.config.1.as_bytes())?;
    for (path, text) in &plan.units {
        write_bytes(path, text.as_bytes())?;
    }
    let repository = &setup.host.repository;
    fs::create_dir_all(repository)
        .map_err(|error| Fault::file("cannot make", repository, &error))?;
    for (name, value) in &plan.settings {
        server.tell(&format!("alter system set {name} = '{}'", value.replace('\'', "''"))).await?;
    }
    server.tell("select pg_reload_conf()").await?;
    server.prepare().await?;
    learn_segment(setup).await?;
    // The reload reaches the server's processes a moment later.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    if server.archiving().await?.restart {
        return Err(Fault::Found(format!(
            "{}\ndone so far; `archive_mode` takes a restart of PostgreSQL (on Debian `systemctl restart postgresql`). Restart it, \
             then run `sonae-agent init --yes` again",
            shown(setup, &plan)
        )));
    }
    setup.engine().prepare().await?;
    Ok(format!(
        "{}\ndone; a segment of the log has arrived in the repository\n{}",
        shown(setup, &plan),
        next(setup)
    ))
}

/// Whether the server's settings are those of the plan.
///
/// # Errors
/// They are not, or it cannot be asked.
pub async fn undone(setup: &Setup, server: &Server) -> Result<String, Fault> {
    let plan = plan(setup, server).await?;
    let names: Vec<&str> = plan.settings.iter().map(|(name, _)| *name).collect();
    let why = match (names.as_slice(), server.archiving().await?.restart) {
        ([], false) => return Ok("archiving is set up as the policy says".to_owned()),
        ([], true) => "a setting waits for a restart of PostgreSQL".to_owned(),
        (names, _) => {
            format!("{} not as the policy says; run `sonae-agent init --yes`", names.join(", "))
        }
    };
    Err(Fault::Found(why))
}

/// Whether this pgBackRest has all options.
///
/// # Errors
/// It is too old.
pub fn new_enough(version: &str) -> Result<(), Fault> {
    let mut numbers = version
        .split('.')
        .map(|part| part.chars().take_while(char::is_ascii_digit).collect::<String>());
    let mut number = || numbers.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    match (number(), number()) >= OLDEST {
        true => Ok(()),
        false => Err(Fault::Setup(format!(
            "pgBackRest is `{version}`; it must be 2.45 or later, as Debian 12 has it: apt-get install pgbackrest"
        ))),
    }
}

async fn plan(setup: &Setup, server: &Server) -> Result<Plan, Fault> {
    let path = setup.state.at("pgbackrest.conf");
    let command = archive_command(&path, setup.host.id.as_str());
    let timeout = setup.host.archive_timeout().as_secs().to_string();
    let wanted = [
        ("archive_mode", "on".to_owned()),
        ("archive_command", command),
        ("archive_timeout", timeout),
    ];
    let found = server.archiving().await?.settings;
    let settings = wanted.into_iter().zip(found).filter(|((_, wanted), found)| wanted != found);
    Ok(Plan {
        config: (path, config(&setup.host, &setup.state)),
        settings: settings.map(|(setting, _)| setting).collect(),
        units: units(setup),
    })
}

fn shown(setup: &Setup, plan: &Plan) -> String {
    let mut text = format!("host {} of {}\n", setup.host.id, setup.policy.system);
    text += &format!("- write {}\n", plan.config.0.display());
    for (name, value) in &plan.settings {
        text += &format!("- alter system set {name} = '{value}'\n");
    }
    for (path, _) in &plan.units {
        text += &format!("- write {}\n", path.display());
    }
    text + "- make the table sonae.heartbeat in the database postgres, create the stanza, and check that the log arrives\n"
}

fn next(setup: &Setup) -> String {
    let units = setup.state.at("systemd");
    format!(
        "next, as root:\n  cp {}/sonae-agent* /etc/systemd/system/ && systemctl daemon-reload\n  \
         systemctl enable --now sonae-agent-mirror.service sonae-agent-due.timer\n",
        units.display()
    )
}

/// systemd calls what is due every five minutes; what that is, the policy says, in its own zone. A host that was off takes
/// up what it missed at its next call.
fn units(setup: &Setup) -> Vec<(PathBuf, String)> {
    let program = std::env::current_exe().unwrap_or_else(|_| "/usr/local/bin/sonae-agent".into());
    let of = |at: &str| setup.state.at("systemd").join(at);
    let mut environment = format!("Environment=SONAE_POLICY={}\n", setup.file.display());
    environment += &format!("Environment=SONAE_HOST={}\n", setup.host.id);
    environment += &format!("Environment=SONAE_STATE={}\n", setup.state.at("").display());
    if let Some(name) = &setup.journal {
        environment += &format!("Environment=SONAE_JOURNAL={name}\n");
    }
    // Roles and profiles of the SDK; never a key.
    environment += "EnvironmentFile=-/etc/sonae/agent.env\n";
    let service = |what: &str, rest: &str| {
        format!(
            "[Unit]\nDescription=Sonae: {what}\nAfter=network-online.target postgresql.service\nWants=network-online.target\n\n\
             [Service]\nUser=postgres\n{environment}{rest}"
        )
    };
    let program = program.display();
    let mirror = format!(
        "ExecStart={program} mirror --watch\nRestart=always\nRestartSec=5\n\n[Install]\nWantedBy=multi-user.target\n"
    );
    let due = format!("Type=oneshot\nExecStart={program} due\n");
    let timer = "[Unit]\nDescription=Sonae: backups that are due\n\n[Timer]\nOnCalendar=*:0/5\nPersistent=true\n\n\
                 [Install]\nWantedBy=timers.target\n";
    vec![
        (of("sonae-agent-mirror.service"), service("the bucket follows the repository", &mirror)),
        (of("sonae-agent-due.service"), service("backups that are due", &due)),
        (of("sonae-agent-due.timer"), timer.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn debians_pgbackrest_will_do_and_an_older_one_not() {
        for (version, fine) in [
            ("2.45", true),
            ("2.59.1", true),
            ("2.60dev", true),
            ("3.0", true),
            ("2.44", false),
            ("", false),
        ] {
            assert_eq!(new_enough(version).is_ok(), fine, "{version}");
        }
    }
}
