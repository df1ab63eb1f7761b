//! The documents say what is so: links, commands, the policy, the keys, the notices.

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

/// Every Markdown file that a reader may come to.
fn documents() -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for folder in ["", "docs", "docs/runbooks", "events"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder of documents");
        for entry in entries {
            let name = entry.expect("readable").file_name().into_string().expect("UTF-8");
            if name.ends_with(".md") {
                found.push(Path::new(folder).join(name).display().to_string());
            }
        }
    }
    found
}

#[test]
fn both_readmes_have_the_same_sections() {
    let sections =
        READMES.map(|path| read(path).lines().filter(|line| line.starts_with("## ")).count());
    assert_eq!(sections[0], sections[1]);
    assert!(sections[0] >= 12, "{sections:?}");
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
    let headings = text.lines().filter(|line| line.starts_with('#'));
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
    for kind in Kind::all().filter(|kind| !kind.is_good_news()) {
        let word = kind.word();
        let page = read(&format!("docs/runbooks/{word}.md"));
        assert!(page.lines().count() > 30, "{word}: a page, not a stub");
        let row = format!("[{word}.md]({word}.md)");
        assert_eq!(index.matches(&row).count(), 2, "{word}: a row in each language");
    }
}

/// A story without its test is only a story.
#[test]
fn every_failure_story_names_tests_that_exist() {
    let mut sources = String::new();
    for file in sources_of_tests() {
        sources += &std::fs::read_to_string(file).expect("a source file");
    }
    let text = read("docs/failure-stories.md");
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let named: Vec<&str> = rows
        .flat_map(|row| row.rsplit('|').nth(1).expect("a last cell").split('`'))
        .filter(|word| word.contains('_') && !word.contains('.'))
        .collect();
    assert!(named.len() > 20, "{named:?}");
    for name in &named {
        assert!(sources.contains(&format!("fn {name}()")), "no test is called `{name}`");
    }
    let numbered = sources.split("fn story_").skip(1).map(|rest| rest.split('(').next().unwrap());
    for name in numbered {
        assert!(named.contains(&format!("story_{name}").as_str()), "`story_{name}` is not listed");
    }
}

fn sources_of_tests() -> Vec<PathBuf> {
    let folders = [
        "crates/domain/src",
        "crates/domain/tests/it",
        "crates/model/tests/it",
        "tests/tests/wire",
    ];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(root().join(folder)).unwrap());
    let files = entries.map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

#[test]
fn the_readmes_show_the_shipped_policy_and_name_every_key() {
    let policy = read("policy/policy.toml");
    let table: toml::Table = policy.parse().expect("the shipped policy is TOML");
    let mut keys: Vec<String> =
        ["version", "system", "home", "dr", "zone", "language"].map(str::to_owned).into();
    let section =
        |name: &str| table[name].as_table().expect("a table").keys().cloned().collect::<Vec<_>>();
    keys.extend(section("defaults"));
    keys.extend(section("notify").into_iter().map(|key| format!("notify.{key}")));
    let asset = table["asset"][0].as_table().expect("a table");
    keys.extend(asset.keys().cloned());
    for path in READMES {
        let text = read(path);
        assert!(text.contains(policy.trim_end()), "{path} shows another policy");
        let rows = text.lines().filter(|line| line.starts_with("| `")).collect::<Vec<_>>();
        for key in &keys {
            let named = rows.iter().any(|row| row.contains(&format!("`{key}`")));
            assert!(named, "{path}: no row for `{key}`");
        }
    }
}

/// The notices in the READMEs are those of the night that `make demo` plays.
#[test]
fn the_readmes_show_real_notices() {
    for (path, language) in READMES.into_iter().zip(["en", "ja"]) {
        let mails = night(language);
        let text = read(path);
        let (broken, complete) = (&mails[0], &mails[2]);
        assert!(text.contains(broken.trim_end()), "{path} has another notice than\n{broken}");
        assert!(text.contains(complete.trim_end()), "{path} has another notice than\n{complete}");
    }
}

/// The demo's night on the model: one event lost, one database whose copies die, mended by hand.
fn night(language: &str) -> Vec<String> {
    let at = |text: &str| -> Timestamp { text.parse().expect("a time") };
    let more = ["master", "audit", "report"].map(|name| {
        format!("\n[[asset]]\nkind = \"rds-instance\"\nid = \"kaigo-subsys-{name}\"\n")
    });
    let text = read("policy/policy.toml")
        .replace("language = \"ja\"", &format!("language = \"{language}\""))
        .replace("2025-11-05 ", "2025-11-06 ");
    let policy = parse(&(text + &more.concat())).expect("a good policy");
    let mut account = Account::of(&policy, at("2025-11-05T17:45:00Z"));
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
    let failed: Vec<String> = account
        .snapshots
        .values()
        .filter(|snapshot| snapshot.point.state == domain::seen::State::Failed)
        .map(|snapshot| snapshot.point.name.to_string())
        .collect();
    for name in failed {
        account.delete_db_snapshot(&dr, &name).expect("it is there");
    }
}
