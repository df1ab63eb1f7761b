//! The documents say what is so: links, commands, the policy, the keys, the notices.

mod benchmarks;
mod commands;
mod stories;

use domain::episode::Kind;
use domain::policy::parse;
use domain::seen::Scope;
use domain::tags::StartedBy;
use jiff::Timestamp;
use model::campaign::deliver;
use model::{Account, Scripted, Sim};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const READMES: [&str; 2] = ["README.md", "README.ja.md"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Markdown file that a reader may come to: the root's own, and all below `docs` and `events`.
fn documents() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).expect("a folder of documents") {
            let entry = entry.expect("readable");
            let name = entry.file_name().into_string().expect("UTF-8");
            let path = folder.join(&name);
            let below = !folder.as_os_str().is_empty() || ["docs", "events"].contains(&&*name);
            if entry.path().is_dir() && below {
                folders.push(path);
            } else if name.ends_with(".md") {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// The sections, English and Japanese, in their order.
const SECTIONS: [[&str; 2]; 14] = [
    ["What it is", "できること"],
    ["Who it is for", "使う人"],
    [
        "What it does not do, and when plain AWS Backup is enough",
        "しないこと、AWS Backup だけで足りるとき",
    ],
    ["Start", "始める"],
    ["Deploy", "デプロイ"],
    ["Policy", "方針"],
    ["Notices", "通知"],
    ["Emergency restore", "緊急時の復元"],
    ["Evidence for the auditor", "監査の証拠"],
    ["Cost", "費用"],
    ["Limits", "制限"],
    ["Security", "セキュリティ"],
    ["Develop", "開発"],
    ["Licence", "ライセンス"],
];

#[test]
fn both_readmes_have_the_same_sections() {
    for (n, path) in READMES.into_iter().enumerate() {
        let text = read(path);
        let sections: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(sections, SECTIONS.map(|section| section[n]), "{path}");
    }
}

#[test]
fn every_link_leads_to_a_file_or_a_heading() {
    let mut links = 0;
    for path in documents() {
        let text = read(&path);
        for piece in text.split("](").skip(1) {
            let target = piece.split(')').next().expect("split gives one");
            if target.starts_with("http") || target.contains(char::is_whitespace) {
                continue;
            }
            links += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let folder = Path::new(&path).parent().expect("a file has a folder");
            let there = if file.is_empty() {
                path.clone()
            } else {
                folder.join(file).display().to_string()
            };
            assert!(root().join(&there).exists(), "{path}: `{target}` leads nowhere");
            if !anchor.is_empty() {
                assert!(has_heading(&read(&there), anchor), "{path}: no heading for `{target}`");
            }
        }
    }
    assert!(links > 40, "{links} links");
}

/// As GitHub makes anchors: lower case, spaces to hyphens, punctuation gone.
fn has_heading(text: &str, anchor: &str) -> bool {
    let mut in_code = false;
    let prose = text.lines().filter(move |line| {
        in_code ^= line.trim_start().starts_with("```");
        !in_code
    });
    let headings = prose.filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches(['#', ' '])).any(|heading| {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-');
        kept.collect::<String>().to_lowercase().replace(' ', "-") == anchor
    })
}

#[test]
fn every_make_target_that_is_named_exists() {
    let makefile = read("Makefile");
    let exists =
        |target: &str| makefile.lines().any(|line| line.starts_with(&format!("{target}:")));
    let mut named = BTreeSet::new();
    for path in documents() {
        let text = read(&path).replace("$ make ", "`make ");
        for piece in text.split("`make ").skip(1) {
            let command = piece.split(['`', '#', '\n']).next().expect("split gives one");
            for target in command.split_whitespace().filter(|word| !word.contains('=')) {
                assert!(exists(target), "{path}: `make {target}` is not in the Makefile");
                named.insert(target.to_owned());
            }
        }
    }
    assert!(["demo", "test", "check"].iter().all(|target| named.contains(*target)), "{named:?}");
}

#[test]
fn every_kind_of_finding_has_its_runbook_and_its_row() {
    let index = read("docs/runbooks/README.md");
    for kind in Kind::all().filter(|kind| !kind.is_news()) {
        let word = kind.word();
        let page = read(&format!("docs/runbooks/{word}.md"));
        assert!(page.lines().count() > 30, "{word}: a page, not a stub");
        let row = format!("[{word}.md]({word}.md)");
        assert_eq!(index.matches(&row).count(), 2, "{word}: a row in each language");
        for path in READMES {
            let link = format!("[{word}](docs/runbooks/{word}.md)");
            assert_eq!(read(path).matches(&link).count(), 1, "{path}: no link to {word}");
        }
    }
}

#[test]
fn the_readmes_show_the_shipped_policy_and_what_is_said_of_it() {
    let policy = read("policy/policy.toml");
    let aloud = cli::reading::aloud(&parse(&policy).expect("the shipped policy is good"));
    let bad = policy
        .replace("\"Asia/Tokyo\"", "\"Tokyo\"")
        .replace("kind   = \"rds-instance\"", "kind   = \"oracle-host\"");
    let problems = parse(&bad).expect_err("a bad policy").to_string();
    for path in READMES {
        let text = read(path);
        assert!(text.contains(&format!("```toml\n{policy}```")), "{path} shows another policy");
        let check = format!("$ sonae-policy check policy/policy.toml\n{aloud}```");
        assert!(text.contains(&check), "{path} shows another reading than\n{aloud}");
        let check = format!("$ sonae-policy check policy.toml\npolicy.toml: {problems}\n```");
        assert!(text.contains(&check), "{path} shows other problems than\n{problems}");
    }
}

/// The page for an emergency is what the tool prints of the shipped policy with a cluster beside it.
#[test]
fn the_emergency_pages_are_what_the_tool_prints() {
    let text = read("policy/policy.toml") + local::invoke::CLUSTER;
    for (language, file) in [("ja", "emergency-restore.ja.md"), ("en", "emergency-restore.md")] {
        let text = text.replace("language = \"ja\"", &format!("language = \"{language}\""));
        let page = cli::restoring::page(&parse(&text).expect("a good policy"));
        assert!(!page.contains("{{"), "everything is filled in");
        assert_eq!(read(&format!("docs/{file}")), page, "print it again: `sonae-policy restore`");
    }
}

/// The table of keys and the parser: neither has a key that the other lacks.
#[test]
fn the_readmes_name_the_keys_that_the_parser_takes() {
    let [root, notify, sweep, discover, budget, watchdog, backup, defaults, asset, backed, bucket] =
        keys_taken();
    let sections =
        ["backup", "notify", "sweep", "discover", "budget", "watchdog", "defaults", "asset"];
    let mut taken: BTreeSet<String> =
        root.into_iter().filter(|key| !sections.contains(&key.as_str())).collect();
    taken.extend(notify.iter().map(|key| format!("notify.{key}")));
    taken.extend(sweep.iter().map(|key| format!("sweep.{key}")));
    taken.extend(discover.iter().map(|key| format!("discover.{key}")));
    taken.extend(budget.iter().map(|key| format!("budget.{key}")));
    taken.extend(watchdog.iter().map(|key| format!("watchdog.{key}")));
    taken.extend(backed.into_iter().filter(|key| !backup.contains(key)));
    taken.extend(backup.iter().map(|key| format!("backup.{key}")));
    taken.extend(asset);
    taken.extend(bucket);
    for path in READMES {
        let text = read(path);
        let named = keys_named(&text);
        assert_eq!(named.iter().cloned().collect::<BTreeSet<_>>(), taken, "{path}");
        let from_take: BTreeSet<String> =
            named.into_iter().skip_while(|key| key != "take").collect();
        assert_eq!(from_take, defaults, "{path}: every key from `take` down may be a default");
    }
}

/// What the parser takes at the root, in its sections and in `[[asset]]`: asked by a key that it cannot
/// know, since its answer lists those that it does.
fn keys_taken() -> [BTreeSet<String>; 11] {
    let unknown = "unknown = 1\n";
    let policy = format!("{unknown}{}", read("policy/policy.toml"))
        .replace("[notify]\n", &format!("[notify]\n{unknown}"))
        .replace("# [sweep]\n", &format!("[sweep]\n{unknown}"))
        .replace("# [discover]\n", &format!("[discover]\n{unknown}"))
        .replace("# [budget]\n", &format!("[budget]\n{unknown}"))
        .replace("# [watchdog]\n", &format!("[watchdog]\n{unknown}"))
        .replace("# [backup] ", &format!("[backup]\n{unknown}# "))
        .replace("dr_key ", &format!("{unknown}dr_key "))
        .replace("kind   =", &format!("{unknown}kind   ="))
        + &format!("\n[[asset]]\nkind = \"backup\"\n{unknown}")
        + &format!("\n[[asset]]\nkind = \"bucket\"\n{unknown}");
    let problems = parse(&policy).expect_err("unknown keys are refused").0;
    let paths = [
        "unknown",
        "notify.unknown",
        "sweep.unknown",
        "discover.unknown",
        "budget.unknown",
        "watchdog.unknown",
        "backup.unknown",
        "defaults.unknown",
        "asset[0].unknown",
        "asset[1].unknown",
        "asset[2].unknown",
    ];
    paths.map(|path| {
        let problem = problems.iter().find(|problem| problem.path == path).expect(path);
        let keys = problem.allowed.strip_prefix("one of ").expect("a list of keys");
        keys.split(", ").map(str::to_owned).collect()
    })
}

/// The first column of the table that begins with `version`.
fn keys_named(readme: &str) -> Vec<String> {
    let table = readme.lines().skip_while(|line| !line.starts_with("| `version` |"));
    let cells = table.map_while(|line| line.strip_prefix("| ")?.split(" | ").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The record in the READMEs is one of the night that `make demo` plays.
#[test]
fn the_readmes_show_a_real_record() {
    let sim = night("en");
    let account = sim.account.borrow();
    let key = "duties/2025-11-06/kaigo-subsys-prod/landed.json";
    let object = account.objects.iter().find(|((_, found), _)| found == key);
    let (_, object) = object.expect("the night's record");
    let record: Value = serde_json::from_slice(&object.body).expect("JSON");
    for path in READMES {
        let text = read(path);
        let shown = text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
        let shown: Value = serde_json::from_str(shown.expect("a record")).expect("JSON");
        assert_eq!(shown, record, "{path}");
    }
}

/// The notices in the READMEs are those of the night that `make demo` plays.
#[test]
fn the_readmes_show_real_notices() {
    for (path, language) in READMES.into_iter().zip(["en", "ja"]) {
        let mails = mails(&night(language));
        let text = read(path);
        let (broken, complete) = (&mails[0], &mails[2]);
        assert!(text.contains(broken.trim_end()), "{path} has another notice than\n{broken}");
        assert!(text.contains(complete.trim_end()), "{path} has another notice than\n{complete}");
    }
}

/// What the chat is tried with is a notice of the same night, so it changes with the words.
#[test]
fn the_sample_of_the_topics_message_is_a_real_notice() {
    let event: Value = serde_json::from_str(&read("events/sns-notice.json")).expect("it is JSON");
    let sns = &event["Records"][0]["Sns"];
    let text = |field: &str| sns[field].as_str().expect("a text");
    let mail = format!("Subject: {}\n\n{}", text("Subject"), text("Message"));
    assert_eq!(mails(&night("ja"))[0], mail);
}

/// The demo's night on the model: one event lost, one database whose copies die, mended by hand.
fn night(language: &str) -> Sim {
    let at = |text: &str| -> Timestamp { text.parse().expect("a time") };
    let more = ["master", "audit", "report"].map(|name| {
        format!("\n[[asset]]\nkind = \"rds-instance\"\nid = \"kaigo-subsys-{name}\"\n")
    });
    let text = read("policy/policy.toml")
        .replace("language = \"ja\"", &format!("language = \"{language}\""))
        .replace("2025-11-05 ", "2025-11-06 ");
    let assets = more.concat() + local::invoke::CLUSTER + local::invoke::FILE_SYSTEM;
    let policy = parse(&(text + &assets)).expect("a good policy");
    let mut account = Account::of(&policy, at("2025-11-05T17:45:00Z"));
    account.in_flight_limit = 2;
    account.script("rds:CopyDBSnapshot", None, "kaigo-subsys-report", 3, Scripted::CopyDies);
    let sim = Sim::new(account, policy);
    let mut tick = at("2025-11-05T18:00:00Z");
    while tick < at("2025-11-05T22:00:00Z") {
        pass(&sim, tick);
        sim.play(Scope::Fleet, StartedBy::Check, None);
        if tick == at("2025-11-05T21:15:00Z") {
            pass(&sim, at("2025-11-05T21:20:00Z"));
            delete_failed(&sim);
        }
        tick += domain::day::TICK;
    }
    sim
}

fn mails(sim: &Sim) -> Vec<String> {
    let mails = sim.mails().into_iter();
    mails.map(|mail| format!("Subject: {}\n\n{}", mail.subject, mail.body)).collect()
}

fn pass(sim: &Sim, to: Timestamp) {
    loop {
        let changed = sim.account.borrow_mut().step(to);
        let events = std::mem::take(&mut sim.account.borrow_mut().events);
        let lost = |event: &Value| {
            event["detail"]["EventID"] == "RDS-EVENT-0091" && event.to_string().contains("master")
        };
        events.iter().filter(|event| !lost(event)).for_each(|event| deliver(sim, event));
        if !changed {
            return;
        }
    }
}

fn delete_failed(sim: &Sim) {
    let dr = sim.policy().dr.clone();
    let mut account = sim.account.borrow_mut();
    let all = account.snapshots.values().map(|snapshot| &snapshot.point);
    let failed: Vec<String> = all
        .filter(|point| point.state == domain::seen::State::Failed)
        .map(|point| point.name.to_string())
        .collect();
    for name in failed {
        account.delete_db_snapshot(&dr, &name).expect("it is there");
    }
}
