//! S3 over REST-XML: PutObject, GetObject, ListObjectsV2; what concerns replication is in `buckets.rs`.

use super::{Call, buckets, not_modelled, xml};
use http::header::{HeaderValue, LAST_MODIFIED};
use http::{Method, Response};
use jiff::Timestamp;
use model::{Account, ApiError, Listing};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

type Reply = Result<Response<Vec<u8>>, ApiError>;

/// ListObjectsV2's parameters. boto3 always asks for `encoding-type`.
const LIST: [&str; 6] =
    ["list-type", "prefix", "start-after", "continuation-token", "max-keys", "encoding-type"];

/// What a bucket is asked for by a parameter of its own.
const SETTINGS: [&str; 3] = ["replication", "encryption", "object-lock"];

/// What `encoding-type=url` leaves as it is in a key.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'*');

pub(super) fn answer(account: &mut Account, call: &Call<'_>) -> Reply {
    if call.request.uri().path() == buckets::JOBS {
        return buckets::create_job(account, call);
    }
    let (bucket, key) = address(call);
    let asked = parameters(call);
    let setting = SETTINGS.into_iter().find(|name| asked.contains_key(*name));
    match (call.request.method(), key.as_str()) {
        (&Method::GET, "") if setting.is_some() => {
            buckets::setting(account, call, &bucket, setting.unwrap_or_default())
        }
        (&Method::GET, "") => list(account, call, &bucket),
        (&Method::HEAD, key) if !key.is_empty() => {
            let version = asked.get("versionId").map(String::as_str);
            buckets::head(account, call, &bucket, key, version)
        }
        (&Method::GET, key) => get(account, call, &bucket, key),
        (&Method::PUT, key) if !key.is_empty() => put(account, call, &bucket, key),
        (method, _) => Err(not_modelled(method.as_str())),
    }
}

pub(super) fn refusal(error: &ApiError, call: &Call<'_>) -> Response<Vec<u8>> {
    let (code, message) = (&error.code, &error.message);
    let body = xml("Error", &ErrorXml { code, message, request_id: &call.id });
    call.reply(error.status, "application/xml", body)
}

fn put(account: &mut Account, call: &Call<'_>, bucket: &str, key: &str) -> Reply {
    only(&parameters(call), &[])?;
    let once = match (call.header("if-none-match"), call.header("if-match")) {
        (None, None) => false,
        (Some("*"), None) => true,
        _ => return Err(not_modelled("conditions other than If-None-Match: *")),
    };
    account.put_object(&call.region, bucket, key, content(call)?, once)?;
    Ok(call.reply(200, "application/xml", Vec::new()))
}

fn get(account: &mut Account, call: &Call<'_>, bucket: &str, key: &str) -> Reply {
    only(&parameters(call), &[])?;
    let object = account.get_object(&call.region, bucket, key)?;
    let mut reply = call.reply(200, "application/octet-stream", object.body);
    reply.headers_mut().insert(LAST_MODIFIED, http_date(object.modified));
    Ok(reply)
}

fn list(account: &mut Account, call: &Call<'_>, bucket: &str) -> Reply {
    let asked = parameters(call);
    only(&asked, &LIST)?;
    if asked.get("list-type").map(String::as_str) != Some("2") {
        return Err(not_modelled("ListObjects"));
    }
    let prefix = asked.get("prefix").cloned().unwrap_or_default();
    // The model's token is the last key of the page before.
    let after = asked.get("continuation-token").or_else(|| asked.get("start-after"));
    let max = asked.get("max-keys").and_then(|max| max.parse().ok()).unwrap_or(1000).min(1000);
    let page =
        account.list_objects(&call.region, bucket, &prefix, after.map(String::as_str), max)?;
    let encoding = asked.get("encoding-type").map(String::as_str);
    if encoding.is_some_and(|encoding| encoding != "url") {
        return Err(not_modelled("encoding-type"));
    }
    let shown = ListBucketResult::of(&page, bucket, &prefix, max, encoding);
    Ok(call.reply(200, "application/xml", xml("ListBucketResult", &shown)))
}

/// Bucket and key, of `bucket.s3.<region>.amazonaws.com/key` or `/bucket/key`.
fn address(call: &Call<'_>) -> (String, String) {
    let uri = call.request.uri();
    let path = uri.path().strip_prefix('/').unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8_lossy();
    let host = uri.host().or_else(|| call.header("host")).unwrap_or_default();
    match host.split_once(".s3.") {
        Some((bucket, _)) => (bucket.to_owned(), path.into_owned()),
        None => {
            let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
            (bucket.to_owned(), key.to_owned())
        }
    }
}

fn parameters(call: &Call<'_>) -> BTreeMap<String, String> {
    let query = call.request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// A parameter makes another operation of a method (`?tagging`), so an unknown one is refused.
fn only(asked: &BTreeMap<String, String>, known: &[&str]) -> Result<(), ApiError> {
    let strange = asked.keys().find(|name| *name != "x-id" && !known.contains(&name.as_str()));
    strange.map_or(Ok(()), |name| Err(not_modelled(name)))
}

/// The body as it was before aws-chunked wrapped it, if it did.
fn content(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let body = call.request.body();
    let streaming =
        call.header("x-amz-content-sha256").is_some_and(|h| h.starts_with("STREAMING-"));
    let encoded = call.header("content-encoding").is_some_and(|h| h.contains("aws-chunked"));
    if !streaming && !encoded {
        return Ok(body.clone());
    }
    unchunked(body).ok_or_else(|| {
        ApiError::new(400, "IncompleteBody", "The request body terminated unexpectedly")
    })
}

/// `<hex size>[;signature]\r\n<data>\r\n`, until size 0; trailers follow and are not checked.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let head = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = usize::from_str_radix(head.split(';').next()?, 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        let data = rest.get(end + 2..)?;
        whole.extend_from_slice(data.get(..size)?);
        rest = data.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

pub(super) fn http_date(at: Timestamp) -> HeaderValue {
    let text = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::try_from(text).expect("a date is a legal header")
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorXml<'a> {
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListBucketResult<'a> {
    name: &'a str,
    prefix: Cow<'a, str>,
    max_keys: usize,
    key_count: usize,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_continuation_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<&'a str>,
    contents: Vec<Contents<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Contents<'a> {
    key: Cow<'a, str>,
    last_modified: Timestamp,
    size: usize,
    storage_class: &'static str,
}

impl<'a> ListBucketResult<'a> {
    fn of(
        page: &'a Listing,
        name: &'a str,
        prefix: &'a str,
        max_keys: usize,
        encoding_type: Option<&'a str>,
    ) -> Self {
        let worded = |text: &'a str| match encoding_type {
            Some(_) => utf8_percent_encode(text, PLAIN).into(),
            None => Cow::Borrowed(text),
        };
        let shown = page.keys.iter().map(|(key, last_modified, size)| Contents {
            key: worded(key),
            last_modified: *last_modified,
            size: *size,
            storage_class: "STANDARD",
        });
        let contents: Vec<_> = shown.collect();
        Self {
            name,
            prefix: worded(prefix),
            max_keys,
            encoding_type,
            key_count: contents.len(),
            is_truncated: page.next.is_some(),
            next_continuation_token: page.next.as_deref(),
            contents,
        }
    }
}
