//! The words of the report in both languages; a missing one does not compile.

use super::{Item, Month, Over, Ready, Verdict};
use crate::policy::Language;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The fixed words of a language.
pub(super) struct Words {
    pub(super) lang: &'static str,
    pub(super) title: &'static str,
    pub(super) all_well: &'static str,
    pub(super) see_below: &'static str,
    pub(super) problems: &'static str,
    pub(super) duties: &'static str,
    pub(super) asset: &'static str,
    pub(super) of: &'static str,
    pub(super) taken: &'static str,
    pub(super) landed: &'static str,
    pub(super) took: &'static str,
    pub(super) size: &'static str,
    pub(super) age: &'static str,
    pub(super) objective: &'static str,
    pub(super) verdict: &'static str,
    pub(super) month: &'static str,
    pub(super) success: &'static str,
    pub(super) longest: &'static str,
    pub(super) storage: &'static str,
    pub(super) unprotected: &'static str,
    pub(super) unread: &'static str,
    pub(super) quotas: &'static str,
    pub(super) orphans: &'static str,
    pub(super) listeners: &'static str,
    pub(super) whole: &'static str,
    pub(super) none: &'static str,
    pub(super) unknown: &'static str,
    pub(super) since: &'static str,
    pub(super) fix: &'static str,
    pub(super) runbook: &'static str,
    pub(super) separator: &'static str,
    pub(super) comma: &'static str,
    pub(super) account: &'static str,
    pub(super) no_report_between: fn(&str, &str) -> String,
    pub(super) first_report: &'static str,
    pub(super) past_unread: &'static str,
    pub(super) proven: fn(usize, usize, &str, usize, &str) -> String,
    pub(super) wrong: fn(usize) -> String,
    pub(super) landed_of: fn(usize, usize) -> String,
    pub(super) more: fn(usize) -> String,
    pub(super) span: fn(i64) -> String,
    pub(super) listens: fn(u64, Option<u64>) -> String,
    pub(super) allocated: fn(u64, i64, Option<i64>) -> String,
    pub(super) orphan: fn(u32, i64, i64) -> String,
    pub(super) over: fn(Over) -> &'static str,
    pub(super) word: fn(Verdict) -> &'static str,
    pub(super) number: fn(Option<u32>) -> String,
    pub(super) charts: &'static str,
    pub(super) not_shown: fn(usize) -> String,
    pub(super) preflight: &'static str,
    pub(super) item: fn(Item) -> &'static str,
    pub(super) ready: fn(Ready) -> &'static str,
    pub(super) ready_of: fn(usize, usize) -> String,
    pub(super) more_ready: fn(usize) -> String,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::Ja => &JA,
        Language::En => &EN,
    }
}

impl Words {
    /// The month's figures, each with its label.
    pub(super) fn figures(&self, month: &Month) -> [(&'static str, String); 3] {
        let success = month.success_per_mille().map_or(self.unknown.to_owned(), |mille| {
            format!("{}.{} % ({}/{})", mille / 10, mille % 10, month.held, month.owed)
        });
        let longest = month.longest.as_ref().map_or(self.none.to_owned(), |longest| {
            let took = (self.span)(i64::from(longest.minutes));
            format!("{took} ({}, {})", longest.asset, longest.day)
        });
        let kept = (self.allocated)(month.copies, month.allocated_gib, month.budget_gib);
        [(self.success, success), (self.longest, longest), (self.storage, kept)]
    }
}

/// A moment in the policy's zone.
pub(super) fn time(zone: &TimeZone, moment: Timestamp) -> String {
    moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

const EN: Words = Words {
    lang: "en",
    title: "Daily report",
    all_well: "all is well",
    see_below: "something to look at",
    problems: "What is wrong",
    duties: "Recovery points",
    asset: "Asset",
    of: "Of",
    taken: "Data from",
    landed: "Landed",
    took: "Copied in",
    size: "Allocated",
    age: "Age",
    objective: "RPO",
    verdict: "Verdict",
    month: "The last 30 days",
    success: "Landed in time",
    longest: "Longest copy",
    storage: "Copies",
    unprotected: "In no policy",
    unread: "could not be read",
    quotas: "Quotas",
    orphans: "Copies without an asset",
    listeners: "Who is told",
    whole: "The whole report",
    none: "none",
    unknown: "unknown",
    since: "since",
    fix: "What to do",
    runbook: "runbook",
    separator: ": ",
    comma: ", ",
    account: "The account",
    no_report_between: |before, today| {
        format!("No report was made between {before} and {today}: the check did not run at 08:00.")
    },
    first_report: "The first report that the journal knows of.",
    past_unread: "The reports before it cannot be read: it has no number, shows today only and is not kept.",
    proven: |expected, home, in_home, dr, in_dr| {
        format!("{expected} expected, seen: {home} in {in_home}, {dr} in {in_dr}")
    },
    wrong: |n| match n {
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    },
    landed_of: |landed, expected| format!("{landed} of {expected} landed"),
    more: |n| format!(".. and {n} more, in the whole report"),
    span: |minutes| match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    },
    listens: |now, before| match before {
        Some(before) if before > now => format!("{now} listening, yesterday {before}"),
        _ => format!("{now} listening"),
    },
    allocated: |copies, gib, budget| match budget {
        Some(budget) => format!("{copies} copies, {gib} GiB allocated, budget {budget} GiB"),
        None => format!("{copies} copies, {gib} GiB allocated"),
    },
    orphan: |points, gib, usd| {
        format!("{points} points, {gib} GiB allocated, at most {usd} USD a month")
    },
    over: |over| match over {
        Over::Success => "fewer than 99 % landed in time",
        Over::Duration => "a copy took longer than `budget.longest`",
        Over::Storage => "copies take more than 80 % of `budget.storage_gib`",
    },
    word: |verdict| match verdict {
        Verdict::Broken => "MISSED",
        Verdict::Never => "NEVER LANDED",
        Verdict::TooOld => "TOO OLD",
        Verdict::Unread => "unread",
        Verdict::Late => "late",
        Verdict::NotDue => "not due yet",
        Verdict::Held => "held",
        Verdict::NotOwed => "not owed yet",
    },
    number: |n| n.map_or("unnumbered".to_owned(), |n| format!("No. {n}")),
    charts: "Age of the newest copy at 08:00",
    not_shown: |n| format!("{n} assets without a chart here; their figures are in the JSON."),
    preflight: "Ready for a restore in the DR Region",
    item: |item| match item {
        Item::DrKey => "DR key",
        Item::Copy => "copy under it",
        Item::HomeKey => "database's key",
        Item::OlderKeys => "older points' keys",
        Item::Groups => "groups",
        Item::Pitr => "replicated backups",
        Item::Backups => "automated backups",
        Item::Window => "backup window",
        Item::Vaults => "vaults",
        Item::Lock => "lock",
        Item::OptIn => "type opted in",
    },
    ready: |ready| match ready {
        Ready::Failing => "NO",
        Ready::Unread => "unread",
        Ready::Ready => "yes",
        Ready::NotNeeded => "-",
    },
    ready_of: |ready, all| format!("{ready} of {all}"),
    more_ready: |n| format!("{n} more, none of them worse; they are in the JSON."),
};

const JA: Words = Words {
    lang: "ja",
    title: "日次報告",
    all_well: "すべて正常",
    see_below: "確認事項あり",
    problems: "異常",
    duties: "復旧ポイント",
    asset: "対象",
    of: "対象日",
    taken: "データの時点",
    landed: "到着",
    took: "コピー時間",
    size: "割り当て",
    age: "経過",
    objective: "目標 (RPO)",
    verdict: "判定",
    month: "直近30日",
    success: "期限内の到着",
    longest: "最長のコピー",
    storage: "保管中のコピー",
    unprotected: "方針にないデータベース",
    unread: "読み取れませんでした",
    quotas: "上限",
    orphans: "対象のないコピー",
    listeners: "通知の宛先",
    whole: "報告の全文",
    none: "なし",
    unknown: "不明",
    since: "発生",
    fix: "対処",
    runbook: "手順書",
    separator: "：",
    comma: "、",
    account: "アカウント",
    no_report_between: |before, today| {
        format!(
            "{before} から {today} の間の報告がありません。08:00 の確認が動いていませんでした。"
        )
    },
    first_report: "記録にある最初の報告です。",
    past_unread: "これまでの報告を読み取れないため、番号がなく、今日の分だけで、記録にも残りません。",
    proven: |expected, home, in_home, dr, in_dr| {
        format!("必要 {expected} 件、確認 {in_home} に {home} 件・{in_dr} に {dr} 件")
    },
    wrong: |n| format!("異常 {n} 件"),
    landed_of: |landed, expected| format!("{expected} 件中 {landed} 件到着"),
    more: |n| format!("‥ ほか {n} 件は全文にあります"),
    span: |minutes| match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}分"),
        (hours, 0) => format!("{hours}時間"),
        (hours, minutes) => format!("{hours}時間{minutes:02}分"),
    },
    listens: |now, before| match before {
        Some(before) if before > now => format!("承認済み {now} 件 (前回 {before} 件)"),
        _ => format!("承認済み {now} 件"),
    },
    allocated: |copies, gib, budget| match budget {
        Some(budget) => format!("{copies} 個、割り当て {gib} GiB (予算 {budget} GiB)"),
        None => format!("{copies} 個、割り当て {gib} GiB"),
    },
    orphan: |points, gib, usd| format!("{points} 個、割り当て {gib} GiB、月に最大 {usd} USD"),
    over: |over| match over {
        Over::Success => "期限内の到着が 99 % 未満です",
        Over::Duration => "コピー時間が `budget.longest` を超えました",
        Over::Storage => "コピーが `budget.storage_gib` の 80 % を超えました",
    },
    word: |verdict| match verdict {
        Verdict::Broken => "未達",
        Verdict::Never => "到着実績なし",
        Verdict::TooOld => "目標超過",
        Verdict::Unread => "確認できず",
        Verdict::Late => "遅れて到着",
        Verdict::NotDue => "期限前",
        Verdict::Held => "達成",
        Verdict::NotOwed => "開始前",
    },
    number: |n| n.map_or("番号なし".to_owned(), |n| format!("第 {n} 号")),
    charts: "08:00 時点の最新コピーの経過時間",
    not_shown: |n| format!("ほか {n} 件のグラフは省略しました。値は JSON にあります。"),
    preflight: "DR リージョンでの復元の準備",
    item: |item| match item {
        Item::DrKey => "DR のキー",
        Item::Copy => "そのキーのコピー",
        Item::HomeKey => "データベースのキー",
        Item::OlderKeys => "以前のキー",
        Item::Groups => "グループ",
        Item::Pitr => "レプリケーション",
        Item::Backups => "自動バックアップ",
        Item::Window => "取得の時間帯",
        Item::Vaults => "ボールト",
        Item::Lock => "ロック",
        Item::OptIn => "種類の有効化",
    },
    ready: |ready| match ready {
        Ready::Failing => "不備",
        Ready::Unread => "確認できず",
        Ready::Ready => "良",
        Ready::NotNeeded => "-",
    },
    ready_of: |ready, all| format!("{all} 件中 {ready} 件が良好"),
    more_ready: |n| {
        format!("ほか {n} 件は省略しました (これより悪いものはありません)。JSON にあります。")
    },
};
