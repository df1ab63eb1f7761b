//! The chat, in both stacks: there only with a secret, told what the topic is told, and given nothing else.

use crate::iam::{Ask, allows, statements};
use crate::stack::{ACCOUNT, DR, HOME, Stack, list, object};
use chat::{config, secret};
use cloud::webhook;
use serde_json::{Value, json};

/// Both stacks, each with its topic, its Region and the other one.
fn both() -> [(Stack, &'static str, [&'static str; 2]); 2] {
    let [home, dr] = Stack::both();
    [(home, "Topic", [HOME, DR]), (dr, "DrTopic", [DR, HOME])]
}

#[test]
fn without_a_secret_there_is_nothing_of_a_chat() {
    for (stack, ..) in both() {
        let parts = object(&stack.json["Resources"]).filter(|(id, _)| id.starts_with("Chat"));
        let conditions: Vec<(&str, &Value)> = parts.map(|(id, r)| (id, &r["Condition"])).collect();
        let has = json!("HasChat");
        let names =
            ["Chat", "ChatErrors", "ChatLog", "ChatPermission", "ChatRole", "ChatSubscription"];
        assert_eq!(conditions, names.map(|name| (name, &has)), "{}", stack.file);
        assert_eq!(stack.json["Parameters"]["ChatSecretName"]["Default"], "");
        let condition = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "ChatSecretName"}, ""]}]});
        assert_eq!(stack.json["Conditions"]["HasChat"], condition);
        assert_eq!(stack.json["Outputs"]["ChatLogGroup"]["Condition"], "HasChat");
    }
}

/// All of it, notices and alarms; what Lambda does not take lies in the queue.
#[test]
fn the_topic_tells_the_chat_everything() {
    for (stack, topic, _) in both() {
        let subscription = json!({
            "TopicArn": {"Ref": topic},
            "Protocol": "lambda",
            "Endpoint": {"Fn::GetAtt": ["Chat", "Arn"]},
            "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Lost", "Arn"]}},
        });
        assert_eq!(stack.properties("ChatSubscription"), &subscription, "{}", stack.file);
        let permission = json!({
            "FunctionName": {"Ref": "Chat"},
            "Action": "lambda:InvokeFunction",
            "Principal": "sns.amazonaws.com",
            "SourceArn": {"Ref": topic},
        });
        assert_eq!(stack.properties("ChatPermission"), &permission, "{}", stack.file);
        let statements = list(&stack.properties("LostPolicy")["PolicyDocument"]["Statement"]);
        let let_in = json!({
            "Sid": "Topic",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": {"Fn::GetAtt": ["Lost", "Arn"]},
            "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": topic}}},
        });
        let only_with_chat = json!({"Fn::If": ["HasChat", let_in, {"Ref": "AWS::NoValue"}]});
        assert_eq!(statements.last(), Some(&only_with_chat), "{}", stack.file);
    }
}

/// Neither policy nor journal nor topics: it only posts.
#[test]
fn the_chat_is_given_its_secret_and_a_language() {
    for (stack, ..) in both() {
        let chat = stack.properties("Chat");
        let ignored = &stack.json["Resources"]["Chat"]["IgnoreGlobals"];
        assert_eq!(ignored, &json!(["Layers", "Environment"]), "{}", stack.file);
        let set = json!({
            "SONAE_CHAT_SECRET": {"Ref": "ChatSecretName"},
            "SONAE_LANGUAGE": {"Ref": "Language"},
        });
        assert_eq!(chat["Environment"]["Variables"], set);
        assert_eq!(object(&set).map(|(name, _)| name).collect::<Vec<_>>(), config::NEEDED);
        assert_eq!(chat["CodeUri"], "crates/chat");
        let metadata = &stack.json["Resources"]["Chat"]["Metadata"];
        assert_eq!(metadata, &json!({"BuildMethod": "rust-cargolambda"}));
        assert_eq!(chat["Role"], json!({"Fn::GetAtt": ["ChatRole", "Arn"]}));
        let log = json!({"LogFormat": "JSON", "LogGroup": {"Ref": "ChatLog"}});
        assert_eq!(chat["LoggingConfig"], log);
        assert_eq!(chat["EventInvokeConfig"], Value::Null, "tried three times, as all");
    }
}

/// A secret that is read, a post that is refused, and both once more.
#[test]
fn the_chat_has_time_to_read_the_secret_again() {
    let needed = 2 * (secret::LIMIT + webhook::LIMIT);
    for (stack, ..) in both() {
        let timeout = stack.properties("Chat")["Timeout"].as_u64().expect("seconds");
        assert!(needed.as_secs() < timeout, "{needed:?} of {timeout} s");
    }
}

#[test]
fn the_chat_reads_one_secret_of_its_own_region() {
    for (stack, _, [here, elsewhere]) in both() {
        let statements = statements(&stack, "Chat");
        let read = |region: &str, name: &str| {
            let on = format!("arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}");
            allows(
                &statements,
                &Ask { action: "secretsmanager:GetSecretValue", on: &on, with: &[] },
            )
        };
        assert!(read(here, "sonae/chat-a1B2c3"), "{}", stack.file);
        assert!(!read(elsewhere, "sonae/chat-a1B2c3"));
        assert!(!read(here, "sonae/chat"), "no secret has such an ARN");
        assert!(!read(here, "sonae/chat-other-a1B2c3"));
        assert!(!read(here, "database-a1B2c3"));
    }
}

#[test]
fn the_chat_uses_keys_through_secrets_manager_only() {
    for (stack, _, [here, elsewhere]) in both() {
        let statements = statements(&stack, "Chat");
        let decrypts = |region: &str, via: &[(&str, &str)]| {
            let on = format!("arn:aws:kms:{region}:{ACCOUNT}:key/any");
            allows(&statements, &Ask { action: "kms:Decrypt", on: &on, with: via })
        };
        let via = |service: &str, region: &str| format!("{service}.{region}.amazonaws.com");
        let secrets = via("secretsmanager", here);
        assert!(decrypts(here, &[("kms:ViaService", &secrets)]), "{}", stack.file);
        assert!(!decrypts(here, &[]));
        assert!(!decrypts(here, &[("kms:ViaService", &via("s3", here))]));
        assert!(!decrypts(elsewhere, &[("kms:ViaService", &via("secretsmanager", elsewhere))]));
        for (log, may) in [("ChatLog", true), ("CheckLog", false), ("WatcherLog", false)] {
            let on = format!("arn:of:{log}");
            let ask = Ask { action: "logs:PutLogEvents", on: &on, with: &[] };
            assert_eq!(allows(&statements, &ask), may, "{log}");
        }
    }
}
