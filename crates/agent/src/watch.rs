//! The mirror that never ends: segments within seconds, everything else within half a minute, a heartbeat, and how far the
//! bucket is behind, measured all the time.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::lock::Lock;
use crate::mirror::Mirror;
use crate::server::{Server, segment};
use crate::setup::Setup;
use crate::state::write;
use crate::{outbox, pulse};
use domain::host::lag::{Beats, Worst};
use domain::host::set::newest;
use domain::host::wal::{Segment, held};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

/// A watch that has not looked for so long does not run.
pub const SILENT: SignedDuration = SignedDuration::from_secs(120);
/// How often the log's directory is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often all of the repository is, and how often what waits is told.
const PASS: Duration = Duration::from_secs(30);
/// How often the agent commits something of its own.
const BEAT: Duration = Duration::from_secs(5);
/// How often the journal hears how this host stands.
const PULSE: Duration = Duration::from_secs(300);
/// How long S3 is left alone after it refused.
const REST: Duration = Duration::from_secs(5);

/// How far the bucket is behind, as the watch last saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lag {
    /// When.
    pub at: Timestamp,
    /// Everything committed before this stands in the bucket.
    pub safe: Option<Timestamp>,
    /// What would be lost now, in seconds.
    pub seconds: Option<i64>,
    /// What would have been in the worst moment of the last quarter of an hour.
    #[serde(default)]
    pub worst_seconds: Option<i64>,
    /// The newest segment in the bucket, by its path.
    #[serde(default)]
    pub log: Option<String>,
    /// The segment that lacks in the bucket though later ones are there.
    pub gap: Option<Segment>,
    /// Why the bucket was not reached, if it was not.
    pub trouble: Option<String>,
}

/// Watches until the process is stopped.
///
/// # Errors
/// Another one watches.
pub async fn watch(setup: &Setup) -> Result<String, Fault> {
    let _lock = Lock::take(&setup.state.at("mirror.lock"))?;
    let stopped = async {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .map_err(|error| Fault::Failed(error.to_string()))?;
        _ = term.recv().await;
        Ok(())
    };
    let on = Watch::new(setup);
    tokio::select! {
        stopped = stopped => stopped.map(|()| "stopped\n".to_owned()),
        never = on.on() => never,
    }
}

struct Watch<'a> {
    setup: &'a Setup,
    server: Server,
    beats: RefCell<Beats>,
    worst: RefCell<Worst>,
    first: Cell<Option<Segment>>,
    troubles: RefCell<BTreeMap<&'static str, String>>,
}

impl<'a> Watch<'a> {
    fn new(setup: &'a Setup) -> Self {
        let server = Server::new(&setup.host.socket, setup.host.port);
        let (beats, worst, troubles) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { setup, server, beats, worst, first: Cell::new(None), troubles }
    }

    /// Each has its own pace: a log must not wait for a backup's data, nor either for somebody to be told.
    async fn on(&self) -> Result<String, Fault> {
        let mirror = async {
            let mirror = self.open().await;
            tokio::join!(self.follow_log(mirror.clone()), self.follow_all(mirror))
        };
        _ = tokio::join!(self.beat(), self.tell(), self.live(), mirror);
        Ok(String::new())
    }

    async fn beat(&self) {
        loop {
            let beat = self.server.beat().await;
            self.note("heartbeat", beat.as_ref().err());
            if let Ok((at, after)) = beat {
                self.beats.borrow_mut().beat(at, after);
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    async fn tell(&self) {
        loop {
            for trouble in outbox::flush(self.setup).await {
                eprintln!("told later: {trouble}");
            }
            tokio::time::sleep(PASS).await;
        }
    }

    /// Home takes an hour without it for a lost host.
    async fn live(&self) {
        loop {
            tokio::time::sleep(PULSE).await;
            if let Err(trouble) = pulse::tell(self.setup).await {
                eprintln!("{trouble}");
            }
        }
    }

    async fn open(&self) -> Mirror<'a> {
        loop {
            let opened = Mirror::open(self.setup).await;
            self.note("bucket", opened.as_ref().err());
            self.measure(None);
            match opened {
                Ok(mirror) => return mirror,
                Err(_) => tokio::time::sleep(REST).await,
            }
        }
    }

    async fn follow_log(&self, mut mirror: Mirror<'_>) {
        loop {
            let done = mirror.log().await;
            self.note("log", done.as_ref().err());
            self.measure(Some(&mirror));
            tokio::time::sleep(if done.is_ok() { LOOK } else { REST }).await;
        }
    }

    async fn follow_all(&self, mut mirror: Mirror<'_>) {
        let engine = self.setup.engine();
        loop {
            let done = mirror.pass(&engine).await;
            self.note("repository", done.as_ref().err());
            // What changed under the pass is taken along at once, not at its next turn.
            let whole = done.as_ref().is_ok_and(|pass| pass.whole);
            if let (true, Ok(sets)) = (whole, engine.sets().await) {
                self.first.set(newest(&sets).map(|set| set.wal_start));
            }
            self.pause(if whole { PASS } else { REST }).await;
        }
    }

    /// Until the next pass, or until what lists the sets has changed: a backup has ended.
    async fn pause(&self, most: Duration) {
        let list = self
            .setup
            .host
            .repository
            .join("backup")
            .join(self.setup.host.id.as_str())
            .join("backup.info");
        let changed = || std::fs::metadata(&list).and_then(|list| list.modified()).ok();
        let (before, begun) = (changed(), tokio::time::Instant::now());
        tokio::time::sleep(LOOK).await;
        while begun.elapsed() < most && changed() == before {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn note(&self, of: &'static str, trouble: Option<&Fault>) {
        let mut troubles = self.troubles.borrow_mut();
        let before = match trouble {
            Some(trouble) => troubles.insert(of, trouble.to_string()),
            None => troubles.remove(of),
        };
        // Said when it begins and when it ends, and not each second.
        match (before, trouble) {
            (None, Some(trouble)) => eprintln!("{of}: {trouble}"),
            (Some(_), None) => eprintln!("{of}: well again"),
            _ => {}
        }
    }

    fn measure(&self, mirror: Option<&Mirror<'_>>) {
        let now = Timestamp::now();
        let mut beats = self.beats.borrow_mut();
        let held = mirror
            .zip(self.first.get())
            .map(|(mirror, first)| held(&mirror.segments(), first, segment(self.setup)));
        if let Some(held) = &held {
            beats.landed(held.until);
        }
        let seconds = beats.lag(now).map(|lag| lag.as_secs());
        let troubles = self.troubles.borrow();
        let troubles: Vec<&str> = troubles.values().map(String::as_str).collect();
        let lag = Lag {
            at: now,
            safe: beats.safe(),
            seconds,
            worst_seconds: self.worst.borrow_mut().note(now, seconds),
            log: mirror.and_then(Mirror::newest_log),
            gap: held.and_then(|held| held.gap),
            trouble: Some(troubles.join("; ")).filter(|troubles| !troubles.is_empty()),
        };
        // A disk that takes nothing is told by the runs; the mirror goes on.
        _ = write(&self.setup.state.at("lag.json"), &lag);
    }
}
