//! `[watchdog]`: what may be pinged, and what no message shows.

use domain::policy::{Policy, parse};

const SHIPPED: &str = include_str!("../../../../policy/policy.toml");

fn with(lines: &str) -> Result<Policy, String> {
    parse(&format!("{SHIPPED}\n[watchdog]\n{lines}\n")).map_err(|bad| bad.to_string())
}

#[track_caller]
fn check_good(url: &str, host: &str) {
    let policy = with(&format!("url = \"{url}\"")).expect(url);
    let watchdog = policy.watchdog.expect("one");
    assert_eq!((watchdog.as_str(), watchdog.host()), (url, host));
    assert_eq!(format!("{watchdog:?}"), format!("PingUrl({host}, ..)"), "it goes to no log");
}

/// One problem, which shows nothing of the value.
#[track_caller]
fn check_bad(lines: &str, path: &str, next: &str) {
    let bad = with(lines).expect_err(lines);
    assert!(bad.starts_with("1 problem in the policy"), "{bad}");
    assert!(bad.contains(&format!("`{path}`")) && bad.contains(next), "{bad}");
    assert!(!bad.contains("key-of-the-ping"), "{bad}");
}

#[test]
fn a_policy_needs_no_watchdog() {
    assert_eq!(parse(SHIPPED).expect("it is shipped").watchdog, None);
}

#[test]
fn a_watchdog_is_an_https_url_or_one_on_this_machine() {
    for (url, host) in [
        ("https://hc-ping.com/your-uuid", "hc-ping.com"),
        ("https://watch.example.com:8443/ping?id=a%20b&k=_~", "watch.example.com"),
        ("https://watch.example.com", "watch.example.com"),
        ("http://127.0.0.1:8000/ping", "127.0.0.1"),
        ("http://127.0.0.1/ping", "127.0.0.1"),
    ] {
        check_good(url, host);
    }
}

#[test]
fn every_other_url_is_refused_with_an_example() {
    for url in [
        "",
        "hc-ping.com/key-of-the-ping",
        "ftp://hc-ping.com/key-of-the-ping",
        "HTTPS://hc-ping.com/key-of-the-ping",
        "http://hc-ping.com/key-of-the-ping",
        "http://localhost/key-of-the-ping",
        "http://127.0.0.1.example.com/key-of-the-ping",
        "http://127.0.0.1@example.com/key-of-the-ping",
        "http://127.0.0.1:80@example.com/key-of-the-ping",
        "https://user:key-of-the-ping@example.com/",
        "https://example.com\\\\@evil.example/key-of-the-ping",
        "https://example.com/key-of-the-ping#part",
        "https://example.com/key-of-the-ping with a space",
        "https://example.com/key-of-the-ping\\n",
        "https://example.com/鍵key-of-the-ping",
        "https:///key-of-the-ping",
        "https://.example.com/key-of-the-ping",
        "https://example.com:/key-of-the-ping",
        "https://example.com:0/key-of-the-ping",
        "https://example.com:+80/key-of-the-ping",
        "https://example.com:65536/key-of-the-ping",
        "https://[::1]/key-of-the-ping",
    ] {
        let example = "url = \"https://hc-ping.com/your-uuid\"";
        check_bad(&format!("url = \"{url}\""), "watchdog.url", example);
    }
    check_bad("url = 5", "watchdog.url", "one of https (of http only to 127.0.0.1)");
}

#[test]
fn a_section_without_its_url_or_with_more_is_a_problem() {
    check_bad("", "watchdog.url", "is missing");
    let more = "url = \"https://hc-ping.com/x\"\nurls = \"https://hc-ping.com/key-of-the-ping\"";
    check_bad(more, "watchdog.urls", "perhaps `url` was meant");
}
