//! Where this function runs: its environment, set only by the template. Reading it is pure and
//! reports every problem at once, each with the variable's name, the value and the allowed form.

use domain::policy::{self, Policy};
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// Path of the policy file.
pub const POLICY: &str = "SONAE_POLICY";
/// Name of the journal's bucket.
pub const JOURNAL: &str = "SONAE_JOURNAL";
/// ARN of the topic in home.
pub const TOPIC: &str = "SONAE_TOPIC";
/// ARN of the topic in dr.
pub const DR_TOPIC: &str = "SONAE_DR_TOPIC";
/// Which side this function is on: `home`, the only brain, or `dr`, the watcher.
pub const SIDE: &str = "SONAE_SIDE";
/// ARNs of the KMS keys that the role is given, separated by commas.
pub const GRANTED: &str = "SONAE_GRANTED";
/// Whether the alarm on the check's silence may send.
pub const ARMED: &str = "SONAE_ARMED";
/// Only in tests and demos: the function's timeout in seconds, from which virtual time is derived.
pub const CLOCK: &str = "SONAE_CLOCK";
/// The function's own Region, set by Lambda.
pub const REGION: &str = "AWS_REGION";

/// The variables that the home stack must set for every function.
pub const NEEDED: [&str; 7] = [POLICY, SIDE, JOURNAL, TOPIC, DR_TOPIC, GRANTED, ARMED];
/// The variables that the dr stack must set for the watcher.
pub const NEEDED_IN_DR: [&str; 4] = [POLICY, SIDE, JOURNAL, DR_TOPIC];

/// An empty one of these makes the SDK fail at its first request with `URL was unset`.
const ENDPOINTS: [&str; 7] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_BACKUP",
    "AWS_ENDPOINT_URL_CLOUDWATCH",
    "AWS_ENDPOINT_URL_KMS",
    "AWS_ENDPOINT_URL_RDS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SNS",
];

/// A function's whole setup.
#[derive(Clone, Debug)]
pub struct Config {
    /// What is protected.
    pub policy: Policy,
    /// Name of the journal's bucket, in dr.
    pub journal: String,
    /// Which side this is.
    pub side: Side,
    /// ARN of the topic in home; empty on the dr side.
    pub topic: String,
    /// ARN of the topic in dr.
    pub dr_topic: String,
    /// ARNs of the KMS keys that the role is given.
    pub granted: BTreeSet<String>,
    /// Whether the alarm on the check's silence may send.
    pub armed: bool,
    /// How long an invocation may take, where time is virtual.
    pub clock: Option<Duration>,
    /// Whether the SDK talks to something else than AWS, which then has no bucket host names.
    pub elsewhere: bool,
}

/// Where a function stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Acts and tells.
    Home,
    /// Watches, and tells when home is silent.
    Dr,
}

/// Everything that is wrong with the setup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSetup(pub Vec<String>);

impl fmt::Display for BadSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in the setup of this function", count(self.0.len()))?;
        self.0.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for BadSetup {}

impl Config {
    /// For a tool that only looks at RDS and KMS: nothing is recorded or told.
    pub fn to_look(policy: Policy) -> Self {
        Self {
            policy,
            journal: String::new(),
            side: Side::Home,
            topic: String::new(),
            dr_topic: String::new(),
            granted: BTreeSet::new(),
            armed: false,
            clock: None,
            elsewhere: false,
        }
    }

    /// For a tool that also reads the journal. What the functions' roles are given, it cannot know.
    pub fn to_report(policy: Policy, journal: String) -> Self {
        let granted = policy.assets.iter().flat_map(|asset| asset.keys().cloned()).collect();
        Self { journal, granted, armed: true, ..Self::to_look(policy) }
    }

    /// Reads the setup through `get` (a variable) and `read` (a file).
    ///
    /// # Errors
    /// All problems of the environment and of the policy.
    pub fn from_vars(
        get: impl Fn(&str) -> Option<String>,
        read: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Self, BadSetup> {
        let mut problems = empty_endpoints(&get);
        let policy = policy(&get, &read, &mut problems);
        let journal = need(&get, JOURNAL, "the name of the journal's bucket", &mut problems);
        let side = side(&get, &mut problems);
        let in_dr = side == Some(Side::Dr);
        let topic = match in_dr {
            true => Some(String::new()),
            false => topic_arn(&get, TOPIC, &mut problems),
        };
        let dr_topic = topic_arn(&get, DR_TOPIC, &mut problems);
        let granted = if in_dr { Some(BTreeSet::new()) } else { granted(&get, &mut problems) };
        let armed = if in_dr { Some(true) } else { armed(&get, &mut problems) };
        let clock = clock(&get, &mut problems);
        if let (Some(policy), Some(side)) = (&policy, side) {
            region_fits(&get, policy, side, &mut problems);
            let topic = topic.as_ref().filter(|_| !in_dr);
            topics_fit(policy, topic.map(String::as_str), dr_topic.as_deref(), &mut problems);
        }
        let elsewhere = ENDPOINTS.iter().any(|name| get(name).is_some());
        let whole = || {
            let (policy, journal, side, topic) = (policy?, journal?, side?, topic?);
            let (dr_topic, granted, armed) = (dr_topic?, granted?, armed?);
            Some(Self { policy, journal, side, topic, dr_topic, granted, armed, clock, elsewhere })
        };
        let config = if problems.is_empty() { whole() } else { None };
        config.ok_or(BadSetup(problems))
    }
}

fn policy(
    get: &impl Fn(&str) -> Option<String>,
    read: &impl Fn(&str) -> Result<String, String>,
    problems: &mut Vec<String>,
) -> Option<Policy> {
    let form = "the path of the policy file, such as `/opt/policy.toml` from the policy layer";
    let path = need(get, POLICY, form, problems)?;
    let text = read(&path).map_err(|error| {
        problems.push(format!(
            "`{POLICY}` is `{path}`, which cannot be read: {error}; is the policy layer attached?"
        ));
    });
    let parsed = policy::parse(&text.ok()?);
    parsed.map_err(|bad| problems.push(format!("`{POLICY}` is `{path}`: {bad}"))).ok()
}

/// A variable that must be set; `form` says what it must be.
pub fn need(
    get: &impl Fn(&str) -> Option<String>,
    name: &str,
    form: &str,
    problems: &mut Vec<String>,
) -> Option<String> {
    let value = get(name).filter(|value| !value.is_empty());
    if value.is_none() {
        problems.push(format!("`{name}` is not set; it must be {form}"));
    }
    value
}

fn topic_arn(
    get: &impl Fn(&str) -> Option<String>,
    name: &str,
    problems: &mut Vec<String>,
) -> Option<String> {
    let form = "the ARN of an SNS topic, such as `arn:aws:sns:us-east-1:123456789012:sonae`";
    let value = need(get, name, form, problems)?;
    let parts: Vec<&str> = value.split(':').collect();
    if let ["arn", _, "sns", _, _, _] = parts.as_slice() {
        return Some(value);
    }
    problems.push(format!("`{name}` is `{value}`; it must be {form}"));
    None
}

fn side(get: &impl Fn(&str) -> Option<String>, problems: &mut Vec<String>) -> Option<Side> {
    let form = "`home` or `dr`";
    match need(get, SIDE, form, problems)?.as_str() {
        "home" => Some(Side::Home),
        "dr" => Some(Side::Dr),
        other => {
            problems.push(format!("`{SIDE}` is `{other}`; it must be {form}"));
            None
        }
    }
}

fn granted(
    get: &impl Fn(&str) -> Option<String>,
    problems: &mut Vec<String>,
) -> Option<BTreeSet<String>> {
    let form = "the ARNs of the KMS keys that the role is given, separated by commas";
    let value = need(get, GRANTED, form, problems)?;
    Some(value.split(',').filter(|arn| !arn.is_empty()).map(str::to_owned).collect())
}

fn armed(get: &impl Fn(&str) -> Option<String>, problems: &mut Vec<String>) -> Option<bool> {
    let form = "`true` or `false`";
    let value = need(get, ARMED, form, problems)?;
    let parsed = value.parse().ok();
    if parsed.is_none() {
        problems.push(format!("`{ARMED}` is `{value}`; it must be {form}"));
    }
    parsed
}

fn clock(get: &impl Fn(&str) -> Option<String>, problems: &mut Vec<String>) -> Option<Duration> {
    let value = get(CLOCK)?;
    let seconds = value.parse().ok().filter(|seconds| (1..=900).contains(seconds));
    if seconds.is_none() {
        problems.push(format!(
            "`{CLOCK}` is `{value}`; it must be the function's timeout in seconds, 1 to 900, and \
             belongs in tests and demos only"
        ));
    }
    seconds.map(Duration::from_secs)
}

fn empty_endpoints(get: &impl Fn(&str) -> Option<String>) -> Vec<String> {
    let empty = ENDPOINTS.iter().filter(|name| get(name).is_some_and(|url| url.is_empty()));
    empty
        .map(|name| {
            format!(
                "`{name}` is set but empty; unset it, or give a URL such as `http://127.0.0.1:4566`"
            )
        })
        .collect()
}

/// Deployed elsewhere, a function gets no event, or watches from inside what it watches.
fn region_fits(
    get: &impl Fn(&str) -> Option<String>,
    policy: &Policy,
    side: Side,
    problems: &mut Vec<String>,
) {
    let (word, place) = match side {
        Side::Home => ("home", &policy.home),
        Side::Dr => ("dr", &policy.dr),
    };
    let form = "the function's Region, which Lambda sets";
    let Some(region) = need(get, REGION, form, problems) else { return };
    if region != place.as_str() {
        problems.push(format!(
            "`{REGION}` is `{region}`, but the policy's {word} is `{place}`; deploy this stack there"
        ));
    }
}

/// A topic answers only in its own Region.
fn topics_fit(
    policy: &Policy,
    topic: Option<&str>,
    dr_topic: Option<&str>,
    problems: &mut Vec<String>,
) {
    let pairs = [(TOPIC, topic, &policy.home), (DR_TOPIC, dr_topic, &policy.dr)];
    for (name, arn, region) in pairs {
        let Some(arn) = arn else { continue };
        if arn.split(':').nth(3) != Some(region.as_str()) {
            problems.push(format!("`{name}` is `{arn}`; it must be a topic in `{region}`"));
        }
    }
}

fn count(problems: usize) -> String {
    format!("{problems} problem{}", if problems == 1 { "" } else { "s" })
}
