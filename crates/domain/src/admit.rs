//! Who goes first when not everything may go at once.

use crate::id::AssetId;
use crate::step::Copy;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is known of an asset's place in the queue.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// How many of its copies are on their way.
    pub underway: usize,
    /// When its newest landed data is from; `None` when nothing ever landed.
    pub newest: Option<Timestamp>,
}

/// Orders copies: first those of assets that have none on the way, the oldest RPO first.
///
/// RDS copies one point of a database at a time and lets the others wait, each in a place of its own
/// among those in progress (RDS User Guide, Copying a DB snapshot): a database's second copy must not
/// take the place of another one's first. Nobody starves, since waiting only makes an RPO older. How
/// many are let in is not known here but learnt from dr's refusal, in the round.
pub fn admit(mut wants: Vec<Copy>, standing: &BTreeMap<AssetId, Standing>) -> Vec<Copy> {
    wants.sort_by(|a, b| (a.due, &a.target).cmp(&(b.due, &b.target)));
    let mut ahead: BTreeMap<AssetId, usize> = BTreeMap::new();
    let mut ranked: Vec<_> = wants
        .into_iter()
        .map(|copy| {
            let Standing { underway, newest } =
                standing.get(&copy.asset).copied().unwrap_or_default();
            let ahead = ahead.entry(copy.asset.clone()).or_default();
            *ahead += 1;
            (underway + *ahead, newest, copy)
        })
        .collect();
    // Stable: what is equal stays sorted by its deadline.
    ranked.sort_by_key(|(rank, newest, _)| (*rank, *newest));
    ranked.into_iter().map(|(.., copy)| copy).collect()
}
