//! From an SDK error to the domain's fault. Only codes count, never messages: AWS rewords those.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::fault::{Fault, FaultKind};
use domain::id::Region;

/// AWS's words, as many as a person reads.
const LONGEST: usize = 300;

/// Translates the error of one call. `op` is the IAM action.
pub fn of<E, R>(op: &str, region: &Region, error: &SdkError<E, R>) -> Fault
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let (kind, detail) = match error.as_service_error() {
        Some(service) => {
            let code = service.code().unwrap_or("no error code");
            let message = service.message().unwrap_or("no message");
            (FaultKind::of_code(code), format!("{code}: {message}"))
        }
        None if is_silence(error) => {
            (FaultKind::Late, format!("no answer: {}", DisplayErrorContext(error)))
        }
        None => (FaultKind::Other, DisplayErrorContext(error).to_string()),
    };
    Fault { op: op.to_owned(), region: region.clone(), kind, detail: cut(&detail) }
}

/// No answer in time, or no connection to ask over.
fn is_silence<E, R>(error: &SdkError<E, R>) -> bool {
    match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_timeout() || failure.is_io(),
        _ => false,
    }
}

/// A call that was not made, or not waited for any longer.
pub fn late(op: &str, region: &Region, detail: &str) -> Fault {
    let (op, detail) = (op.to_owned(), detail.to_owned());
    Fault { op, region: region.clone(), kind: FaultKind::Late, detail }
}

/// What only `replication` does, in a world of its own.
pub fn not_here(op: &str, region: &Region) -> Fault {
    let detail = "not called: only `replication` does that".to_owned();
    Fault { op: op.to_owned(), region: region.clone(), kind: FaultKind::Other, detail }
}

/// An object that does not say what it should.
pub fn unlike(op: &str, region: &Region, object: &str) -> Fault {
    let detail = format!("`{object}` cannot be understood");
    Fault { op: op.to_owned(), region: region.clone(), kind: FaultKind::Other, detail }
}

fn cut(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}
