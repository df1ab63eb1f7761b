//! The kaigo night, played with the real `react`, `check` and `sweep` binaries: one point copied by event,
//! one whose event is lost, one whose event comes twice, one whose three copies fail, is told, and is
//! repaired by hand, and a cluster, of whose copy there is no event. dr takes two copies at once. Beside it
//! `replication` judges a bucket, to whose role a right is missing for an hour. In
//! the morning the day is reported, with the thirty quiet nights before it; what has been kept long
//! enough is deleted, and a deletion of too much is stopped.
//!
//! Events go through the patterns of the templates, so a wrong pattern shows here.

mod bucket;
mod cast;
mod ending;
mod morning;
mod past;
mod story;

use crate::routes::Routes;
use crate::runtime::{Function, InvokeError};
use crate::server;
use cast::{Cast, Fate};
use domain::day::TICK;
use domain::id::Region;
use domain::policy::Language;
use jiff::Timestamp;
use model::{Account, Scripted};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;
use story::Story;

/// Where everything of the last demo lies.
const OUT: &str = "demo-out";

/// 02:45 to 07:45 on 6 November 2025 in Tokyo.
const FROM: &str = "2025-11-05T17:45:00Z";
const UNTIL: &str = "2025-11-05T22:45:00Z";
/// When the operator deletes the failed copies.
const BY_HAND: &str = "2025-11-05T21:20:00Z";

/// Plays it and prints it.
///
/// # Errors
/// What kept it from being played, in words.
pub async fn night() -> Result<(), String> {
    let began = Instant::now();
    let cast = Cast::gather(Path::new(OUT))?;
    let mut night = Night::open(&cast).await?;
    night.play().await?;
    night.morning(&cast, night.aws).await?;
    let account = night.account();
    let words = cast.policy.language;
    ending::mails(&account, &cast.policy, &cast.out)?;
    ending::duties(&account, &cast.policy);
    ending::journal(&account, &cast.out, words)?;
    ending::report(&cast.out, words);
    println!("\n{:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

struct Night {
    account: Arc<Mutex<Account>>,
    react: Function,
    check: Function,
    sweep: Function,
    replication: Function,
    home: Region,
    aws: SocketAddr,
    routes: Routes,
    story: Story,
    quiet: u32,
}

impl Night {
    async fn open(cast: &Cast) -> Result<Self, String> {
        // The bucket has joined today.
        let mut before = cast.policy.clone();
        before.buckets.clear();
        let mut account = past::played(&before);
        for bucket in &cast.policy.buckets {
            account.pair(&cast.policy, bucket);
        }
        let copies = "rds:CopyDBSnapshot";
        account.script(copies, Some(&cast.policy.dr), Cast::FAILING, 3, Scripted::CopyDies);
        account.in_flight_limit = Cast::PLACES;
        morning::put_past(&mut account, &cast.policy);
        let account = Arc::new(Mutex::new(account));
        let served = server::serve(Arc::clone(&account)).await;
        let at = served.map_err(|error| format!("no port on loopback: {error}"))?;
        let react = cast.start("react", 60, at).await?;
        let check = cast.start("check", 300, at).await?;
        let sweep = cast.start("sweep", 900, at).await?;
        let replication = cast.start("replication", 300, at).await?;
        let home = cast.policy.home.clone();
        let routes = Routes::read(&cast.policy)?;
        let mut story = Story::new(&cast.policy);
        story.begin_with(&account.lock().expect("nothing panics while it holds the account"));
        let quiet = 0;
        let aws = at;
        Ok(Self { account, react, check, sweep, replication, home, aws, routes, story, quiet })
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().expect("nothing panics while it holds the account")
    }

    async fn play(&mut self) -> Result<(), String> {
        self.story.opening();
        let mut tick = time(FROM);
        while tick <= time(UNTIL) {
            self.pass_until(tick).await?;
            self.tick(tick).await?;
            if (tick..tick + TICK).contains(&time(BY_HAND)) {
                self.pass_until(time(BY_HAND)).await?;
                self.repair_by_hand().await?;
            }
            tick += TICK;
        }
        Ok(())
    }

    /// Time passes; what changes is shown, and its events are delivered, or not.
    async fn pass_until(&mut self, to: Timestamp) -> Result<(), String> {
        loop {
            let changed = self.account().step(to);
            self.look();
            let events = std::mem::take(&mut self.account().events);
            for event in events {
                self.deliver(&event).await?;
            }
            if !changed {
                return Ok(());
            }
        }
    }

    async fn deliver(&mut self, event: &Value) -> Result<(), String> {
        let now = self.account().now;
        let route = self.routes.of(event);
        let Some(route) = route else { return Ok(()) };
        let fate = Cast::fate(event);
        self.story.event(now, event, &route.rules.join(" > "), fate);
        let times = match fate {
            Fate::Lost => 0,
            Fate::Once => 1,
            Fate::Twice => 2,
        };
        for _ in 0..times {
            let answer = self.react.invoke(now, event).await;
            self.answered("react", now, answer)?;
        }
        Ok(())
    }

    async fn tick(&mut self, tick: Timestamp) -> Result<(), String> {
        self.bucket(tick).await?;
        let input = json!({"kind": "check", "scheduled_time": tick.to_string()});
        let answer = self.check.invoke(tick, &input).await;
        self.answered("check", tick, answer)
    }

    fn answered(
        &mut self,
        function: &str,
        now: Timestamp,
        answer: Result<Value, InvokeError>,
    ) -> Result<(), String> {
        let answer = answer.map_err(|error| format!("{error}; its log is in {OUT}/"))?;
        if self.story.answer(function, now, &answer, self.quiet) {
            self.quiet = 0;
        } else {
            self.quiet += 1;
        }
        self.look();
        Ok(())
    }

    /// Shows what is new in both Regions.
    fn look(&mut self) {
        let account = self.account.lock().expect("nothing panics while it holds the account");
        self.story.changes(&account);
    }

    /// The operator does what the notice says: delete the failed copies.
    async fn repair_by_hand(&mut self) -> Result<(), String> {
        let failed = self.story.failed(&self.account());
        self.story.by_hand(time(BY_HAND), &failed);
        for (region, family, name) in &failed {
            let deleted = self.account().delete_snapshot(region, *family, name);
            deleted.map_err(|error| format!("delete `{name}`: {}", error.message))?;
        }
        self.look();
        Ok(())
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a constant time")
}

/// Picks a language's words.
fn words<'w>(language: Language, ja: &'w str, en: &'w str) -> &'w str {
    match language {
        Language::Ja => ja,
        Language::En => en,
    }
}

fn write(path: &Path, text: &[u8]) -> Result<(), String> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(path, text));
    written.map_err(|error| format!("cannot write `{}`: {error}", path.display()))
}
