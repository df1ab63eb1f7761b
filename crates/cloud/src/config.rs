//! Where this function runs: its environment, set only by the template. Reading it is pure and
//! reports every problem at once, each with the variable's name, the value and the allowed form.

use domain::policy::{self, Policy};
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
/// Only in tests and demos: the function's timeout in seconds, from which virtual time is derived.
pub const CLOCK: &str = "SONAE_CLOCK";
/// The function's own Region, set by Lambda.
pub const REGION: &str = "AWS_REGION";

/// The variables that a stack must set for every function.
pub const NEEDED: [&str; 4] = [POLICY, JOURNAL, TOPIC, DR_TOPIC];

/// An empty one of these makes the SDK fail at its first request with `URL was unset`.
const ENDPOINTS: [&str; 5] = [
    "AWS_ENDPOINT_URL",
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
    /// ARN of the topic in home.
    pub topic: String,
    /// ARN of the topic in dr.
    pub dr_topic: String,
    /// How long an invocation may take, where time is virtual.
    pub clock: Option<Duration>,
    /// Whether the SDK talks to something else than AWS, which then has no bucket host names.
    pub elsewhere: bool,
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
        let topic = topic_arn(&get, TOPIC, &mut problems);
        let dr_topic = topic_arn(&get, DR_TOPIC, &mut problems);
        let clock = clock(&get, &mut problems);
        if let Some(policy) = &policy {
            region_fits(&get, policy, &mut problems);
            topics_fit(policy, topic.as_deref(), dr_topic.as_deref(), &mut problems);
        }
        let elsewhere = ENDPOINTS.iter().any(|name| get(name).is_some());
        let all = (policy, journal, topic, dr_topic);
        match (problems.is_empty(), all) {
            (true, (Some(policy), Some(journal), Some(topic), Some(dr_topic))) => {
                Ok(Self { policy, journal, topic, dr_topic, clock, elsewhere })
            }
            _ => Err(BadSetup(problems)),
        }
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

fn need(
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

/// The brain is in home: deployed elsewhere, the rules would never bring it an event.
fn region_fits(get: &impl Fn(&str) -> Option<String>, policy: &Policy, problems: &mut Vec<String>) {
    let form = "the function's Region, which Lambda sets";
    let Some(region) = need(get, REGION, form, problems) else { return };
    if region != policy.home.as_str() {
        problems.push(format!(
            "`{REGION}` is `{region}`, but the policy's home is `{}`; deploy this stack there",
            policy.home
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
