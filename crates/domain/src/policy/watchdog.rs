//! Whom the check pings: a dead man's switch outside, which tells when no ping comes.

use std::fmt;

/// A URL to ping. Whoever has it can keep the watchdog quiet, so `Debug` shows only its host.
#[derive(Clone, PartialEq, Eq)]
pub struct PingUrl {
    url: String,
    host: String,
}

impl PingUrl {
    /// Reads a URL: of https, or of http to 127.0.0.1, where nobody listens on the way. No user, no
    /// fragment.
    pub fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        let safe = match scheme {
            "https" => true,
            "http" => host == "127.0.0.1",
            _ => false,
        };
        let fine = safe && is_host(host) && is_port(port) && path.chars().all(is_of_path);
        fine.then(|| Self { url: url.to_owned(), host: host.to_owned() })
    }

    /// All of it, for who pings.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The part that is no secret.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Debug for PingUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PingUrl({}, ..)", self.host)
    }
}

fn is_host(host: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    host.split('.').all(|label| !label.is_empty() && label.chars().all(plain))
}

fn is_port(port: &str) -> bool {
    let digits = port.chars().all(|c| c.is_ascii_digit());
    digits && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// RFC 3986, sections 3.3 and 3.4.
fn is_of_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=:@/?".contains(c)
}
