//! The report's page: whole in itself, and to be read by everyone.

use crate::fixture::{asset, at, copy, point, policy, seen};
use domain::journal::Journal;
use domain::judge::judge;
use domain::policy::{Policy, parse};
use domain::report::{Report, compose, page, text};
use domain::seen::{Read, Seen};
use std::collections::BTreeMap;

fn report(policy: &Policy) -> Report {
    let view = seen(vec![point()], vec![copy()]);
    let seen = Seen {
        assets: [(asset(policy).id.clone(), view)].into(),
        journal: Read::Known(Journal::default()),
        ..Seen::nothing()
    };
    let now = at("2025-01-14T23:00:00Z");
    let judgement = judge(policy, &seen, &[], now);
    compose(policy, &seen, &judgement.duties, &judgement.findings, now)
}

/// The colours of one `:root` block of the style sheet.
fn colours(block: &str) -> BTreeMap<String, [f64; 3]> {
    let inside = block.split('}').next().expect("a block");
    let pairs =
        inside.split(';').filter_map(|pair| pair.trim().trim_start_matches("--").split_once(":#"));
    let channel = |hex: &str, at: usize| {
        let value = u8::from_str_radix(&hex[at..at + 2], 16).expect("a hexadecimal colour");
        f64::from(value) / 255.0
    };
    let colour = |hex: &str| [0, 2, 4].map(|at| channel(hex, at));
    pairs.map(|(name, hex)| (name.to_owned(), colour(hex))).collect()
}

/// WCAG 2.2, relative luminance and contrast ratio.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    let light = |[r, g, b]: [f64; 3]| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    let (a, b) = (light(a), light(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// WCAG 2.2 AA: 4.5 for text, by day and by night, on the page and in its panels.
#[test]
fn every_text_has_contrast_in_light_and_dark() {
    let page = page(&policy("en"), &report(&policy("en")));
    let blocks: Vec<_> = page.split(":root{").skip(1).map(colours).collect();
    assert_eq!(blocks.len(), 2, "light and dark");
    for block in blocks {
        for text in ["ink", "soft", "good", "warn", "bad", "value"] {
            for under in ["paper", "panel"] {
                let ratio = contrast(block[text], block[under]);
                assert!(ratio >= 4.5, "{text} on {under}: {ratio:.2}");
            }
        }
    }
}

/// A page that is opened from a mail, offline, in five years.
#[test]
fn the_page_needs_nothing_outside_of_it() {
    for language in ["ja", "en"] {
        let page = page(&policy(language), &report(&policy(language)));
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
        assert!(page.contains("name=\"viewport\""));
        for outside in ["<script", "http:", "https:", "@import", "url(", "src=", "<link"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}

/// Names come from a policy and from AWS, and are written as text.
#[test]
fn what_others_named_is_text() {
    let policy = policy("en");
    let mut report = report(&policy);
    report.journal = "<script>alert(1)</script>".to_owned();
    report.problems.push(domain::report::Problem {
        severity: domain::finding::Severity::Critical,
        kind: "unreadable".to_owned(),
        asset: None,
        subject: "-".to_owned(),
        headline: "<script>alert(1)</script>".to_owned(),
        fix: Some("<img src=x>".to_owned()),
        since: at("2025-01-14T23:00:00Z"),
    });
    let page = page(&policy, &report);
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    assert!(page.contains("&lt;script&gt;"));
}

/// However many are in trouble, the mail stays a mail.
#[test]
fn the_mail_has_forty_lines_at_most() {
    let policy = policy("en");
    let mut report = report(&policy);
    let row = report.duties[0].clone();
    report.duties.resize(10_000, row);
    let problem = domain::report::Problem {
        severity: domain::finding::Severity::Critical,
        kind: "not-landed".to_owned(),
        asset: None,
        subject: "2025-01-15".to_owned(),
        headline: "missing".to_owned(),
        fix: Some("do this\nand that".to_owned()),
        since: at("2025-01-14T23:00:00Z"),
    };
    report.problems.resize(10_000, problem);
    report.journal = "journal".to_owned();
    report.unread = vec!["s3:GetObject in us-west-2: denied".to_owned(); 3];
    report.before = None;
    report.month.over = vec![
        domain::report::Over::Success,
        domain::report::Over::Duration,
        domain::report::Over::Storage,
    ];
    let text = text(&policy, &report);
    assert!(text.lines().count() <= 40, "{}\n{text}", text.lines().count());
    assert!(text.contains("[CRITICAL] missing") && text.contains("and 9997 more"), "{text}");
    assert!(text.contains("Who is told"), "nothing is left out:\n{text}");
    assert!(text.contains("aws s3 cp --region us-west-2 s3://journal/reports/2025-01-15.html ."));
}

#[test]
fn the_new_sections_of_a_policy_are_read_or_refused() {
    let base = "version = 1\nsystem = \"s\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\nzone = \"UTC\"\n\
                language = \"en\"\n[notify]\nemail = [\"a@b.c\"]\nREPORT\n[[asset]]\nkind = \"rds-instance\"\n\
                id = \"db\"\nsince = 2025-01-01\ndr_key = \"arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555\"\n";
    let with = |more: &str| parse(&base.replace("REPORT", more)).map_err(|bad| bad.to_string());
    let refused = |more: &str, words: &str| {
        let problem = with(more).expect_err("refused");
        assert!(problem.contains(words), "{problem}");
    };
    assert!(with("report = \"problems\"\n[budget]\nstorage_gib = 10\nlongest = \"2 h\"").is_ok());
    refused("report = \"weekly\"", "`notify.report` is `\"weekly\"`");
    refused("[budget]\nstorage_gib = 0", "`budget.storage_gib` is `0`");
    refused("[discover]\ntag = \"backup\"", "`discover.tag` is `\"backup\"`");
    refused("[discover]\nignore = [\"*x\"]", "`discover.ignore`");
    refused("[discover]\ntags = \"a=b\"", "perhaps `tag` was meant");
}
