//! What is deleted, what is not, and what nobody needs.

use super::steps::fault_step;
use crate::fault::Fault;
use crate::id::{Family, PointName, Region};
use crate::notice::plan::Words;
use crate::notice::{MOST_SHOWN, Scene, Text, commands};
use crate::policy::Orphans;
use crate::sweep::{Kept, Why, cost_at_most};
use jiff::Timestamp;

pub(super) fn stopped(
    scene: &Scene<'_>,
    region: &Region,
    number: &str,
    gone: &[(PointName, Timestamp)],
    all: usize,
) -> Text {
    let (who, count) = (scene.who(), gone.len());
    let mut wrong = vec![
        format!("{count} of the {all} points of {who} in {region} are past the day until which they are kept."),
        "That is more than a quarter. After a change of `keep`, or after weeks without a sweep, it may be right;\n  else it is not. None of them was deleted:".into(),
    ];
    wrong.extend(
        gone.iter().take(MOST_SHOWN).map(|(name, at)| format!("- {name} ({})", scene.time(*at))),
    );
    wrong.extend((count > MOST_SHOWN).then(|| format!("- and {} more", count - MOST_SHOWN)));
    Text {
        headline: format!("stopped deleting {count} of {all} points of {who} in {region}"),
        wrong,
        tried: Some("Deletes the points of other assets as usual. These wait for your yes.".into()),
        todo: vec![
            stay(scene).into(),
            format!(
                "If they may go, say so. The number is good for exactly these points; `sonae-sweep --plan` shows that of today.\n{}",
                commands::approve(scene, number)
            ),
        ],
    }
}

/// How to keep them.
fn stay(scene: &Scene<'_>) -> &'static str {
    match scene.asset() {
        Some(_) => {
            "If they are to stay, make `keep` of this asset longer in policy.toml and deploy."
        }
        None => {
            "If they are to stay, put the asset back into policy.toml, or set `orphans = \"report\"` under `[sweep]`, and deploy."
        }
    }
}

pub(super) fn undeletable(scene: &Scene<'_>, fault: &Fault, points: &[PointName]) -> Text {
    let (who, count, region) = (scene.who(), points.len(), &fault.region);
    let mut wrong = vec![format!("What has been kept long enough could not be deleted: {fault}")];
    wrong.extend(points.iter().take(MOST_SHOWN).map(|name| format!("- {name}")));
    wrong.extend((count > MOST_SHOWN).then(|| format!("- and {} more", count - MOST_SHOWN)));
    Text {
        headline: format!("{count} old points of {who} in {region} cannot be deleted"),
        wrong,
        tried: Some(
            "Tries again every day. Until then they are billed and count towards the quota.".into(),
        ),
        todo: vec![fault_step(fault)],
    }
}

pub(super) fn orphaned(
    scene: &Scene<'_>,
    (asset, family): (&str, Family),
    points: usize,
    oldest: Option<Timestamp>,
    gib: i64,
) -> Text {
    let noun = match family {
        Family::Instance => "instance",
        Family::Cluster => "cluster",
    };
    let mut wrong = vec![format!(
        "{points} points carry the tag `sonae:asset = {asset}`, and policy.toml names no {noun} `{asset}`."
    )];
    wrong.extend(oldest.map(|at| format!("The oldest is of {}.", scene.time(at))));
    wrong.extend((gib > 0).then(|| {
        format!(
            "They cost at most {} USD a month ({gib} GiB allocated; snapshots are incremental).",
            cost_at_most(gib)
        )
    }));
    let (tried, rid) = match scene.policy.orphans {
        Orphans::Report => (
            "Leaves them alone: policy.toml says `orphans = \"report\"`, or nothing of it.",
            "If nobody needs them, delete them by hand, or set `orphans = \"delete\"` under `[sweep]`.",
        ),
        Orphans::Delete => (
            "Deletes copies in dr past their own day, once the newest is two weeks old. The newest three stay.",
            "If nobody needs the newest three either, delete them by hand.",
        ),
    };
    Text {
        headline: format!("{points} points of {asset}, which is not in policy.toml"),
        wrong,
        tried: Some(tried.into()),
        todo: vec![
            "If it left the policy by mistake, put it back.".into(),
            rid.into(),
            "`sonae-sweep --plan` lists them.".into(),
        ],
    }
}

pub(in crate::notice) const PLAN: Words = Words {
    title: "what a sweep would do at",
    lot: |all, gone| format!("{all} point(s), {gone} to delete"),
    stopped: "; STOPPED, more than a quarter, until a person says yes:",
    delete: "delete",
    keep: "keep  ",
    kept: |kept| match kept {
        Kept::Until(_) => "not old enough",
        Kept::Last(_) => "last of a day, week or month",
        Kept::Floor => "among the newest (`floor`)",
        Kept::CatchUp => "young enough to be copied again (`catch_up`)",
        Kept::Needed => "a copy under way needs it",
        Kept::NoNewer => "no newer copy stands in dr",
        Kept::State(_) => "not available",
        Kept::Unclear => "without a readable time or `sonae:keep-until`",
        Kept::Key => "the dr key is in trouble or could not be looked at",
    },
    why: |why| match why {
        Why::NotInPolicy => "not in policy.toml",
        Why::Failed => "failed copy",
        Why::OfAnotherSystem => "of another `system`",
        Why::Replaced => "of the database that had this name before",
        Why::ByHand => "made by hand with our tags",
    },
    orphans: "orphans: points with our tags that no asset needs;",
    left_alone: "left alone (`orphans = \"report\"`)",
    may_be_deleted: "deleted where listed above, the others stay (`orphans = \"delete\"`)",
    no_time: "no time",
    unread: "not planned, could not be read:",
    nothing: "no points of ours",
    sum: |gone, stopped, orphans, usd| {
        format!(
            "{gone} to delete, {stopped} stopped, {orphans} orphans (at most {usd} USD a month)"
        )
    },
};
