//! Each file of events/, handled by its function in an account where the event is true, comes to
//! what events/README.md says: the same accounts as in `make invoke`.

use crate::stage::{Stage, played, policy_text, sample};
use cloud::entry::Done;
use domain::episode::Kind;
use domain::policy::parse;
use domain::round::Round;
use domain::step::{Outcome, Rest, Step};
use local::invoke;
use serde_json::Value;

/// What the last cell of a row promises, as a question to the round and its world.
fn holds(promise: &str, round: &Round, stage: &Stage) -> bool {
    let copied = round.tried.iter().any(|tried| tried.outcome == Outcome::Done);
    let told = |kind: Kind| round.said.iter().any(|notice| notice.key.episode.kind == kind);
    let recorded = |word: &str| {
        let account = stage.cloud.account();
        account.objects.keys().any(|(_, key)| key.starts_with("duties/") && key.ends_with(word))
    };
    let kept =
        |prefix: &str| stage.cloud.account().objects.keys().any(|(_, key)| key.starts_with(prefix));
    match promise {
        "copies it" | "copies it when the policy selects it" | "starts the next attempt" => copied,
        "nothing to do while it is underway" => {
            let underway = |step: &Step| matches!(step, Step::Rest(Rest::Underway(_)));
            round.tried.is_empty() && round.steps.iter().any(|(_, _, step)| underway(step))
        }
        "records it as landed once it stands there under the right key" => {
            round.tried.is_empty() && recorded("/landed.json")
        }
        "tells that its backups are off" => told(Kind::BackupsOff),
        "tells that its key cannot be used" => told(Kind::KeyInaccessible),
        "records its point as taken" => round.tried.is_empty() && recorded("/taken.json"),
        "tells that its day has no point" => told(Kind::NotTaken),
        "tells that its copy has not landed" => told(Kind::NotLanded),
        "tells that the vault is gone" => told(Kind::VaultMissing),
        "starts the copy job of a point that was taken by hand" => {
            let asked = stage.cloud.account().backups.requests.len();
            copied && asked == 1 && recorded("/requested-1.json")
        }
        "records its full backup as landed once it stands in the bucket" => {
            recorded("/dental/landed.json")
        }
        "tells that a run has not succeeded" => told(Kind::HostLate),
        "looks at everything" => round.duties.len() >= 2 && !stage.subjects().is_empty(),
        "tells the reason" => told(Kind::ReplicationFailing) && kept("failures/"),
        "looks at every bucket" => kept("buckets/kaigo-files/"),
        "looks at the bucket" => {
            let account = stage.cloud.account();
            account.calls.iter().any(|call| call.op == "s3:GetReplicationConfiguration")
        }
        "nothing: S3 sends it when a notification is set up" => {
            round.said.is_empty() && round.findings.is_empty()
        }
        "deletes what has been kept long enough" => round.tried.len() >= 3 && copied,
        other => panic!("nothing is known of the outcome `{other}`"),
    }
}

/// The file, the function and the outcome of each row.
fn rows() -> Vec<[String; 3]> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/README.md");
    let text = std::fs::read_to_string(path).expect("events/README.md");
    let cells = text.lines().filter(|line| line.contains(".json |")).map(|line| {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    });
    let row = |cells: Vec<String>| match <[String; 4]>::try_from(cells) {
        Ok([file, _, function, outcome]) => [file, function, outcome],
        Err(other) => panic!("not a row: {other:?}"),
    };
    cells.map(row).collect()
}

async fn check([file, function, outcome]: [String; 3]) {
    let event: Value = sample(&file);
    let text =
        policy_text(1) + invoke::CLUSTER + invoke::FILE_SYSTEM + invoke::BUCKET + invoke::HOST;
    let policy = parse(&text).expect("a good policy");
    let now = invoke::time(&event).expect("every sample has its time");
    let stage = Stage::over(text, invoke::stage(&policy, &event, now)).await;
    if function == "none" {
        let done = stage.react(&event).await.expect("no error");
        assert!(matches!(done, Done::Ignored(_)), "{file}: {done:?}");
        return;
    }
    let round = match function.as_str() {
        "Check" => played(stage.check().await),
        "Sweep" => played(stage.sweep(event).await),
        "Replication" => played(stage.replicate(event).await),
        _ => played(stage.react(&event).await),
    };
    let promise = outcome.rsplit(';').next().expect("words").trim();
    assert!(holds(promise, &round, &stage), "{file}: `{promise}`, but {round:?}");
}

#[tokio::test]
async fn every_event_comes_to_what_its_row_says() {
    let rows = rows();
    assert!(rows.len() >= 13, "{rows:?}");
    // Chat plays no round; what comes of its messages is in crates/chat/tests.
    for row in rows.into_iter().filter(|[_, function, _]| function != "Chat") {
        check(row).await;
    }
}
