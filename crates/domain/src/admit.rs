//! Who goes first when not everything may go at once.

use crate::step::Copy;

/// Orders copies so that the oldest data goes first: nobody starves, because waiting only makes a
/// want older. How many are let in is not known here but learnt from dr's refusal, in the round.
pub fn admit(mut wants: Vec<Copy>) -> Vec<Copy> {
    wants.sort_by(|a, b| (a.created, &a.target).cmp(&(b.created, &b.target)));
    wants
}
