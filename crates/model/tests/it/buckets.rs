//! Days of a bucket that S3 replicates.

use crate::night::{Drive, ID, asset, at, dr, home, policy_over, sim_of, told};
use domain::failure::Reason;
use domain::health::Verdict;
use domain::id::Region;
use domain::seen::{Replication, ReplicationRule};
use jiff::SignedDuration;
use model::{ApiError, MetricQuery, Pair, Scripted, Sim};

const BUCKET: &str = "kaigo-files";
const NEWS: &str = "objects older than its rule";

fn bucket(more: &str) -> Sim {
    let lines = format!("dr_bucket = \"kaigo-files-dr\"\n{more}");
    sim_of(policy_over("", &(asset("rds-instance", ID, "") + &asset_of_bucket(&lines))))
}

/// A bucket takes nothing of `[defaults]`.
fn asset_of_bucket(lines: &str) -> String {
    asset("bucket", BUCKET, lines)
}

/// Everything that runs at a tick, every quarter of an hour up to a time; notifications come as they do.
fn run(sim: &Sim, until: &str) {
    loop {
        let next = domain::day::tick(sim.account.borrow().now) + domain::day::TICK;
        if next > at(until) {
            return;
        }
        sim.account.borrow_mut().advance(next);
        sim.notify();
        let round = sim.replicate();
        assert!(round.undone.is_empty(), "{:?}", round.undone);
        if sim.policy().looks_at(next) {
            sim.check();
        }
    }
}

fn write(sim: &Sim, key: &str) {
    let mut account = sim.account.borrow_mut();
    account.put_object(&home(), BUCKET, key, b"data".to_vec(), false).expect("written");
}

fn pair(sim: &Sim, change: impl FnOnce(&mut Pair)) {
    change(sim.account.borrow_mut().pairs.get_mut(BUCKET).expect("a pair"));
}

fn rule(sim: &Sim, change: impl Fn(&mut ReplicationRule)) {
    pair(sim, |pair| {
        if let Replication::Rules(rules) = &mut pair.setup {
            rules.iter_mut().for_each(change);
        }
    });
}

/// What the journal's newest verdict is.
fn verdict(sim: &Sim) -> Verdict {
    let account = sim.account.borrow();
    let prefix = format!("buckets/{BUCKET}/");
    let all = account.objects.iter().filter(|((_, key), _)| key.starts_with(&prefix));
    let (_, newest) = all.max_by_key(|((_, key), _)| key.clone()).expect("a verdict");
    domain::health::Health::parse(&newest.body).expect("as it was written").verdict
}

fn count(sim: &Sim, op: &str) -> usize {
    sim.account.borrow().calls.iter().filter(|call| call.op == op).count()
}

#[test]
fn a_bucket_in_order_is_told_of_once_and_reported() {
    let sim = bucket("");
    run(&sim, "2025-01-15T00:00:00Z");
    assert_eq!(verdict(&sim), Verdict::Healthy);
    let about: Vec<_> = sim.subjects().into_iter().filter(|s| s.contains(BUCKET)).collect();
    assert_eq!(about.len(), 1, "{about:?}");
    assert!(about[0].contains(NEWS), "{about:?}");
    let report = &sim.reports()[0];
    assert!(report.body.contains("healthy kaigo-files → kaigo-files-dr"), "{}", report.body);
    assert!(report.subject.starts_with("[OK]"), "{}", report.subject);
}

#[test]
fn story_27_a_rule_that_is_off_or_gone_is_told_although_nothing_fails() {
    type Change = fn(&mut ReplicationRule);
    let cases: [(&str, Change); 6] = [
        ("rule is off", |rule| rule.enabled = false),
        ("another bucket", |rule| rule.destination = "arn:aws:s3:::another".to_owned()),
        ("rule is too narrow", |rule| rule.prefix = "only/".to_owned()),
        ("only with tags", |rule| rule.by_tags = true),
        ("none under KMS keys", |rule| rule.kms = false),
        ("not measured", |rule| rule.metrics = false),
    ];
    for (word, change) in cases {
        let sim = bucket("");
        run(&sim, "2025-01-14T19:00:00Z");
        rule(&sim, change);
        run(&sim, "2025-01-14T19:15:00Z");
        let words = format!("not replicated as the policy says: {word}");
        assert_eq!(told(&sim, &words), 1, "{:?}", sim.subjects());
        assert_eq!(verdict(&sim), Verdict::NotConfigured);
        run(&sim, "2025-01-15T00:00:00Z");
        assert_eq!(told(&sim, &words), 1, "said once: {:?}", sim.subjects());
        let report = &sim.reports()[0];
        assert!(report.body.contains("not configured kaigo-files"), "{}", report.body);
        assert!(report.subject.starts_with("[CRITICAL]"), "{}", report.subject);
    }
}

#[test]
fn story_27_no_data_is_never_healthy() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| pair.dr_gone = true);
    run(&sim, "2025-01-14T19:45:00Z");
    assert_eq!(verdict(&sim), Verdict::Unknown);
    run(&sim, "2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "whether kaigo-files is replicated to us-west-2 cannot be told"), 1);
    pair(&sim, |pair| pair.dr_gone = false);
    run(&sim, "2025-01-14T20:30:00Z");
    assert_eq!(told(&sim, "it can be told again"), 1, "{:?}", sim.subjects());
    assert_eq!(verdict(&sim), Verdict::Healthy);
}

#[test]
fn story_27_a_renamed_rule_has_no_data_under_its_old_name() {
    let sim = bucket("rule = \"sonae\"");
    run(&sim, "2025-01-14T19:00:00Z");
    rule(&sim, |rule| rule.id = "renamed".to_owned());
    run(&sim, "2025-01-14T19:15:00Z");
    assert_eq!(told(&sim, "as the policy says: no rule of that ID"), 1, "{:?}", sim.subjects());
}

/// A bucket whose rule is of today is no alarm for the first half hour.
#[test]
fn a_young_rule_is_young_not_broken() {
    let sim = bucket("");
    pair(&sim, |pair| pair.since = at("2025-01-14T17:45:00Z"));
    run(&sim, "2025-01-14T18:00:00Z");
    assert_eq!(verdict(&sim), Verdict::Young);
    run(&sim, "2025-01-14T18:15:00Z");
    assert_eq!(verdict(&sim), Verdict::Healthy);
    assert_eq!(told(&sim, "cannot be told"), 0, "{:?}", sim.subjects());
}

#[test]
fn a_slow_replication_is_told_in_seconds_and_repaired() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| pair.takes = SignedDuration::from_mins(40));
    write(&sim, "big");
    run(&sim, "2025-01-14T19:15:00Z");
    assert_eq!(verdict(&sim), Verdict::Healthy, "within the objective");
    run(&sim, "2025-01-14T19:30:00Z");
    assert_eq!(verdict(&sim), Verdict::Slow);
    assert_eq!(told(&sim, "replication of kaigo-files to us-west-2 is"), 1, "{:?}", sim.subjects());
    let mails = sim.mails();
    let mail = mails.iter().find(|mail| mail.subject.contains("behind")).expect("told");
    assert!(mail.body.contains("1800 s. The policy allows 900 s"), "{}", mail.body);
    assert!(mail.body.contains("would lose"), "{}", mail.body);
    run(&sim, "2025-01-14T21:00:00Z");
    assert_eq!(told(&sim, "in time again"), 1, "{:?}", sim.subjects());
}

/// A failed object leaves the pending metrics: the latency is fine, the object is missing.
#[test]
fn story_27_one_denied_role_is_found_and_named_although_the_latency_is_fine() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    let fail = |reason: Option<&str>| {
        let mut account = sim.account.borrow_mut();
        account.pairs.get_mut(BUCKET).expect("a pair").fails = reason.map(str::to_owned);
    };
    fail(Some("DstPutObjectNotPermitted"));
    for key in ["a b", "c"] {
        write(&sim, key);
    }
    run(&sim, "2025-01-14T19:15:00Z");
    let words = "kaigo-files: S3 gave up 2 objects: DstPutObjectNotPermitted";
    assert_eq!(told(&sim, words), 1, "{:?}", sim.subjects());
    assert_eq!(verdict(&sim), Verdict::Failing);
    let mails = sim.mails();
    let mail = mails.iter().find(|mail| mail.subject.contains("gave up ")).expect("told");
    assert!(mail.body.contains("s3:ReplicateObject"), "{}", mail.body);
    assert!(!mail.body.contains("a b"), "no key of an object in a mail: {}", mail.body);
    run(&sim, "2025-01-15T00:00:00Z");
    assert_eq!(told(&sim, "S3 gave up "), 1, "said once: {:?}", sim.subjects());
    // A person mends the role, and runs the job of the notice.
    fail(None);
    sim.account.borrow_mut().create_job(&home(), BUCKET, "by hand").expect("started");
    run(&sim, "2025-01-15T01:00:00Z");
    assert_eq!(
        told(&sim, "none is missing now (DstPutObjectNotPermitted)"),
        1,
        "{:?}",
        sim.subjects()
    );
    assert_eq!(verdict(&sim), Verdict::Healthy);
}

#[test]
fn each_reason_is_told_once_by_itself() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    for reason in ["DstKmsKeyNotFound", "AssumeRoleNotPermitted"] {
        let mut account = sim.account.borrow_mut();
        account.pairs.get_mut(BUCKET).expect("a pair").fails = Some(reason.to_owned());
        drop(account);
        for n in 0..30 {
            write(&sim, &format!("{reason}-{n}"));
        }
    }
    run(&sim, "2025-01-14T22:00:00Z");
    assert_eq!(told(&sim, "S3 gave up "), 2, "{:?}", sim.subjects());
}

/// A notification comes at least once.
#[test]
fn the_same_notification_twice_is_one_failure() {
    let failing = [(Reason::new("Unknown"), failure("a")), (Reason::new("Unknown"), failure("a"))];
    let batches = domain::failure::batches(&failing);
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].0.objects, 1);
}

fn failure(key: &str) -> domain::failure::Failure {
    let (key, version) = (key.to_owned(), Some("v1".to_owned()));
    let (operation, at) = ("OBJECT_PUT".to_owned(), at("2025-01-14T19:01:00Z"));
    domain::failure::Failure { key, version, operation, at }
}

/// Without the notification nobody knows the names, but the metric counts.
#[test]
fn failures_that_nobody_named_are_told_by_the_metric() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| (pair.notifies, pair.fails) = (false, Some("Unknown".to_owned())));
    write(&sim, "a");
    run(&sim, "2025-01-14T19:15:00Z");
    assert_eq!(told(&sim, "S3 gave up "), 0, "the notification may be minutes behind");
    assert_eq!(verdict(&sim), Verdict::Failing);
    run(&sim, "2025-01-14T19:30:00Z");
    assert_eq!(told(&sim, "kaigo-files: S3 gave up 1 objects: unnamed"), 1);
}

#[test]
fn the_canary_is_written_every_hour_and_seen_to_arrive() {
    let sim = bucket("canary = true\nprefix = \"docs/\"");
    run(&sim, "2025-01-14T22:00:00Z");
    assert_eq!(verdict(&sim), Verdict::Healthy);
    let account = sim.account.borrow();
    let canaries = account.pairs[BUCKET].sent.iter().filter(|s| s.key == "docs/sonae-canary");
    assert!((4..=5).contains(&canaries.count()), "{:?}", account.pairs[BUCKET].sent);
}

#[test]
fn a_canary_that_does_not_arrive_is_told() {
    let sim = bucket("canary = true");
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| pair.fails = Some("DstKmsKeyNotFound".to_owned()));
    run(&sim, "2025-01-14T20:15:00Z");
    assert_eq!(told(&sim, "the canary of bucket kaigo-files does not arrive"), 1);
    assert_eq!(
        told(&sim, "objects: DstKmsKeyNotFound"),
        1,
        "S3 named it, too: {:?}",
        sim.subjects()
    );
}

#[test]
fn no_canary_is_written_into_a_bucket_with_an_object_lock() {
    let sim = bucket("canary = true");
    pair(&sim, |pair| pair.locked = true);
    run(&sim, "2025-01-14T20:15:00Z");
    assert!(sim.account.borrow().pairs[BUCKET].sent.is_empty());
    assert_eq!(verdict(&sim), Verdict::Healthy);
}

const AUTO: &str = "repair = \"auto\"\nrepair_role = \"arn:aws:iam::123456789012:role/repair\"";

#[test]
fn auto_starts_a_job_at_the_next_of_four_times() {
    let sim = bucket(AUTO);
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| pair.fails = Some("DstKmsKeyNotFound".to_owned()));
    write(&sim, "a");
    run(&sim, "2025-01-14T20:45:00Z");
    assert_eq!(count(&sim, "s3:CreateJob"), 0);
    pair(&sim, |pair| pair.fails = None);
    run(&sim, "2025-01-14T21:45:00Z");
    assert_eq!(count(&sim, "s3:CreateJob"), 1, "at 06:00 in Tokyo");
    assert_eq!(told(&sim, "none is missing now (DstKmsKeyNotFound)"), 1, "{:?}", sim.subjects());
    run(&sim, "2025-01-15T18:00:00Z");
    assert_eq!(count(&sim, "s3:CreateJob"), 1, "nothing is missing any more");
}

/// What a job replicates again fails again and is announced again: that must call no next job.
#[test]
fn a_job_that_fails_calls_no_other_one() {
    let sim = bucket(AUTO);
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| pair.fails = Some("DstKmsKeyNotFound".to_owned()));
    write(&sim, "a");
    run(&sim, "2025-01-15T20:45:00Z");
    assert_eq!(count(&sim, "s3:CreateJob"), 4, "a day has four times");
    assert_eq!(told(&sim, "S3 gave up"), 1, "{:?}", sim.subjects());
}

#[test]
fn report_starts_no_job() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| pair.fails = Some("Unknown".into()));
    write(&sim, "a");
    run(&sim, "2025-01-15T18:00:00Z");
    assert_eq!(count(&sim, "s3:CreateJob"), 0);
}

#[test]
fn the_check_tells_when_nobody_judges_any_more() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "nobody judges"), 0, "an hour is no silence: {:?}", sim.subjects());
    sim.check_until("2025-01-14T20:30:00Z");
    assert_eq!(told(&sim, "nobody judges the replication of bucket kaigo-files"), 1);
    run(&sim, "2025-01-14T21:15:00Z");
    assert_eq!(told(&sim, "is judged again"), 1, "{:?}", sim.subjects());
}

#[test]
fn a_bucket_that_leaves_the_policy_leaves_nothing_open() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    rule(&sim, |rule| rule.enabled = false);
    run(&sim, "2025-01-14T19:15:00Z");
    let account = sim.account.borrow().clone();
    let without = Sim::new(account, policy_over("", &asset("rds-instance", ID, "")));
    without.check_until("2025-01-15T00:00:00Z");
    let report = &without.reports()[0];
    assert!(!report.body.contains("bucket-unreplicated"), "{}", report.body);
}

#[test]
fn what_cannot_be_read_is_not_healthy() {
    for (op, region) in [
        ("s3:GetReplicationConfiguration", home()),
        ("cloudwatch:GetMetricData", home()),
        ("cloudwatch:GetMetricData", dr()),
    ] {
        let sim = bucket("");
        run(&sim, "2025-01-14T19:00:00Z");
        let denied = Scripted::Refuse(ApiError::denied(op));
        sim.account.borrow_mut().script(op, Some(&region), "", u32::MAX, denied);
        run(&sim, "2025-01-14T19:30:00Z");
        assert_eq!(verdict(&sim), Verdict::Unknown, "{op} in {region}");
        assert_eq!(told(&sim, "cannot be told"), 1, "{op}: {:?}", sim.subjects());
        sim.account.borrow_mut().unscript(op);
        run(&sim, "2025-01-14T20:00:00Z");
        assert_eq!(told(&sim, "it can be told again"), 1, "{op}: {:?}", sim.subjects());
    }
}

/// With a hundred buckets a tick stays within what CloudWatch and S3 take from one account.
#[test]
fn a_hundred_buckets_cost_so_many_calls() {
    let bucket =
        |n| asset("bucket", &format!("files-{n:03}"), &format!("dr_bucket = \"dr-{n:03}\""));
    let all: String = (0..100).map(bucket).collect();
    let sim = sim_of(policy_over("", &all));
    let before = sim.account.borrow().calls.len();
    sim.replicate();
    let calls: Vec<String> =
        sim.account.borrow().calls.iter().skip(before).map(|call| call.op.clone()).collect();
    let of = |op: &str| calls.iter().filter(|call| *call == op).count();
    assert_eq!(of("s3:GetReplicationConfiguration"), 100);
    // One listing of failures each, one of all episodes.
    assert!(of("s3:ListBucket") >= 101, "{}", of("s3:ListBucket"));
}

/// Written again, it is in dr; the version that was given up keeps its FAILED for ever.
#[test]
fn an_object_that_is_written_again_is_missing_no_more() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| pair.fails = Some("Unknown".to_owned()));
    write(&sim, "a");
    run(&sim, "2025-01-14T19:30:00Z");
    assert_eq!(verdict(&sim), Verdict::Failing);
    pair(&sim, |pair| pair.fails = None);
    write(&sim, "a");
    run(&sim, "2025-01-14T20:15:00Z");
    assert_eq!(verdict(&sim), Verdict::Healthy);
    assert_eq!(told(&sim, "none is missing now (Unknown)"), 1, "{:?}", sim.subjects());
}

/// While nothing can be asked of what failed, it stays failing, and somebody hears why.
#[test]
fn a_head_that_is_denied_is_told_beside_the_failure() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| pair.fails = Some("Unknown".to_owned()));
    write(&sim, "a");
    let denied = Scripted::Refuse(ApiError::denied("s3:GetObject"));
    sim.account.borrow_mut().script("s3:GetObject", Some(&home()), "", u32::MAX, denied);
    run(&sim, "2025-01-14T20:00:00Z");
    assert_eq!(verdict(&sim), Verdict::Failing);
    assert_eq!(told(&sim, "cannot be told"), 1, "{:?}", sim.subjects());
}

/// After a day the metric forgets; nobody has seen them arrive, so nobody says so.
#[test]
fn failures_without_a_name_are_never_called_repaired() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    pair(&sim, |pair| (pair.notifies, pair.fails) = (false, Some("Unknown".to_owned())));
    write(&sim, "a");
    run(&sim, "2025-01-16T00:00:00Z");
    assert_eq!(verdict(&sim), Verdict::Healthy);
    assert_eq!(told(&sim, "unnamed"), 1, "told, and not called repaired: {:?}", sim.subjects());
}

/// Whoever does without Replication Time Control is warned once, and judged by the figures.
#[test]
fn without_time_control_the_figures_decide() {
    let sim = bucket("");
    rule(&sim, |rule| rule.time_control = false);
    run(&sim, "2025-01-15T00:00:00Z");
    assert_eq!(verdict(&sim), Verdict::Healthy);
    assert_eq!(told(&sim, "[WARNING] kaigo-subsys-prod: kaigo-files is not replicated"), 1);
    assert!(sim.reports()[0].subject.starts_with("[WARNING]"), "{}", sim.reports()[0].subject);
}

/// Seed error 34: without RuleId, or asked in another Region, there is no point and no error.
#[test]
fn a_metric_is_in_one_region_under_three_dimensions() {
    let sim = bucket("");
    run(&sim, "2025-01-14T19:00:00Z");
    let mut account = sim.account.borrow_mut();
    let to = account.now;
    let right = MetricQuery {
        name: "ReplicationLatency".to_owned(),
        source: BUCKET.to_owned(),
        destination: "kaigo-files-dr".to_owned(),
        rule: "sonae".to_owned(),
        from: to - SignedDuration::from_mins(30),
        to,
        period: 60,
    };
    let mut points = |region: Region, query: &MetricQuery| {
        account.get_metric_data(&region, std::slice::from_ref(query)).expect("no error")[0].len()
    };
    assert_eq!(points(dr(), &right), 30);
    assert_eq!(points(home(), &right), 0, "published in dr");
    assert_eq!(points(dr(), &MetricQuery { rule: String::new(), ..right.clone() }), 0);
    assert_eq!(points(dr(), &MetricQuery { destination: String::new(), ..right }), 0);
}
