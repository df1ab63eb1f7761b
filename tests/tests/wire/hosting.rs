//! A PostgreSQL host over the wire: what its agent says in the journal, what stands in its bucket.

use crate::stage::{Stage, played};
use domain::duty::DutyState;
use domain::episode::Kind;
use domain::host::pulse::Pulse;
use domain::host::run::{How, Job};
use domain::round::Round;
use jiff::Timestamp;
use model::{Agent, ApiError, Object, Scripted, Sim};
use serde_json::{Value, json};

fn text(more: &str) -> String {
    format!(
        "version = 1\nsystem = \"dental-clinic\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\nzone = \"Asia/Tokyo\"\n\
         language = \"ja\"\n[notify]\nemail = [\"it@example.com\"]\n\
         [[asset]]\nkind = \"postgres-host\"\nid = \"dental\"\nbucket = \"dental-backups\"\n\
         data = \"/var/lib/postgresql/15/main\"\n\
         key = \"arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-777777777777\"\n{more}"
    )
}

/// A stage from noon in Tokyo on, and its host's agent, which has spoken once.
async fn stage() -> (Stage, Agent) {
    let stage = Stage::under(text("")).await;
    stage.until("2025-11-06T03:00:00Z");
    let mut agent = Agent::new(stage.policy(), &stage.policy().hosts[0], Sim::JOURNAL);
    lives(&stage, &mut agent);
    played(stage.check().await);
    (stage, agent)
}

fn lives(stage: &Stage, agent: &mut Agent) {
    let mut account = stage.cloud.account();
    for job in [Job::Differential, Job::Verify, Job::Logical] {
        agent.ran(&account, job, How::Succeeded { detail: String::new() });
    }
    agent.mirrors(&mut account);
    agent.speaks(&mut account);
}

async fn look(stage: &Stage, time: &str) -> Round {
    stage.until(time);
    played(stage.check().await)
}

fn told(round: &Round) -> Vec<Kind> {
    let kinds = round.said.iter().map(|notice| notice.key.episode.kind);
    kinds.filter(|kind| *kind != Kind::Report).collect()
}

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

/// The night after: made at 02:01, seen in the bucket, complete.
#[tokio::test]
async fn a_full_backup_that_stands_in_the_bucket_completes_the_night() {
    let (stage, mut agent) = stage().await;
    stage.until("2025-11-06T17:01:00Z");
    lives(&stage, &mut agent);
    let label = agent.backs_up(&mut stage.cloud.account());
    agent.speaks(&mut stage.cloud.account());
    let round = look(&stage, "2025-11-06T17:15:00Z").await;
    assert_eq!(told(&round), [Kind::NightComplete]);
    assert_eq!(round.duties[0].due, at("2025-11-06T22:30:00Z"), "07:30 in Tokyo");
    let account = stage.cloud.account();
    let landed = &account.objects
        [&("journal".to_owned(), "duties/2025-11-07/dental/landed.json".to_owned())];
    let landed: Value = serde_json::from_slice(&landed.body).expect("JSON");
    assert_eq!(landed["name"], json!(label));
    let body = &round.said[0].body;
    assert!(body.contains(&label) && body.contains("1 件中 1 件"), "{body}");
    assert!(!body.contains("us-west-2 に揃って"), "it is no copy in dr: {body}");
}

/// The agent's word is not enough: home looks itself, and so it is told although the agent is content.
#[tokio::test]
async fn a_backup_that_did_not_reach_the_bucket_is_told_at_its_deadline() {
    let (stage, mut agent) = stage().await;
    stage.until("2025-11-06T17:01:00Z");
    let label = agent.makes(&stage.cloud.account());
    for time in ["2025-11-06T22:15:00Z", "2025-11-06T22:30:00Z"] {
        stage.until(time);
        lives(&stage, &mut agent);
        let round = look(&stage, time).await;
        let broken = round.duties.iter().any(|duty| matches!(duty.state, DutyState::Broken(_)));
        assert_eq!(broken, time.contains("22:30"), "{time}");
        if broken {
            assert_eq!(told(&round), [Kind::NotLanded]);
            assert!(round.said[0].body.contains(&label), "{}", round.said[0].body);
            assert!(
                round.said[0].subject.contains("フルバックアップ"),
                "{}",
                round.said[0].subject
            );
        }
    }
    // It arrives, and that is told once.
    stage.until("2025-11-06T22:45:00Z");
    agent.pulse.sets.clear();
    agent.backs_up(&mut stage.cloud.account());
    lives(&stage, &mut agent);
    let round = look(&stage, "2025-11-06T22:45:00Z").await;
    assert_eq!(told(&round), [Kind::NotLanded, Kind::NightComplete]);
    assert!(round.said[0].body.contains("到着しました"), "{}", round.said[0].body);
    stage.until("2025-11-06T23:00:00Z");
    lives(&stage, &mut agent);
    assert_eq!(told(&look(&stage, "2025-11-06T23:00:00Z").await), []);
}

/// Nobody on a dead host tells of it.
#[tokio::test]
async fn a_dead_host_is_told_by_the_check_once_and_its_return_too() {
    let (stage, mut agent) = stage().await;
    assert_eq!(told(&look(&stage, "2025-11-06T04:00:00Z").await), []);
    let silent = look(&stage, "2025-11-06T04:15:00Z").await;
    assert_eq!(told(&silent), [Kind::HostSilent]);
    assert!(silent.said[0].body.contains("restore --from s3"), "{}", silent.said[0].body);
    assert_eq!(told(&look(&stage, "2025-11-06T04:30:00Z").await), []);
    for (time, expected) in
        [("2025-11-06T04:45:00Z", [].as_slice()), ("2025-11-06T05:00:00Z", &[Kind::HostSilent])]
    {
        stage.until(time);
        lives(&stage, &mut agent);
        assert_eq!(
            told(&look(&stage, time).await),
            expected,
            "whole when two looks have found it so: {time}"
        );
    }
}

/// A host whose clock is two days ahead is not alive for two days after its death.
#[tokio::test]
async fn a_wrong_clock_hides_no_silence() {
    let (stage, mut agent) = stage().await;
    agent.pulse.at = at("2025-11-08T03:00:00Z");
    let path = Pulse::path(&agent.pulse.host);
    let body = serde_json::to_vec(&agent.pulse).expect("JSON");
    let now = stage.cloud.account().now;
    let at = ("journal".to_owned(), path);
    stage.cloud.account().objects.insert(at, Object { body, modified: now });
    assert_eq!(told(&look(&stage, "2025-11-06T04:15:00Z").await), [Kind::HostSilent]);
}

/// A host that is only in the policy yet has an hour to speak.
#[tokio::test]
async fn a_host_that_never_spoke_is_told_after_an_hour() {
    let stage = Stage::under(text("")).await;
    for (time, expected) in [
        ("2025-11-06T03:00:00Z", [].as_slice()),
        ("2025-11-06T04:00:00Z", &[]),
        ("2025-11-06T04:15:00Z", &[Kind::HostSilent]),
    ] {
        assert_eq!(told(&look(&stage, time).await), expected, "{time}");
    }
}

/// The agent says 30 seconds; the newest segment that home sees is older than that allows.
#[tokio::test]
async fn a_bucket_that_gets_no_log_is_behind_whatever_the_agent_says() {
    let (stage, mut agent) = stage().await;
    for (time, expected) in
        [("2025-11-06T03:15:00Z", [].as_slice()), ("2025-11-06T03:30:00Z", &[Kind::HostBehind])]
    {
        stage.until(time);
        agent.speaks(&mut stage.cloud.account());
        assert_eq!(
            told(&look(&stage, time).await),
            expected,
            "told when two looks have found it: {time}"
        );
    }
    stage.until("2025-11-06T03:45:00Z");
    lives(&stage, &mut agent);
    for (time, expected) in
        [("2025-11-06T03:45:00Z", [].as_slice()), ("2025-11-06T04:00:00Z", &[Kind::HostBehind])]
    {
        stage.until(time);
        lives(&stage, &mut agent);
        assert_eq!(told(&look(&stage, time).await), expected, "{time}");
    }
}

#[tokio::test]
async fn another_policy_and_a_late_run_are_told() {
    let (stage, mut agent) = stage().await;
    agent.pulse.policy = "0".repeat(64);
    let how = How::Failed { why: "`archive/dental` has a file that was changed".to_owned() };
    for time in ["2025-11-06T03:15:00Z", "2025-11-06T03:30:00Z"] {
        stage.until(time);
        lives(&stage, &mut agent);
        agent.ran(&stage.cloud.account(), Job::Expire, how.clone());
        agent.speaks(&mut stage.cloud.account());
        let round = look(&stage, time).await;
        let expected = match time.contains("03:15") {
            true => vec![Kind::HostLate],
            false => vec![Kind::HostPolicy],
        };
        assert_eq!(told(&round), expected, "{time}");
    }
}

/// What cannot be listed is neither there nor missing.
#[tokio::test]
async fn a_bucket_that_cannot_be_listed_is_told_as_that() {
    let (stage, mut agent) = stage().await;
    agent.backs_up(&mut stage.cloud.account());
    stage.script("s3:ListBucket", "us-east-1", Scripted::Refuse(ApiError::denied("s3:ListBucket")));
    for time in ["2025-11-06T22:15:00Z", "2025-11-06T22:30:00Z"] {
        stage.until(time);
        lives(&stage, &mut agent);
        let round = look(&stage, time).await;
        assert!(!told(&round).contains(&Kind::NotLanded), "{:?}", told(&round));
        assert!(round.findings.iter().any(|finding| finding.key.kind == Kind::Unreadable));
    }
}

/// A look at a host asks for little, however much its bucket holds.
#[tokio::test]
async fn a_look_at_a_host_is_few_calls() {
    let (stage, mut agent) = stage().await;
    agent.backs_up(&mut stage.cloud.account());
    for _ in 0..40 {
        let now = stage.cloud.account().now;
        stage.cloud.account().advance(now + jiff::SignedDuration::from_secs(60));
        agent.mirrors(&mut stage.cloud.account());
    }
    agent.speaks(&mut stage.cloud.account());
    let before = stage.cloud.account().calls.len();
    look(&stage, "2025-11-06T03:45:00Z").await;
    let calls = stage.cloud.account().calls[before..].to_vec();
    let of = |op: &str, region: &str| {
        calls.iter().filter(|call| call.op == op && call.region.as_str() == region).count()
    };
    assert_eq!(
        of("s3:ListBucket", "us-east-1"),
        2,
        "one manifest, the log from its newest segment on"
    );
    assert_eq!(of("s3:GetObject", "us-west-2"), 1, "the pulse");
    assert_eq!(of("s3:GetObject", "us-east-1"), 0, "nothing of the backups is opened");
}
