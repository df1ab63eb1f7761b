//! EventBridge rules, read from the templates that are deployed: a wrong pattern fails the demo.
//!
//! Patterns mean here what they mean to EventBridge (user guide, eb-create-pattern-operators), for
//! the operators that the templates use or may soon: exact values, `prefix`, `anything-but`,
//! `exists`. Any other is refused, never taken for one that does not match.

mod pattern;

use pattern::{fits, text, understood};
use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;
use std::collections::BTreeMap;
use std::fmt;

/// A rule, with everything in its pattern resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its logical id in the deployed stack; for an event of a SAM function, both their names.
    pub name: String,
    /// The event pattern.
    pub pattern: Value,
    /// Where matching events go.
    pub target: Target,
}

/// Where a rule sends events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function of the same stack, by logical id.
    Function(String),
    /// An event bus, here always home's default one.
    Bus,
}

/// A template that is not understood: where, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTemplate(pub String);

impl fmt::Display for BadTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unusable template: {}", self.0)
    }
}

impl std::error::Error for BadTemplate {}

/// The rules of a template, in the order of their names. `parameters` holds stack parameters (their
/// defaults are known) and pseudo parameters such as `AWS::Region`.
///
/// # Errors
/// YAML that is no template, a reference without a value, a pattern that EventBridge or
/// [`Rule::matches`] would not take, a target that is neither a function nor a bus.
pub fn rules(
    template_yaml: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<Vec<Rule>, BadTemplate> {
    let template = cloudformation(template_yaml)?;
    let values = values(&template, parameters);
    let mut rules = Vec::new();
    for (id, resource) in entries(&template["Resources"]) {
        match resource["Type"].as_str() {
            Some("AWS::Serverless::Function") => rules.extend(of_function(id, resource, &values)?),
            Some("AWS::Events::Rule") => rules.extend(of_rule(id, resource, &values)?),
            _ => {}
        }
    }
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rules)
}

/// Reads a template's YAML; short forms become long ones, `!Ref X` is `{"Ref": "X"}` and `!Sub` is
/// `{"Fn::Sub": ..}`.
///
/// # Errors
/// Not YAML, or a key that is not text.
pub fn cloudformation(yaml: &str) -> Result<Value, BadTemplate> {
    let parsed: Yaml =
        serde_norway::from_str(yaml).map_err(|error| BadTemplate(error.to_string()))?;
    plain(parsed)
}

impl Rule {
    /// Whether EventBridge would send this event to the rule's target.
    pub fn matches(&self, event: &Value) -> bool {
        fits(&self.pattern, Some(event))
    }
}

fn plain(yaml: Yaml) -> Result<Value, BadTemplate> {
    Ok(match yaml {
        Yaml::Mapping(map) => {
            let pair = |(key, value)| match key {
                Yaml::String(key) => Ok((key, plain(value)?)),
                other => Err(BadTemplate(format!("`{other:?}` is a key, but not text"))),
            };
            Value::Object(map.into_iter().map(pair).collect::<Result<_, _>>()?)
        }
        Yaml::Sequence(items) => {
            Value::Array(items.into_iter().map(plain).collect::<Result<_, _>>()?)
        }
        Yaml::Tagged(tagged) => long_form(&tagged.tag.to_string(), plain(tagged.value)?),
        scalar => serde_json::to_value(scalar).map_err(|error| BadTemplate(error.to_string()))?,
    })
}

fn long_form(tag: &str, value: Value) -> Value {
    match (tag.trim_start_matches('!'), value) {
        (name @ ("Ref" | "Condition"), value) => json!({name: value}),
        ("GetAtt", Value::String(path)) => {
            let parts: Vec<&str> = path.splitn(2, '.').collect();
            json!({"Fn::GetAtt": parts})
        }
        (name, value) => json!({format!("Fn::{name}"): value}),
    }
}

fn values(template: &Value, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let defaults = entries(&template["Parameters"])
        .filter_map(|(name, parameter)| Some((name.clone(), text(&parameter["Default"])?)));
    defaults.chain(given.clone()).collect()
}

fn of_function(
    id: &str,
    function: &Value,
    values: &BTreeMap<String, String>,
) -> Result<Vec<Rule>, BadTemplate> {
    entries(&function["Properties"]["Events"])
        .filter(|(_, event)| event["Type"] == "EventBridgeRule")
        .map(|(event_id, event)| {
            let name = format!("{id}{event_id}");
            let pattern = pattern(&name, &event["Properties"]["Pattern"], values)?;
            Ok(Rule { name, pattern, target: Target::Function(id.to_owned()) })
        })
        .collect()
}

fn of_rule(
    id: &str,
    rule: &Value,
    values: &BTreeMap<String, String>,
) -> Result<Vec<Rule>, BadTemplate> {
    let properties = &rule["Properties"];
    let pattern = pattern(id, &properties["EventPattern"], values)?;
    let targets = properties["Targets"].as_array().map_or(&[][..], Vec::as_slice);
    targets
        .iter()
        .map(|target| {
            let target = target_of(id, &target["Arn"], values)?;
            Ok(Rule { name: id.to_owned(), pattern: pattern.clone(), target })
        })
        .collect()
}

fn target_of(
    rule: &str,
    arn: &Value,
    values: &BTreeMap<String, String>,
) -> Result<Target, BadTemplate> {
    if let Some(function) = arn["Fn::GetAtt"][0].as_str() {
        return Ok(Target::Function(function.to_owned()));
    }
    match resolved(arn, values).map_err(|bad| BadTemplate(format!("{rule}: {}", bad.0)))? {
        Value::String(arn) if arn.contains(":event-bus/") => Ok(Target::Bus),
        other => Err(BadTemplate(format!("{rule}: target `{other}` is no function and no bus"))),
    }
}

fn pattern(
    rule: &str,
    pattern: &Value,
    values: &BTreeMap<String, String>,
) -> Result<Value, BadTemplate> {
    let checked = resolved(pattern, values).and_then(|pattern| {
        understood("pattern", &pattern)?;
        Ok(pattern)
    });
    checked.map_err(|bad| BadTemplate(format!("{rule}: {}", bad.0)))
}

/// `Ref` and `Fn::Sub` replaced by what they stand for.
fn resolved(value: &Value, values: &BTreeMap<String, String>) -> Result<Value, BadTemplate> {
    Ok(match value {
        Value::Object(map) => match map.iter().next() {
            Some((function, of)) if function == "Ref" => lookup(of, values)?.into(),
            Some((function, of)) if function == "Fn::Sub" => substituted(of, values)?.into(),
            Some((function, _)) if function.starts_with("Fn::") => {
                return Err(BadTemplate(format!("`{function}` cannot be resolved here")));
            }
            _ => {
                let pair = |(key, value): (&String, _)| Ok((key.clone(), resolved(value, values)?));
                Value::Object(map.iter().map(pair).collect::<Result<Map<_, _>, _>>()?)
            }
        },
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| resolved(item, values)).collect::<Result<_, _>>()?)
        }
        scalar => scalar.clone(),
    })
}

fn lookup(name: &Value, values: &BTreeMap<String, String>) -> Result<String, BadTemplate> {
    let found = name.as_str().and_then(|name| values.get(name));
    found.cloned().ok_or_else(|| BadTemplate(format!("nothing is given for {name}")))
}

fn substituted(of: &Value, values: &BTreeMap<String, String>) -> Result<String, BadTemplate> {
    let unusable = || BadTemplate(format!("`Fn::Sub` of {of} is not understood"));
    let mut pieces = of.as_str().ok_or_else(unusable)?.split("${");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once('}').ok_or_else(unusable)?;
        out += &lookup(&Value::from(name), values)?;
        out += rest;
    }
    Ok(out)
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: Value, event: Value, expected: bool) {
        assert_eq!(understood("pattern", &pattern), Ok(()));
        let rule = Rule { name: "R".into(), pattern, target: Target::Bus };
        assert_eq!(rule.matches(&event), expected, "{} on {event}", rule.pattern);
    }

    #[test]
    fn patterns_mean_what_they_mean_to_eventbridge() {
        let id = |value: &str| json!({"source": "aws.rds", "detail": {"id": value}});
        let detail = |matchers: Value| json!({"detail": {"id": matchers}});
        let not_backup = json!([{"anything-but": {"prefix": "awsbackup:"}}]);
        check(json!({"source": ["aws.ec2", "aws.rds"]}), id("a"), true);
        check(json!({"source": ["aws.rds"], "region": ["us-east-1"]}), id("a"), false);
        check(detail(json!(["a", "b"])), id("b"), true);
        check(detail(json!(["a", "b"])), id("ab"), false);
        check(detail(json!([{"prefix": "rds:"}])), id("rds:a"), true);
        check(detail(json!([{"prefix": "rds:"}])), id("a"), false);
        check(detail(not_backup.clone()), id("rds:a"), true);
        check(detail(not_backup.clone()), id("awsbackup:job-1"), false);
        check(detail(not_backup.clone()), json!({"detail": {}}), false);
        check(detail(json!([{"anything-but": ["a", "b"]}])), id("c"), true);
        check(detail(json!([{"anything-but": ["a", "b"]}])), id("a"), false);
        check(detail(json!([{"anything-but": "a"}])), id("a"), false);
        check(detail(json!([{"anything-but": {"prefix": ["a", "b"]}}])), id("bc"), false);
        check(detail(json!([{"exists": false}])), json!({}), true);
        check(detail(json!([{"exists": false}, "a"])), id("a"), true);
        check(detail(json!([{"exists": true}])), json!({"detail": {}}), false);
        check(detail(json!(["a"])), json!({"detail": {"id": ["b", "a"]}}), true);
        check(detail(json!([7])), json!({"detail": {"id": 7}}), true);
    }

    const TEMPLATE: &str = r#"
Parameters:
  Home: {Type: String, Default: us-east-1}
  Other: {Type: String}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Copied:
          Type: EventBridgeRule
          Properties: {Pattern: {region: [!Ref Home, !Ref AWS::Region, !Sub "x-${Other}-y"]}}
        Tick: {Type: ScheduleV2}
  R:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [a]}
      Targets:
        - {Id: A, Arn: !Sub "arn:aws:events:${Home}::event-bus/default"}
        - {Id: B, Arn: !GetAtt F.Arn}
"#;

    #[test]
    fn a_templates_rules_are_read_with_their_parameters() {
        let given = [("Other", "z"), ("AWS::Region", "us-west-2")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let found = rules(TEMPLATE, &given).unwrap();
        let rule = |name: &str, pattern, target| Rule { name: name.to_owned(), pattern, target };
        let f = || Target::Function("F".to_owned());
        let expected = vec![
            rule("FCopied", json!({"region": ["us-east-1", "us-west-2", "x-z-y"]}), f()),
            rule("R", json!({"source": ["a"]}), Target::Bus),
            rule("R", json!({"source": ["a"]}), f()),
        ];
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn check_refused(pattern: &str, expected: &str) {
        let yaml = format!(
            "Resources: {{R: {{Type: AWS::Events::Rule, Properties: {{EventPattern: {pattern}}}}}}}"
        );
        let error = rules(&yaml, &BTreeMap::new()).unwrap_err().to_string();
        assert_eq!(error, format!("unusable template: R: {expected}"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        check_refused("{a: [!Ref B]}", "nothing is given for \"B\"");
        check_refused("{a: [!GetAtt B.Arn]}", "`Fn::GetAtt` cannot be resolved here");
        check_refused("{a: [!Sub [x, {}]]}", "`Fn::Sub` of [\"x\",{}] is not understood");
        check_refused("{a: b}", "`pattern.a` is \"b\", it must be a list of values");
        check_refused("{a: {b: []}}", "`pattern.a.b` is [], it must be a list of values");
        check_refused("{$or: [{a: [b]}]}", "`pattern.$or`: operator {\"a\":[\"b\"]} is not known");
        check_refused(
            "{a: [{suffix: x}]}",
            "`pattern.a`: operator {\"suffix\":\"x\"} is not known",
        );
        check_refused(
            "{a: [{anything-but: {suffix: x}}]}",
            "`pattern.a`: operator {\"anything-but\":{\"suffix\":\"x\"}} is not known",
        );
    }

    #[test]
    fn short_forms_become_long_forms() {
        let yaml = "a: !If [C, !GetAtt B.C.D, !Equals [1, true]]\nb: !Condition C\nc: !Ref X";
        let expected = json!({
            "a": {"Fn::If": ["C", {"Fn::GetAtt": ["B", "C.D"]}, {"Fn::Equals": [1, true]}]},
            "b": {"Condition": "C"},
            "c": {"Ref": "X"},
        });
        assert_eq!(cloudformation(yaml).unwrap(), expected);
    }
}
