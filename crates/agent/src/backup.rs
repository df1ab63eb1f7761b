//! A run, from its record before to its record after, and what makes a backup of one.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::lock::Lock;
use crate::pgbackrest::PgBackRest;
use crate::setup::Setup;
use crate::{expire, logical, mirror, outbox, progress, pulse, restore, runs, settings, verify};
use domain::host::run::{End, How, Job};
use domain::host::schedule;
use domain::host::set::{SetKind, newest};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Setup {
    /// The engine over the local repository.
    pub fn engine(&self) -> PgBackRest {
        let config = self.state.at("pgbackrest.conf");
        PgBackRest::new(config, self.host.id.as_str(), &self.host.repository)
    }
}

/// Does a job, and records and tells how it ended. After a backup what is past its keeping goes, in a run of its own: a
/// backup that stands has not failed because nothing could be taken away.
///
/// # Errors
/// Another run holds the lock; the run cannot be recorded; it failed.
pub async fn run(setup: &Setup, job: Job) -> Result<String, Fault> {
    let _lock = Lock::take(&setup.state.at("run.lock"))?;
    close_killed(setup)?;
    with_expiry(setup, job).await
}

async fn with_expiry(setup: &Setup, job: Job) -> Result<String, Fault> {
    let done = recorded(setup, job, do_job(setup, job)).await?;
    match job {
        Job::Full | Job::Differential => {
            Ok(done + &recorded(setup, Job::Expire, do_job(setup, Job::Expire)).await?)
        }
        _ => Ok(done),
    }
}

/// Does what is due, one job after the other, until nothing is; one that fails holds up no other.
///
/// # Errors
/// Another run holds the lock; some failed, and are due again after a while.
pub async fn due(setup: &Setup) -> Result<String, Fault> {
    let _lock = Lock::take(&setup.state.at("run.lock"))?;
    close_killed(setup)?;
    let (mut done, mut failed, mut tried) = (String::new(), Vec::new(), BTreeSet::new());
    let next = || {
        schedule::due(&setup.host, &setup.policy.zone, &runs::all(&setup.state), Timestamp::now())
    };
    // A job that could not even be recorded would be due for ever.
    while let Some(due) = next().filter(|due| tried.insert(due.job)) {
        match with_expiry(setup, due.job).await {
            Ok(text) => done += &text,
            Err(fault) => failed.push(format!("{}: {fault}", due.job)),
        }
    }
    match failed.as_slice() {
        [] if done.is_empty() => Ok("nothing is due\n".to_owned()),
        [] => Ok(done),
        failed => Err(Fault::Failed(format!("{done}{}", failed.join("\n")))),
    }
}

/// Wraps work into its records: killed at any moment, it is known as killed.
///
/// # Errors
/// It cannot be recorded, or failed.
pub async fn recorded(
    setup: &Setup,
    job: Job,
    work: impl Future<Output = Result<String, Fault>>,
) -> Result<String, Fault> {
    let run = runs::begin(&setup.state, job, Timestamp::now())?;
    outbox::post(setup, &run, None)?;
    let worked = work.await;
    let how = match &worked {
        Ok(detail) => How::Succeeded { detail: detail.clone() },
        Err(fault) => How::Failed { why: fault.to_string() },
    };
    let end = End { at: Timestamp::now(), how };
    runs::end(&setup.state, &run, &end)?;
    outbox::post(setup, &run, Some(&end))?;
    // Before the event, which has home look at this at once. A restore may be another machine's, for a drill or because this
    // one is lost: that is no sign of its life.
    let told = match job {
        Job::Restore => Ok(()),
        _ => pulse::tell(setup).await,
    };
    for trouble in told.err().into_iter().chain(outbox::flush(setup).await) {
        eprintln!("told later: {trouble}");
    }
    let took = end.at.duration_since(run.started).as_secs_f64();
    worked.map(|detail| format!("{job} succeeded in {took:.1} s: {detail}\n"))
}

fn close_killed(setup: &Setup) -> Result<(), Fault> {
    let restoring = matches!(Lock::take(&setup.state.at(restore::LOCK)), Err(Fault::Held(_)));
    let is_live = |job| job == Job::Restore && restoring;
    for (run, end) in runs::close_killed(&setup.state, Timestamp::now(), is_live)? {
        eprintln!("the {} run of {} left no end: it was killed", run.job, run.started);
        outbox::post(setup, &run, Some(&end))?;
    }
    Ok(())
}

async fn do_job(setup: &Setup, job: Job) -> Result<String, Fault> {
    match job {
        Job::Full => physical(setup, SetKind::Full).await,
        Job::Differential => physical(setup, SetKind::Differential).await,
        Job::Logical => logical::dump(setup).await,
        Job::Verify => Box::pin(verify::verify(setup)).await,
        Job::Expire => expire::expire(setup).await,
        Job::Restore => {
            Err(Fault::Setup("a restore has its own command, `sonae-agent restore`".to_owned()))
        }
    }
}

/// Makes a backup, keeps the server's own files beside it, and mirrors. An S3 that does
/// not answer fails none of it: the local repository has the backup, and the mirror goes on by itself.
async fn physical(setup: &Setup, kind: SetKind) -> Result<String, Fault> {
    let engine = setup.engine();
    let settings = settings::read(setup).await?;
    let before = engine.sets().await?;
    progress::during("backup", engine.backup(kind)).await?;
    let sets = engine.sets().await?;
    let made = newest(&sets).filter(|set| !before.iter().any(|old| old.label == set.label));
    let Some(made) = made else {
        return Err(Fault::Failed(
            "pgBackRest ended well but no new backup without bad pages is there: page checksums of the database fail; \
             see the log in the state directory, and restore from an older backup"
                .to_owned(),
        ));
    };
    settings::keep(&setup.host.repository, &made.label, &settings)?;
    let mebi = 1024 * 1024;
    let made =
        format!("{} ({} MiB, {} MiB stored)", made.label, made.bytes / mebi, made.stored / mebi);
    Ok(format!("{made}; {}", mirrored(setup).await))
}

/// Mirrors, and says in words how far that came.
pub async fn mirrored(setup: &Setup) -> String {
    let _lock = match Lock::take(&setup.state.at("mirror.lock")) {
        Ok(lock) => lock,
        Err(Fault::Held(_)) => return "the mirror that runs takes it to the bucket".to_owned(),
        Err(fault) => return format!("not in the bucket yet: {fault}"),
    };
    let pass = async { mirror::Mirror::open(setup).await?.pass(&setup.engine()).await };
    match pass.await {
        Ok(pass) if pass.whole => format!("in the bucket, {} objects", pass.objects),
        Ok(_) => "not whole in the bucket yet".to_owned(),
        Err(fault) => format!("not in the bucket yet: {fault}"),
    }
}
