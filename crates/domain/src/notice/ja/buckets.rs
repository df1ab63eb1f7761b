//! S3 がレプリケーションするバケット。

use super::span;
use crate::failure::{Fix, Reason};
use crate::health::{Gap, Silence};
use crate::notice::{Scene, Text, commands};
use crate::policy::{Bucket, Repair};
use jiff::{SignedDuration, Timestamp};

pub(super) fn unreplicated(scene: &Scene<'_>, gaps: &[Gap], rule: Option<&str>) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let Some(bucket) = scene.bucket() else { return gone(who) };
    let first = gaps.first().map_or("", in_short);
    let headline = format!("バケット {who} のレプリケーションが方針と異なります: {first}");
    let mut wrong: Vec<String> = gaps.iter().map(|gap| of_gap(bucket, gap, rule)).collect();
    wrong.push(match gaps.iter().any(Gap::loses) {
        true => format!("今書き込まれているものは {dr} になく、このままでは届きません。"),
        false => format!(
            "今書き込まれているものは {dr} に届いているかもしれませんが、それも期限も確かめられません。"
        ),
    });
    Text {
        headline,
        wrong,
        tried: Some(
            "バケットは変更しません。15分ごとに確認し、方針どおりになったらお知らせします。".into(),
        ),
        todo: vec![
            format!("今のルールを確認してください:\n{}", commands::see_rules(scene, bucket)),
            "心当たりがなければ、誰が変えたかを確認してください (CloudTrail、PutBucketReplication、DeleteBucketReplication、DeleteBucket)。".into(),
            "template-bucket.yaml をデプロイするか、docs/s3-replication.ja.md のとおりにルールを直してください。".into(),
            format!("そのあと、その間に書き込まれたものをレプリケーションしてください:\n{}", commands::replicate_again(scene, bucket, "NONE")),
        ],
    }
}

/// 短い語。バケットの名前は長く、件名は短い。
fn in_short(gap: &Gap) -> &'static str {
    match gap {
        Gap::NoBucket => "バケットがない",
        Gap::NoRules => "ルールがない",
        Gap::NoSuchRule(_) => "その ID のルールがない",
        Gap::Elsewhere(_) => "複製先が違う",
        Gap::Disabled => "ルールが無効",
        Gap::Narrow(_) => "対象が狭い",
        Gap::ByTags => "タグ付きだけが対象",
        Gap::NoKms => "KMS のものが対象外",
        Gap::NoMetrics => "測定されていない",
        Gap::NoTimeControl => "期限の約束がない",
    }
}

fn of_gap(bucket: &Bucket, gap: &Gap, rule: Option<&str>) -> String {
    let rule = rule.unwrap_or("-");
    match gap {
        Gap::NoBucket => format!("S3 にバケット `{}` がありません。", bucket.id),
        Gap::NoRules => "バケットにレプリケーションルールがありません。".into(),
        Gap::NoSuchRule(id) => {
            format!("バケットにルール `{id}` がありません。名前が変わったか、削除されています。")
        }
        Gap::Elsewhere(arn) => {
            format!("ルール `{rule}` の複製先は {} ではなく {arn} です。", bucket.dr_arn())
        }
        Gap::Disabled => format!("ルール `{rule}` が無効です。"),
        Gap::Narrow(prefix) => format!(
            "ルール `{rule}` の対象は `{prefix}` だけで、`{}` のすべてではありません。",
            bucket.prefix
        ),
        Gap::ByTags => format!("ルール `{rule}` の対象は、タグの付いたオブジェクトだけです。"),
        Gap::NoKms => format!(
            "ルール `{rule}` は KMS キーで暗号化されたオブジェクトを飛ばします (SseKmsEncryptedObjects)。このバケットのオブジェクトは KMS キーで暗号化されます。"
        ),
        Gap::NoMetrics => {
            format!("ルール `{rule}` のメトリクスが無効で、動いているかどうかを確かめられません。")
        }
        Gap::NoTimeControl => format!(
            "ルール `{rule}` の Replication Time Control が無効で、S3 は期限を約束しません。"
        ),
    }
}

pub(super) fn failing(scene: &Scene<'_>, reason: &Reason, objects: usize) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let Some(bucket) = scene.bucket() else { return gone(who) };
    if reason.is_canary() {
        return canary(scene, bucket);
    }
    let word = reason.word();
    let mut wrong = vec![
        format!(
            "S3 が `{who}` のオブジェクト {objects} 個のレプリケーションを断念しました ({word})。"
        ),
        format!("S3 は再試行しません。遅延の値が正常でも、対処するまで {dr} にはありません。"),
    ];
    if reason.is_unnamed() {
        wrong.push("メトリクス OperationsFailedReplication だけが数えています。このバケットは `s3:Replication:*` を Sonae のキューに通知していません。24時間で自然に終わりますが、届いたかどうかは誰にも分かりません。".into());
    }
    let again = commands::replicate_again(scene, bucket, "FAILED");
    let mut todo = vec![fix(bucket, reason.fix(), &scene.policy.home.to_string(), &dr.to_string())];
    if reason.is_unnamed() {
        todo = vec!["失敗の理由が分かるように、docs/s3-replication.ja.md のとおりに通知を追加してください。".into()];
    } else {
        todo.push(format!(
            "どのオブジェクトか (キーはメールに書きません):\n{}",
            commands::see_failures(scene, bucket)
        ));
    }
    todo.push(match bucket.repair {
        Repair::Report => format!("直したあと、もう一度レプリケーションしてください:\n{again}"),
        Repair::Auto => format!("30分間新しい失敗がなければ、0時、6時、12時、18時に Sonae がバッチジョブを開始します。手で行う場合:\n{again}"),
    });
    Text {
        headline: format!("S3 が {who} のオブジェクト {objects} 個を断念しました: {word}"),
        wrong,
        tried: Some(
            "キーを記録に残し、順に S3 に問い合わせ、欠けているものがなくなったらお知らせします。"
                .into(),
        ),
        todo,
    }
}

fn fix(bucket: &Bucket, fix: Fix, home: &str, dr: &str) -> String {
    let (id, dr_bucket) = (&bucket.id, &bucket.dr_bucket);
    match fix {
        Fix::Trust => "S3 がレプリケーションのロールを使えるようにしてください。信頼ポリシーで s3.amazonaws.com に sts:AssumeRole を許可します。".into(),
        Fix::RightInHome(right) => format!("レプリケーションのロールに、`{id}` のオブジェクトへの {right} を許可し、バケットポリシーが拒否していないか確認してください。"),
        Fix::RightInDr(right) => format!("レプリケーションのロールに、`{dr_bucket}` のオブジェクトへの {right} を許可し、そのバケットポリシーが拒否していないか確認してください。"),
        Fix::RightOfBatch(right) => format!("バッチジョブのロールに、`{id}` のオブジェクトへの {right} を許可してください。"),
        Fix::DrBucketGone => format!("`{dr_bucket}` がありません。作り直す (template-bucket-dr.yaml) か、ルールの複製先を直してください。"),
        Fix::OtherRegion => format!("`{id}` は {home}、`{dr_bucket}` は {dr} になければなりません。どちらかが別のリージョンに作り直されています。"),
        Fix::Unversioned => format!("`{dr_bucket}` のバージョニングを有効にしてください。"),
        Fix::NoLockInDr => format!("オブジェクトロックの付いたオブジェクトです。`{dr_bucket}` でも有効にしてください。"),
        Fix::DrKeyMissing => format!("ルールの ReplicaKmsKeyID が、ロールの使える {dr} のキーではありません。直すか、ロールに kms:Encrypt と kms:GenerateDataKey を許可してください。"),
        Fix::DrKeyState => format!("`{dr_bucket}` のキーを有効にするか、削除の予約を取り消してください。"),
        Fix::HomeKeyState => format!("`{id}` のキーを有効にするか、削除の予約を取り消してください。"),
        Fix::HomeBucketGone => format!("`{id}` がありません。誰が削除したかを確認してください (CloudTrail、DeleteBucket)。"),
        Fix::NoRules => format!("`{id}` のルールがありません。template-bucket.yaml をもう一度デプロイしてください。"),
        Fix::ObjectGone => "レプリケーションされる前に、オブジェクトかそのバージョンが削除されました。意図した削除なら対応は不要で、S3 からなくなったことを確認でき次第、終わります。".into(),
        Fix::NotEligible => "ルールの対象でない、または待っていないオブジェクトがバッチジョブに含まれています。ジョブのフィルターとルールを確認してください。".into(),
        Fix::Unknown => "Sonae の知らない理由です。ロール、両方のキー、両方のバケットポリシーの順に確認してください。".into(),
    }
}

fn canary(scene: &Scene<'_>, bucket: &Bucket) -> Text {
    let (who, dr, key) = (scene.who(), &scene.policy.dr, bucket.canary_key());
    Text {
        headline: format!("バケット {who} のカナリアが {dr} に届きません"),
        wrong: vec![
            format!(
                "Sonae が1時間ごとに書き込む `{key}` がレプリケーションされていません。S3 が断念したか、対象にするルールがありません。"
            ),
            "同じように書き込まれるオブジェクトも届いていない可能性があります。".into(),
        ],
        tried: Some("1時間以内に次を書き込み、届いたらお知らせします。".into()),
        todo: vec![
            format!("今のルールを確認してください:\n{}", commands::see_rules(scene, bucket)),
            "失敗したオブジェクトの通知が届いていれば、理由はそこにあります。".into(),
        ],
    }
}

pub(super) fn slow(scene: &Scene<'_>, seconds: i64) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let Some(bucket) = scene.bucket() else { return gone(who) };
    let behind = SignedDuration::from_secs(seconds);
    Text {
        headline: format!("{who} の {dr} へのレプリケーションが{}遅れています", span(behind)),
        wrong: vec![
            format!("待っている最も古いオブジェクトは {seconds} 秒前のものです。方針では {} 秒までです。", bucket.lag.as_secs()),
            "多くは、S3 がその時間で複製できる以上に一度に書き込まれたか、KMS の上限によるものです。".into(),
        ],
        tried: Some("15分ごとに確認し、追いついたらお知らせします。".into()),
        todo: vec![
            format!("推移を確認してください:\n{}", commands::see_latency(scene, bucket)),
            "何時間も伸び続けるなら、両リージョンの KMS のリクエストクォータか、レプリケーションの転送量のクォータ (Service Quotas、Amazon S3) の引き上げを申請してください。".into(),
        ],
    }
}

pub(super) fn unknown(scene: &Scene<'_>, silence: &Silence) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let Some(bucket) = scene.bucket() else { return gone(who) };
    let (wrong, todo) = match silence {
        Silence::NoData => (
            vec![
                format!("{dr} の CloudWatch に、`{who}`、`{}` とルールの ReplicationLatency がありません。書き込みがなくても、S3 は1分ごとに送ります。", bucket.dr_bucket),
                "メトリクスが無効になった、ルールの名前が変わった、dr のバケットが削除された、などです。正常ではありません。".into(),
            ],
            vec![
                format!("値があるか確認してください:\n{}", commands::see_latency(scene, bucket)),
                format!("ルールの ID と Metrics を確認してください:\n{}", commands::see_rules(scene, bucket)),
            ],
        ),
        Silence::Unread(fault) => (
            vec![fault.to_string()],
            vec![format!("拒否されたのであれば、関数のロールに {} の {} を許可してください。それ以外は自然に直ります。", fault.region, fault.op)],
        ),
    };
    Text {
        headline: format!("{who} が {dr} にレプリケーションされているか確かめられません"),
        wrong,
        tried: Some("15分ごとに確認し、確かめられたらお知らせします。".into()),
        todo,
    }
}

pub(super) fn silent(scene: &Scene<'_>, last: Option<Timestamp>) -> Text {
    let who = scene.who();
    let when = match last {
        Some(last) => format!("最後の判定は {} のものです。", scene.time(last)),
        None => "まだ一度も判定されていません。".into(),
    };
    Text {
        headline: format!("バケット {who} のレプリケーションが判定されていません"),
        wrong: vec![when, "関数 `replication` が15分ごとに判定を書くはずです。".into()],
        tried: Some("確認のたびに判定を探し、見つかったらお知らせします。".into()),
        todo: vec![
            "このバケットなしでデプロイされたのであれば、`make deploy` が policy.toml から BucketArns を渡します。".into(),
            "それ以外は、関数のログとアラームを確認してください (docs/runbooks/replication-silent.md)。".into(),
        ],
    }
}

pub(super) fn before_rule(scene: &Scene<'_>, rule: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let Some(bucket) = scene.bucket() else { return gone(who) };
    Text {
        headline: format!(
            "バケット {who} のルールより古いオブジェクトは、{dr} に自動では届きません"
        ),
        wrong: vec![
            format!(
                "Sonae は今から `{who}` を判定します。ルール `{rule}` は、作られたあとに書き込まれたものだけを複製します。"
            ),
            "このお知らせは一度だけです。古いものがあるかどうかは調べません。".into(),
        ],
        tried: None,
        todo: vec![format!(
            "あれば、一度だけ複製してください (オブジェクトごとに費用がかかります。docs/s3-replication.ja.md):\n{}",
            commands::replicate_again(scene, bucket, "NONE")
        )],
    }
}

/// 方針からなくなったバケット。
fn gone(who: &str) -> Text {
    let headline = format!("バケット {who} は方針にありません");
    Text { headline, wrong: Vec::new(), tried: None, todo: Vec::new() }
}
