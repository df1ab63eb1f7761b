//! A template read for tests, with its references resolvable.

use local::rules::{Rule, cloudformation, rules};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const HOME: &str = "us-east-1";
pub(crate) const DR: &str = "us-west-2";
pub(crate) const BACKUP_ROLE: &str =
    "arn:aws:iam::123456789012:role/sonae-vault-AwsBackupRole-1A2B3C4D5E6F";
pub(crate) const BUCKET: &str = "arn:aws:s3:::kaigo-files";
pub(crate) const REPAIR_ROLE: &str = "arn:aws:iam::123456789012:role/repair";
pub(crate) const HOME_KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/home";
pub(crate) const DR_KEY: &str = "arn:aws:kms:us-west-2:123456789012:key/copies";

/// One of the two templates.
pub(crate) struct Stack {
    pub(crate) file: &'static str,
    pub(crate) text: String,
    pub(crate) json: Value,
    region: &'static str,
}

impl Stack {
    pub(crate) fn home() -> Self {
        Self::read("template.yaml", HOME)
    }

    pub(crate) fn dr() -> Self {
        Self::read("template-dr.yaml", DR)
    }

    pub(crate) fn both() -> [Self; 2] {
        [Self::home(), Self::dr()]
    }

    fn read(file: &'static str, region: &'static str) -> Self {
        let text = read(file);
        let json = cloudformation(&text).unwrap();
        Self { file, text, json, region }
    }

    pub(crate) fn of_type(&self, kind: &str) -> Vec<(&str, &Value)> {
        let all = object(&self.json["Resources"]);
        all.filter(|(_, resource)| resource["Type"] == kind).collect()
    }

    /// The ids of a type, which a test names so that it never runs over nothing.
    pub(crate) fn ids(&self, kind: &str) -> Vec<&str> {
        self.of_type(kind).into_iter().map(|(id, _)| id).collect()
    }

    pub(crate) fn properties(&self, id: &str) -> &Value {
        let resource = &self.json["Resources"][id];
        assert!(resource.is_object(), "{}: no resource `{id}`", self.file);
        &resource["Properties"]
    }

    pub(crate) fn rules(&self) -> Vec<Rule> {
        rules(&self.text, &self.parameters()).unwrap()
    }

    /// What the parameters of this stack are in the tests.
    fn parameters(&self) -> BTreeMap<String, String> {
        let given = [
            ("AWS::AccountId", ACCOUNT),
            ("AWS::Partition", "aws"),
            ("AWS::Region", self.region),
            ("AWS::URLSuffix", "amazonaws.com"),
            ("ChatSecretName", "sonae/chat"),
            ("DrRegion", DR),
            ("BackupRoleArns", BACKUP_ROLE),
            ("BucketArns", BUCKET),
            ("RepairRoleArns", REPAIR_ROLE),
            ("DrKeyArns", DR_KEY),
            ("DrTopicArn", "arn:aws:sns:us-west-2:123456789012:dr"),
            ("DrTopicKeyArn", "arn:aws:kms:us-west-2:123456789012:key/dr-topic"),
            ("HomeKeyArns", HOME_KEY),
            ("HomeRegion", HOME),
            ("HostBucketArns", "arn:aws:s3:::dental-backups"),
            ("JournalBucketName", "journal"),
            ("JournalKeyArn", "arn:aws:kms:us-west-2:123456789012:key/journal"),
        ];
        given.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// References resolved; an attribute of a resource becomes a stand-in ARN that names it.
    pub(crate) fn resolved(&self, value: &Value) -> Value {
        if let Value::Array(items) = value {
            return items.iter().map(|item| self.resolved(item)).collect();
        }
        let Some(map) = value.as_object() else { return value.clone() };
        match map.iter().next().map(|(key, of)| (key.as_str(), of)) {
            Some(("Ref", of)) => json!(self.lookup(of.as_str().unwrap())),
            Some(("Fn::GetAtt", of)) => json!(self.lookup(of[0].as_str().unwrap())),
            Some(("Fn::Sub", Value::Array(of))) => {
                let text = of[0].as_str().unwrap();
                let own = object(&of[1]);
                json!(own.fold(text.to_owned(), |text, (name, value)| {
                    let value = self.resolved(value);
                    text.replace(&format!("${{{name}}}"), value.as_str().unwrap())
                }))
            }
            Some(("Fn::Sub", of)) => json!(self.substituted(of.as_str().unwrap())),
            Some(("Fn::If", of)) => self.resolved(&of[1]),
            Some(("Fn::Join", of)) => {
                json!(texts(&self.resolved(&of[1])).join(of[0].as_str().unwrap()))
            }
            Some(("Fn::Split", of)) => {
                let text = self.resolved(&of[1]);
                text.as_str().unwrap().split(of[0].as_str().unwrap()).collect()
            }
            _ => map.iter().map(|(key, of)| (key.clone(), self.resolved(of))).collect(),
        }
    }

    fn substituted(&self, text: &str) -> String {
        let mut pieces = text.split("${");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |out, piece| {
            let (name, rest) = piece.split_once('}').unwrap();
            out + &self.lookup(name.trim_end_matches(".Arn")) + rest
        })
    }

    fn lookup(&self, name: &str) -> String {
        if let Some(value) = self.parameters().get(name) {
            return value.clone();
        }
        assert!(self.json["Resources"][name].is_object(), "{}: nothing is `{name}`", self.file);
        format!("arn:of:{name}")
    }
}

pub(crate) fn object(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// A value that CloudFormation takes alone or in a list.
pub(crate) fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

pub(crate) fn texts(value: &Value) -> Vec<String> {
    list(value).iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn files(folder: &str, end: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(end)).collect();
    names.sort();
    names
}

/// A template that is plain CloudFormation.
pub(crate) fn plain(file: &str) -> Value {
    cloudformation(&read(file)).expect("YAML")
}

/// The properties of one of its resources.
pub(crate) fn properties<'v>(stack: &'v Value, id: &str) -> &'v Value {
    let resource = &stack["Resources"][id];
    assert!(resource.is_object(), "no resource `{id}`");
    &resource["Properties"]
}
