//! Signs of life of long work, for a person who waits: on standard error, where a program does not read.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// How often.
const EVERY: Duration = Duration::from_secs(10);

/// Says every ten seconds that something goes on.
pub async fn during<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::select! {
        done = work => done,
        never = say_on(what) => never,
    }
}

async fn say_on<T>(what: &str) -> T {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(EVERY).await;
        eprintln!("{what}: {} s so far", begun.elapsed().as_secs());
    }
}

/// Counts objects and bytes on their way.
#[derive(Debug)]
pub struct Count {
    what: &'static str,
    objects: usize,
    bytes: u64,
    last: Cell<Instant>,
}

impl Count {
    /// Of so many objects and bytes.
    pub fn new(what: &'static str, objects: usize, bytes: u64) -> Self {
        Self { what, objects, bytes, last: Cell::new(Instant::now()) }
    }

    /// So many have come; says it when it was last said long ago.
    pub fn note(&self, objects: usize, bytes: u64) {
        if self.last.get().elapsed() < EVERY {
            return;
        }
        self.last.set(Instant::now());
        let mebi = |bytes: u64| bytes / (1024 * 1024);
        let (of, all) = (self.objects, mebi(self.bytes));
        eprintln!("{}: {objects} of {of} objects, {} of {all} MiB", self.what, mebi(bytes));
    }
}
