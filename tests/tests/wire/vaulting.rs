//! A night of AWS Backup over its protocol.

use crate::stage::Stage;
use model::Night;

const EFS: &str = "[[asset]]\nkind = \"efs\"\nid = \"fs-0123456789abcdef0\"\n";

async fn stage() -> Stage {
    Stage::under(crate::stage::policy_text(1) + EFS).await
}

#[tokio::test]
async fn a_file_system_lands_over_the_wire_page_by_page() {
    let stage = stage().await;
    stage.cloud.account().most_a_page = 1;
    stage.check_until("2025-11-05T23:00:00Z").await;
    let subjects = stage.subjects();
    assert_eq!(
        subjects[0], "[正常] kaigo-subsys-prod: 2025-11-06 の夜間バックアップ完了",
        "{subjects:?}"
    );
    assert!(subjects[1].contains("2 件中 2 件到着"), "{subjects:?}");
    assert_eq!(subjects.len(), 2, "{subjects:?}");
}

#[tokio::test]
async fn a_job_that_completed_with_issues_is_told_over_the_wire() {
    let stage = stage().await;
    let day = jiff::civil::date(2025, 11, 6);
    stage.cloud.account().script_night("fs-0123456789abcdef0", day, Night::Issues("AccessDenied"));
    stage.check_until("2025-11-05T21:00:00Z").await;
    let subjects = stage.subjects();
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    assert!(subjects[0].contains("fs-0123456789abcdef0 の 2025-11-06 の復旧ポイントがありません"));
    assert!(stage.mails("us-east-1")[0].body.contains("`COMPLETED`: AccessDenied"));
}

#[tokio::test]
async fn a_vault_that_is_not_there_is_missing_over_the_wire() {
    let stage = stage().await;
    stage.cloud.account().backups.vaults.clear();
    stage.check_until("2025-11-05T18:15:00Z").await;
    let subjects = stage.subjects();
    assert_eq!(subjects.len(), 2, "home's and dr's: {subjects:?}");
    assert!(subjects.iter().all(|told| told.contains("バックアップボールト")), "{subjects:?}");
}

/// Lock and opt-in as AWS's own words bring them: a lock date, a map of types.
#[tokio::test]
async fn settings_come_over_the_wire() {
    let stage = stage().await;
    {
        let mut account = stage.cloud.account();
        let dr = domain::id::Region::new("us-west-2");
        let date = "2025-11-08T18:00:00Z".parse().expect("a time");
        account.backups.locks.insert((dr.clone(), "sonae-dr".to_owned()), Some(date));
        account.backups.opt_in.get_mut(&dr).expect("dr's").insert("EFS".to_owned(), false);
    }
    stage.check_until("2025-11-05T18:15:00Z").await;
    let mails = stage.mails("us-east-1");
    assert_eq!(mails.len(), 2, "{:?}", stage.subjects());
    let of = |words: &str| {
        let found = mails.iter().find(|mail| mail.subject.contains(words));
        found.unwrap_or_else(|| panic!("{words}: {:?}", stage.subjects())).body.clone()
    };
    assert!(of("sonae-dr のロックが off ではなく compliance").contains("2025-11-09 03:00 JST"));
    assert!(of("us-west-2 の AWS Backup で EFS").contains(r#"'{"EFS":true}'"#));
}

/// What carries the tag comes page by page, and is judged one by one.
#[tokio::test]
async fn resources_by_tag_land_over_the_wire() {
    let rule = "[[asset]]\nkind = \"backup\"\nid = \"tagged\"\ntag = \"sonae:backup=yes\"\n";
    let text = crate::stage::policy_text(1) + rule;
    let policy = domain::policy::parse(&text).expect("a good policy");
    let stage = Stage::under(text).await;
    {
        let mut account = stage.cloud.account();
        let rule = policy.asset(&domain::id::AssetId::new("tagged")).expect("the rule");
        for name in ["orders", "visits", "staff"] {
            let arn = format!("arn:aws:dynamodb:us-east-1:123456789012:table/{name}");
            account.tag(&policy, rule, &arn);
        }
        account.most_a_page = 1;
    }
    stage.check_until("2025-11-05T23:00:00Z").await;
    let subjects = stage.subjects();
    assert!(subjects[1].contains("4 件中 4 件到着"), "{subjects:?}");
    let calls = stage.cloud.account().calls.clone();
    let of_tag = calls.iter().filter(|call| call.op == "tag:GetResources").count();
    let looks = calls.iter().filter(|call| call.op == "backup:DescribeRegionSettings").count() / 2;
    assert_eq!(of_tag, 3 * looks, "three pages a look");
}
