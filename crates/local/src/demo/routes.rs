//! Where an event goes, by the patterns of both templates: a dr event through dr's rule to home's
//! bus, and from there, like a home event, to a function.

use crate::rules::{Rule, Target, rules};
use domain::policy::Policy;
use serde_json::Value;
use std::collections::BTreeMap;

/// What happens to an event on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Once,
    Twice,
    Lost,
}

/// The rules of both stacks.
pub(super) struct Routes {
    home: String,
    rules: Vec<Rule>,
    dr_rules: Vec<Rule>,
}

impl Routes {
    pub(super) fn read(policy: &Policy) -> Result<Self, String> {
        let (home, dr) = (policy.home.as_str(), policy.dr.as_str());
        Ok(Self {
            home: home.to_owned(),
            rules: read("template.yaml", home, dr, home)?,
            dr_rules: read("template-dr.yaml", home, dr, dr)?,
        })
    }

    /// The names of the rules that bring an event to a function, if any do.
    pub(super) fn of(&self, event: &Value) -> Option<String> {
        let region = event.get("region").and_then(Value::as_str).unwrap_or_default();
        let forward = match region {
            region if region == self.home => None,
            _ => Some(find(&self.dr_rules, event, |target| *target == Target::Bus)?),
        };
        let to_function = |target: &Target| matches!(target, Target::Function(_));
        let rule = find(&self.rules, event, to_function)?;
        Some(match forward {
            Some(forward) => format!("{forward} > {rule}"),
            None => rule,
        })
    }
}

fn find(rules: &[Rule], event: &Value, wanted: impl Fn(&Target) -> bool) -> Option<String> {
    let rule = rules.iter().find(|rule| wanted(&rule.target) && rule.matches(event));
    rule.map(|rule| rule.name.clone())
}

fn read(file: &str, home: &str, dr: &str, here: &str) -> Result<Vec<Rule>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("`{file}`: {error}"))?;
    let pairs = [
        ("AWS::Region", here),
        ("AWS::AccountId", "123456789012"),
        ("AWS::Partition", "aws"),
        ("HomeRegion", home),
        ("DrRegion", dr),
    ];
    let parameters: BTreeMap<String, String> =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    rules(&text, &parameters).map_err(|error| format!("`{file}`: {error}"))
}
