//! The function's setup, set only by the template; every problem at once.

use cloud::config::{BadSetup, REGION, need};
use domain::id::Region;
use domain::policy::Language;

/// Name or ARN of the secret that holds the webhook's URL.
pub const SECRET: &str = "SONAE_CHAT_SECRET";
/// `ja` or `en`, for the few words that are not the message's own.
pub const LANGUAGE: &str = "SONAE_LANGUAGE";

/// The variables that the template must set.
pub const NEEDED: [&str; 2] = [SECRET, LANGUAGE];

/// The whole setup.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Name or ARN of the secret.
    pub secret: String,
    /// Where it is read: the function's own Region.
    pub region: Region,
    /// Of our own words.
    pub language: Language,
}

impl Setup {
    /// Reads the setup through `get`.
    ///
    /// # Errors
    /// All problems.
    pub fn from_vars(get: impl Fn(&str) -> Option<String>) -> Result<Self, BadSetup> {
        let mut problems = Vec::new();
        let secret = secret(&get, &mut problems);
        let language = language(&get, &mut problems);
        let region = need(&get, REGION, "the function's Region, which Lambda sets", &mut problems);
        match (secret, language, region) {
            (Some(secret), Some(language), Some(region)) => {
                Ok(Self { secret, region: Region::new(&region), language })
            }
            _ => Err(BadSetup(problems)),
        }
    }
}

/// A wrong value is not shown: it may be the URL itself, which belongs into the secret.
fn secret(get: &impl Fn(&str) -> Option<String>, problems: &mut Vec<String>) -> Option<String> {
    let form = "the name or the ARN of a secret in this Region, such as `sonae/chat`";
    let value = need(get, SECRET, form, problems)?;
    let arn = value.starts_with("arn:") && value.split(':').nth(2) == Some("secretsmanager");
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    if arn || value.chars().all(allowed) {
        return Some(value);
    }
    problems.push(format!(
        "`{SECRET}` is no name of a secret; it must be {form}; the webhook's URL goes into the secret \
         (see docs/deploy.md, Chat)"
    ));
    None
}

fn language(get: &impl Fn(&str) -> Option<String>, problems: &mut Vec<String>) -> Option<Language> {
    let form = "`ja` or `en`";
    match need(get, LANGUAGE, form, problems)?.as_str() {
        "ja" => Some(Language::Ja),
        "en" => Some(Language::En),
        other => {
            problems.push(format!("`{LANGUAGE}` is `{other}`; it must be {form}"));
            None
        }
    }
}
