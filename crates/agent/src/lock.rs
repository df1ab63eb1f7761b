//! One run at a time: a lock that ends with its process, however that ends.

use crate::fault::Fault;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// The right to run, held until dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Lock {
    /// Takes the lock, or says that another run has it.
    ///
    /// # Errors
    /// Another run has it, or the file cannot be made.
    pub fn take(path: &Path) -> Result<Self, Fault> {
        let fault = |error| Fault::file("cannot open the lock", path, &error);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(path);
        let file = open.map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Fault::Held(format!(
                "another run of sonae-agent holds `{}`; nothing was done, and what is due is done by the next run",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(fault(error)),
        }
    }
}
