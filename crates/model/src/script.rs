//! Faults, scripted per call.

use domain::id::Region;

/// A refused call, as AWS would word it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status; 0 = no answer ever comes.
    pub status: u16,
    /// The error code.
    pub code: String,
    /// The message.
    pub message: String,
}

/// What happens to a matching call instead of, or besides, its effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scripted {
    /// AWS refuses.
    Refuse(ApiError),
    /// No answer, no effect.
    Silence,
    /// CopyDBSnapshot is accepted, and the copy ends `failed`: RDS raises no event for that.
    CopyDies,
}

/// One line of the script: the next `times` calls that match.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) op: String,
    pub(crate) region: Option<Region>,
    pub(crate) resource: String,
    pub(crate) times: u32,
    pub(crate) fault: Scripted,
}

impl ApiError {
    /// A refusal.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// Whether no answer ever comes.
    pub fn is_silence(&self) -> bool {
        self.status == 0
    }

    /// The role may not.
    pub fn denied(op: &str) -> Self {
        Self::new(403, "AccessDenied", format!("User is not authorized to perform: {op}"))
    }
}
