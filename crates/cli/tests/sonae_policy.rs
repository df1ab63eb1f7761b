//! The tool as a person runs it: words, and exit codes that scripts can trust.

#![expect(clippy::expect_used, reason = "a wrong fixture may stop the run")]

use insta::assert_snapshot;
use std::path::PathBuf;
use std::process::Command;

/// Exit code, what it prints, and what it complains of.
fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO_BIN_EXE_sonae-policy"))
        .args(args)
        .current_dir(root)
        .env_remove("SONAE_POLICY")
        .output()
        .expect("the tool runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A file of this test's own, gone with the test's folder.
fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a scratch file");
    path.display().to_string()
}

fn outputs(names: &[&str]) -> String {
    let outputs: Vec<_> = names
        .iter()
        .map(|name| serde_json::json!({"OutputKey": name, "OutputValue": format!("the-{name}")}))
        .collect();
    serde_json::json!({"Stacks": [{"Outputs": outputs}]}).to_string()
}

#[test]
fn the_shipped_policy_is_read_aloud() {
    let (code, said, complained) = run(&["check"]);
    assert_eq!((code, complained.as_str()), (Some(0), ""));
    assert_snapshot!("read_aloud", said);
}

#[test]
fn a_bad_policy_exits_1_with_every_problem() {
    let bad = file("bad.toml", "version = 1\nsystem = \"x\"\n");
    let (code, said, complained) = run(&["check", &bad]);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(complained.contains("6 problems in the policy"), "{complained}");
}

#[test]
fn the_page_for_an_emergency_is_printed() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/policy.toml");
    let (code, page, _) = run(&["restore", shipped]);
    assert_eq!(code, Some(0));
    assert!(page.starts_with("# 緊急時の復元: kaigo-subsys-prod"), "{page}");
    assert!(page.contains("--db-instance-identifier kaigo-subsys-prod-restored"), "{page}");
}

/// The network is named, and the way back to any second is there where RDS keeps one.
#[test]
fn what_the_policy_names_for_a_restore_is_filled_in() {
    let shipped = include_str!("../../../policy/policy.toml");
    let named = shipped.replace("# dr_subnet", "dr_subnet").replace("# dr_pitr", "dr_pitr");
    for language in ["ja", "en"] {
        let text = named.replace("\"ja\"", &format!("\"{language}\""));
        let (code, page, _) = run(&["restore", &file(&format!("named-{language}.toml"), &text)]);
        assert_eq!(code, Some(0));
        assert!(!page.contains("YOUR-SUBNETS"), "{page}");
        let asset = page.split("\n## ").nth(2).expect("the asset's part").to_owned();
        assert_snapshot!(format!("restore_named_{language}"), asset);
    }
    let (_, aloud, _) = run(&["check", &file("named.toml", &named)]);
    let words = "restored into the subnet group kaigo-dr\n  automated backups replicated by RDS, \
                 restorable to within 1 h";
    assert!(aloud.contains(words), "{aloud}");
}

/// What is not in the shipped policy; of the watchdog only the host, since the rest is a key.
#[test]
fn what_may_be_added_is_read_aloud() {
    let shipped = include_str!("../../../policy/policy.toml");
    let urgent = shipped.replace("[notify]\n", "[notify]\nurgent = \"boss@example.com\"\n");
    let watchdog = "[watchdog]\nurl = \"https://hc-ping.com/your-uuid\"\n";
    let (code, text, _) = run(&["check", &file("more.toml", &format!("{urgent}{watchdog}"))]);
    assert_eq!(code, Some(0));
    assert!(text.contains("\npings the watchdog at hc-ping.com after every look"), "{text}");
    assert!(!text.contains("your-uuid"), "{text}");
    assert!(text.contains("\ntells boss@example.com what is critical: no repair"), "{text}");
}

/// Both stacks are given it; taken out of the policy, it is taken back.
#[test]
fn who_hears_of_the_critical_only_is_a_parameter_of_both_stacks() {
    let shipped = include_str!("../../../policy/policy.toml");
    let urgent = shipped.replace("[notify]\n", "[notify]\nurgent = \"boss@example.com\"\n");
    let (urgent, plain) = (file("urgent.toml", &urgent), file("plain.toml", shipped));
    let names = ["DrTopicArn", "DrTopicKeyArn", "JournalBucketName", "JournalKeyArn"];
    let described = file("dr-stack-3.json", &outputs(&names));
    for (policy, given) in [(&urgent, "boss@example.com"), (&plain, "\"\"")] {
        let home = ["params", "home", "--dr-stack", &described, "--file", policy];
        for said in [run(&home).1, run(&["params", "dr", "--file", policy]).1] {
            assert!(
                said.split_whitespace().any(|one| one == format!("UrgentEmail={given}")),
                "{said}"
            );
        }
    }
}

/// As many copies as RDS allows at most, and more: said before the first night.
#[test]
fn a_policy_that_keeps_much_is_told_of_the_quota() {
    let shipped = include_str!("../../../policy/policy.toml");
    let keep = "{ daily = 31, weekly = 26, monthly = 36, floor = 3 }";
    let much = shipped.replace("{ days = 30, floor = 3 }", keep);
    let (code, text, _) = run(&["check", &file("much.toml", &much)]);
    assert_eq!(code, Some(0));
    assert!(text.contains("the last of each of 31 days, 26 weeks, 36 months"), "{text}");
    assert!(text.contains("note: about 93 copies of instances"), "{text}");
}

#[test]
fn a_file_that_is_not_there_exits_2() {
    let (code, _, complained) = run(&["check", "no/such.toml"]);
    assert_eq!(code, Some(2));
    assert!(complained.starts_with("cannot read `no/such.toml`"), "{complained}");
}

#[test]
fn parameters_come_from_the_policy_and_the_dr_stack() {
    let (code, said, _) = run(&["params", "dr"]);
    assert_eq!(code, Some(0));
    assert_snapshot!("params_dr", said);
    let names = ["DrTopicArn", "DrTopicKeyArn", "JournalBucketName", "JournalKeyArn"];
    let described = file("dr-stack.json", &outputs(&names));
    let (code, said, _) = run(&["params", "home", "--dr-stack", &described]);
    assert_eq!(code, Some(0));
    assert_snapshot!("params_home", said);
    let listed: serde_json::Value = serde_json::from_str(&outputs(&names)).expect("JSON");
    let listed = file("dr-outputs.json", &listed["Stacks"][0]["Outputs"].to_string());
    assert_eq!(run(&["params", "home", "--dr-stack", &listed]).1, said, "SAM's form, too");
}

/// Each key once, whoever names it.
#[test]
fn the_databases_own_keys_are_parameters_too() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-777777777777";
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shipped = std::fs::read_to_string(root.join("policy/policy.toml")).expect("it is shipped");
    let with = shipped.replace("[defaults] ", &format!("[defaults]\nhome_key = \"{key}\"\n"));
    let more = "\n[[asset]]\nkind = \"rds-instance\"\nid = \"another\"\n";
    let policy = file("with-home-key.toml", &(with + more));
    let names = ["DrTopicArn", "DrTopicKeyArn", "JournalBucketName", "JournalKeyArn"];
    let described = file("dr-stack-2.json", &outputs(&names));
    let (code, said, complained) =
        run(&["params", "home", "--dr-stack", &described, "--file", &policy]);
    assert_eq!((code, complained.as_str()), (Some(0), ""));
    assert!(said.contains(&format!(" HomeKeyArns={key} ")), "{said}");
    let (_, aloud, _) = run(&["check", &policy]);
    assert_eq!(aloud.matches(&format!("  from {key}")).count(), 2, "{aloud}");
}

#[test]
fn a_dr_stack_without_its_outputs_is_named() {
    let described = file("old-dr-stack.json", &outputs(&["DrTopicArn"]));
    let (code, said, complained) = run(&["params", "home", "--dr-stack", &described]);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(complained.contains("DrTopicKeyArn, JournalBucketName, JournalKeyArn"), "{complained}");
    let (code, ..) = run(&["params", "home"]);
    assert_eq!(code, Some(2));
}

/// What AWS Backup protects is read aloud, and has its part in the page for an emergency.
#[test]
fn what_aws_backup_protects_is_read_aloud_and_restored() {
    let shipped = include_str!("../../../policy/policy.toml");
    let more = "[[asset]]\nkind = \"efs\"\nid = \"fs-0123456789abcdef0\"\n\
                [[asset]]\nkind = \"backup\"\nid = \"orders\"\n\
                arn = \"arn:aws:dynamodb:us-east-1:123456789012:table/orders\"\n";
    let text = format!("{shipped}\n{more}");
    let (code, aloud, _) = run(&["check", &file("backup.toml", &text)]);
    assert_eq!(code, Some(0));
    let parts: Vec<&str> = aloud.split("\n\n").skip(2).take(2).collect();
    assert_snapshot!("read_aloud_backup", parts.join("\n\n"));
    for language in ["ja", "en"] {
        let text = text.replace("\"ja\"", &format!("\"{language}\""));
        let (_, page, _) = run(&["restore", &file(&format!("backup-{language}.toml"), &text)]);
        let asset = page.split("\n## ").nth(3).expect("the file system's part").to_owned();
        assert_snapshot!(format!("restore_backup_{language}"), asset);
    }
    let policy = domain::policy::parse(&text).expect("a good policy");
    let described = outputs(&["DrTopicArn", "DrTopicKeyArn", "JournalBucketName", "JournalKeyArn"]);
    let params = cli::params::home(&policy, &described).expect("all outputs").join("\n");
    let keys =
        "DrKeyArns=arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555\n";
    assert!(params.contains(keys), "its vaults have keys of their own: {params}");
}

#[test]
fn what_to_add_to_a_bucket_is_printed() {
    let (code, said, _) = run(&["buckets"]);
    assert_eq!((code, said.as_str()), (Some(0), "the policy has no bucket\n"));
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/policy.toml");
    let text = std::fs::read_to_string(shipped).expect("the shipped policy")
        + "\n[[asset]]\nkind = \"bucket\"\nid = \"kaigo-files\"\ndr_bucket = \"kaigo-files-dr\"\n";
    let with_one = file("bucket.toml", &text);
    let (code, said, _) = run(&["buckets", &with_one]);
    assert_eq!(code, Some(0));
    assert_snapshot!("buckets", said);
    let (_, said, _) = run(&["check", &with_one]);
    assert!(said.contains("kaigo-files (bucket)\n  everything replicated by S3"), "{said}");
    assert!(said.contains("2 asset(s)"), "{said}");
}

#[test]
fn a_server_of_the_owners_is_read_aloud() {
    let host = "\n[[asset]]\nkind = \"postgres-host\"\nid = \"dental\"\nbucket = \"dental-backups\"\n\
                data = \"/var/lib/postgresql/15/main\"\n\
                key = \"arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555\"\n";
    let policy = include_str!("../../../policy/policy.toml");
    let (code, text, _) = run(&["check", &file("host.toml", &format!("{policy}{host}"))]);
    assert_eq!(code, Some(0), "{text}");
    let from = text.find("dental (").unwrap_or_else(|| panic!("{text}"));
    let said = text[from..].lines().take(6).collect::<Vec<_>>().join("\n");
    assert_snapshot!(said);
}
