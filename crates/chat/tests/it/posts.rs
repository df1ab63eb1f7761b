//! What the chat gets, when the secret is read, and what becomes of a post that is not taken.

use crate::stage::{HOST, Stage, one_answer, sample};
use chat::handler::Failure;
use cloud::webhook::Unposted;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use std::time::Duration;

const NOTICE: &str = "sns-notice.json";

/// The key to the channel, which nothing may show.
const KEY: &str = "T0000/B0000/key-of-the-channel";

#[tokio::test]
async fn a_notice_and_an_alarm_are_posted_and_the_secret_is_read_once() {
    let stage = Stage::new().await;
    stage.keep_url("/services/200");
    let told = stage.tell(NOTICE).await.expect("told");
    assert_eq!(
        (told[0].id.as_str(), told[0].status),
        ("95df01b4-ee98-5cb9-9903-4c221d41eb5e", 200)
    );
    stage.tell("sns-alarm.json").await.expect("told");
    assert_eq!(stage.paths(), ["/services/200", "/services/200"]);
    assert_eq!(stage.reads(), 1);
    let posted: Value = serde_json::from_str(&stage.got()[0].1).expect("JSON");
    let subject = sample(NOTICE)["Records"][0]["Sns"]["Subject"].clone();
    let bold = format!("*{}*\n", subject.as_str().expect("a subject"));
    assert!(posted["text"].as_str().expect("a text").starts_with(&bold), "{posted}");
}

/// A refusal shows neither the URL nor the text.
async fn refused(stage: &Stage) -> Unposted {
    match stage.tell(NOTICE).await.expect_err("not taken") {
        Failure::Unposted(unposted) => {
            let said = format!("{unposted} {unposted:?}");
            for hidden in [KEY, "hooks.chat.test", "kaigo-subsys"] {
                assert!(!said.contains(hidden), "{said}");
            }
            unposted
        }
        other => unreachable!("{other}"),
    }
}

/// Lambda tries again, and keeps what failed three times: nothing is repeated here.
#[tokio::test]
async fn what_may_pass_is_left_to_lambda() {
    for status in [429, 500, 503] {
        let stage = Stage::new().await;
        stage.keep_url(&format!("/{KEY}/{status}"));
        let unposted = refused(&stage).await;
        assert!(matches!(&unposted, Unposted::Busy(answer) if answer.status == status));
        assert_eq!((stage.paths().len(), stage.reads()), (1, 1), "{status}");
        refused(&stage).await;
        assert_eq!((stage.paths().len(), stage.reads()), (2, 1), "{status}: the URL is still good");
    }
}

/// Someone has put another webhook's URL into the secret: it is found without a deployment.
#[tokio::test]
async fn a_webhook_that_is_gone_makes_the_secret_be_read_again_once() {
    for gone in ["400", "403", "404", "410"] {
        let stage = Stage::new().await;
        let (old, new) = (format!("/{KEY}/200-{gone}"), "/new/200".to_owned());
        stage.keep_url(&old);
        stage.tell(NOTICE).await.expect("told");
        assert!(matches!(refused(&stage).await, Unposted::Gone(_)), "{gone}");
        assert_eq!((stage.paths().len(), stage.reads()), (2, 2), "the same URL: not posted again");
        stage.keep_url(&new);
        assert_eq!(stage.tell(NOTICE).await.expect("told")[0].status, 200);
        assert_eq!((stage.paths().pop(), stage.reads()), (Some(new), 3), "{gone}");
    }
}

#[tokio::test]
async fn a_changed_url_is_posted_to_by_the_same_invocation() {
    let stage = Stage::new().await;
    let (old, new) = (format!("/{KEY}/200-404"), "/new/200".to_owned());
    stage.keep_url(&old);
    stage.tell(NOTICE).await.expect("told");
    stage.keep_url(&new);
    stage.tell(NOTICE).await.expect("told");
    assert_eq!(stage.paths(), [old.clone(), old, new.clone()]);
    stage.tell(NOTICE).await.expect("told");
    assert_eq!((stage.paths().pop(), stage.reads()), (Some(new), 2), "kept from now on");
}

/// A redirection would take the text to someone else.
#[tokio::test]
async fn what_is_no_webhook_is_said_to_be_none() {
    for status in [301, 302, 405, 413] {
        let stage = Stage::new().await;
        stage.keep_url(&format!("/{KEY}/{status}"));
        assert!(matches!(refused(&stage).await, Unposted::Refused(_)), "{status}");
        assert_eq!(stage.paths().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_chat_that_never_answers_is_not_waited_for() {
    let limit = Duration::from_millis(50);
    let stage = Stage::patient(limit).await;
    stage.keep_url(&format!("/{KEY}/never"));
    assert_eq!(refused(&stage).await, Unposted::Late(limit));
}

/// Some servers end without saying so. What was taken would else be posted three times.
#[tokio::test]
async fn an_answer_that_breaks_off_is_still_an_answer() {
    for (status, taken) in [("200 OK", true), ("404 Not Found", false)] {
        let at = one_answer(format!("HTTP/1.1 {status}\r\ncontent-length: 9\r\n\r\nno_se")).await;
        let stage = Stage::at(at, Duration::from_secs(60)).await;
        stage.keep_url(&format!("/{KEY}/any"));
        match taken {
            true => assert_eq!(stage.tell(NOTICE).await.expect("told")[0].status, 200),
            false => assert!(matches!(refused(&stage).await, Unposted::Gone(_))),
        }
    }
}

#[tokio::test]
async fn a_chat_that_cannot_be_reached_is_not_shown_either() {
    // Nothing listens on the lowest port of loopback.
    let stage = Stage::at(([127, 0, 0, 1], 1).into(), Duration::from_secs(60)).await;
    stage.keep_url(&format!("/{KEY}/200"));
    let Unposted::Unreached(why) = refused(&stage).await else { unreachable!("reached") };
    assert!(why.contains("refused"), "{why}");
}

async fn without_url(stage: &Stage) -> (String, String) {
    let failure = stage.tell(NOTICE).await.expect_err("nothing to post to");
    assert!(stage.paths().is_empty());
    let Diagnostic { error_type, error_message } = failure.into();
    (error_type, error_message)
}

#[tokio::test]
async fn a_secret_that_holds_no_webhook_is_said_without_its_text() {
    let json = format!("{{\"webhook\": \"{HOST}/{KEY}\"}}");
    let plain = HOST.replace("https", "http") + KEY;
    for text in ["", KEY, &plain, &json, "{", "ftp://a.example/x"] {
        let stage = Stage::new().await;
        stage.keep(text);
        let (kind, said) = without_url(&stage).await;
        assert_eq!(kind, "Secret");
        assert!(said.contains("`sonae/chat`") && !said.contains(KEY), "{said}");
        assert!(said.contains("put its URL there"), "{said}");
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_says_what_to_do() {
    let (_, missing) = without_url(&Stage::new().await).await;
    assert!(missing.contains("ResourceNotFoundException"), "{missing}");
    assert!(missing.contains("make it in this Region"), "{missing}");
    for (code, next) in [
        ("AccessDeniedException", "`ChatSecretName`"),
        ("DecryptionFailure", "the key that the secret is under"),
    ] {
        let stage = Stage::new().await;
        stage.keep_url("/services/200");
        stage.refuse(code);
        let (_, said) = without_url(&stage).await;
        assert!(said.contains(code) && said.contains(next), "{said}");
        stage.tell(NOTICE).await.expect("read by the next try");
    }
}

#[tokio::test]
async fn what_sns_never_sends_is_refused_without_showing_it() {
    let stage = Stage::new().await;
    stage.keep_url("/services/200");
    let sns = |sns: Value| json!({"Records": [{"Sns": sns}]});
    for (payload, problem) in [
        (json!({"kind": "check"}), "`Records` is no list"),
        (
            sns(json!({"Message": {"a": KEY}, "MessageId": "1"})),
            "`Records[0].Sns.Message` is no text",
        ),
        (sns(json!({"Message": KEY})), "`Records[0].Sns.MessageId` is no text"),
    ] {
        let failure = stage.handle(&payload).await.expect_err("not of SNS");
        let Diagnostic { error_type, error_message } = failure.into();
        assert_eq!(error_type, "BadEvent");
        assert!(error_message.contains(problem) && !error_message.contains(KEY), "{error_message}");
    }
    assert!(stage.paths().is_empty());
}
