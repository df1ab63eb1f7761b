//! What is looked at once a day, for the report.

use super::{Database, Read, Tally, Topic};
use crate::report::Past;
use std::collections::BTreeMap;

/// What only the round that reports a day looks at.
#[derive(Clone, Debug)]
pub struct Daily {
    /// Both topics: who listens.
    pub topics: Vec<Read<Topic>>,
    /// The last report before this one, if there is one.
    pub before: Read<Option<Past>>,
    /// Databases of home that no asset names and that the policy wants to hear of; one read per
    /// family.
    pub strangers: Vec<Read<Vec<Database>>>,
    /// Points with our tags, in dr, of assets that are in no policy, by the tag's word.
    pub strays: BTreeMap<String, Tally>,
}
