//! The model over AWS's wire protocols: a signed request in, the model's answer out.
//!
//! Service and Region are read from the SigV4 credential scope, as AWS reads them, so a client that
//! calls the wrong Region meets an account in which its things are not there. Signatures are not
//! checked. What the model does not do is refused by name, never ignored.

mod backup;
mod buckets;
mod cloudwatch;
mod kms;
mod query;
mod rds;
mod s3;
mod secrets;
mod sns;
mod tagging;

use domain::id::Region;
use http::{Request, Response};
use model::{Account, ApiError};

/// What the caller gets.
#[derive(Debug)]
pub enum Answer {
    /// A response.
    Reply(Response<Vec<u8>>),
    /// No answer, ever: the caller's own timeout must end the call.
    Silence,
}

/// One request with what every protocol needs of it.
struct Call<'a> {
    service: String,
    region: Region,
    /// The id that the reply carries, counted so that two runs give the same bytes.
    id: String,
    request: &'a Request<Vec<u8>>,
}

/// How a service answers a call.
type Service = fn(&mut Account, &Call<'_>) -> Result<Response<Vec<u8>>, ApiError>;
/// How its protocol words a refusal.
type Refusal = fn(&ApiError, &Call<'_>) -> Response<Vec<u8>>;

/// Answers one request.
pub fn answer(account: &mut Account, request: &Request<Vec<u8>>) -> Answer {
    let call = Call::read(account, request);
    let (service, refusal): (Service, Refusal) = match call.service.as_str() {
        "rds" => (rds::answer, query::refusal),
        "sns" => (sns::answer, query::refusal),
        "s3" => (s3::answer, s3::refusal),
        "monitoring" => (cloudwatch::answer, cloudwatch::refusal),
        "backup" => (backup::answer, backup::refusal),
        "kms" => (kms::answer, kms::refusal),
        "tagging" => (tagging::answer, kms::refusal),
        "secretsmanager" => (secrets::answer, kms::refusal),
        _ => (unknown, query::refusal),
    };
    match service(account, &call) {
        Ok(reply) => Answer::Reply(reply),
        Err(error) if error.is_silence() => Answer::Silence,
        Err(error) => Answer::Reply(refusal(&error, &call)),
    }
}

impl<'a> Call<'a> {
    fn read(account: &Account, request: &'a Request<Vec<u8>>) -> Self {
        let (region, service) = scope(request).unwrap_or_default();
        let id = format!("00000000-0000-4000-a000-{:012}", account.calls.len() + 1);
        Self { service: service.to_owned(), region: Region::new(region), id, request }
    }

    fn header(&self, name: &str) -> Option<&'a str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    fn reply(&self, status: u16, content_type: &str, body: Vec<u8>) -> Response<Vec<u8>> {
        Response::builder()
            .status(status)
            .header("content-type", content_type)
            .header("x-amzn-requestid", &self.id)
            .header("x-amz-request-id", &self.id)
            .body(body)
            .expect("a scripted refusal has a valid HTTP status")
    }
}

/// Region and service of `Credential=<key>/<date>/<region>/<service>/aws4_request`.
fn scope(request: &Request<Vec<u8>>) -> Option<(&str, &str)> {
    let header = request.headers().get("authorization")?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    let mut parts = credential.split(',').next()?.split('/').skip(2);
    Some((parts.next()?, parts.next()?))
}

fn unknown(_: &mut Account, call: &Call<'_>) -> Result<Response<Vec<u8>>, ApiError> {
    if call.service.is_empty() {
        let message = "Request is missing Authentication Token";
        return Err(ApiError::new(403, "MissingAuthenticationToken", message));
    }
    Err(ApiError::new(
        400,
        "InvalidAction",
        format!("The model has no service `{}`.", call.service),
    ))
}

/// What AWS may do and the model does not. 501 is not retried by the SDK.
fn not_modelled(what: &str) -> ApiError {
    ApiError::new(501, "NotImplemented", format!("The model does not do `{what}`."))
}

fn xml(root: &str, value: &impl serde::Serialize) -> Vec<u8> {
    let text = quick_xml::se::to_string_with_root(root, value);
    text.expect("a reply of plain structs serializes").into_bytes()
}
