//! Where an event goes, by the patterns of both templates: a dr event through dr's rule to home's
//! bus, and from there, like a home event, to a function.

use crate::rules::{Rule, Target, rules};
use domain::policy::Policy;
use serde_json::Value;
use std::collections::BTreeMap;

/// The way of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The rules it passes, dr's first.
    pub rules: Vec<String>,
    /// The function's logical id.
    pub function: String,
}

/// The rules of both stacks.
#[derive(Debug)]
pub struct Routes {
    home: String,
    rules: Vec<Rule>,
    dr_rules: Vec<Rule>,
}

impl Routes {
    /// Reads both templates from the project's root.
    ///
    /// # Errors
    /// A template that cannot be read, in words.
    pub fn read(policy: &Policy) -> Result<Self, String> {
        let (home, dr) = (policy.home.as_str(), policy.dr.as_str());
        Ok(Self {
            home: home.to_owned(),
            rules: read("template.yaml", home, dr, home)?,
            dr_rules: read("template-dr.yaml", home, dr, dr)?,
        })
    }

    /// How an event gets to a function, if it does.
    pub fn of(&self, event: &Value) -> Option<Route> {
        let region = event.get("region").and_then(Value::as_str).unwrap_or_default();
        let mut rules = Vec::new();
        if region != self.home {
            rules.push(find(&self.dr_rules, event, |target| *target == Target::Bus)?.name.clone());
        }
        let rule = find(&self.rules, event, |target| matches!(target, Target::Function(_)))?;
        rules.push(rule.name.clone());
        match &rule.target {
            Target::Function(function) => Some(Route { rules, function: function.clone() }),
            Target::Bus => None,
        }
    }
}

fn find<'r>(
    rules: &'r [Rule],
    event: &Value,
    wanted: impl Fn(&Target) -> bool,
) -> Option<&'r Rule> {
    rules.iter().find(|rule| wanted(&rule.target) && rule.matches(event))
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
