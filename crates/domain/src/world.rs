//! Everything the domain may ask of the outside: five verbs, not one per AWS operation.

use crate::episode::NoticeKey;
use crate::fault::Fault;
use crate::notice::Notice;
use crate::seen::{Scope, Seen};
use crate::step::{Action, Outcome};

/// The outside. `cloud::Session` is the real one, `model::Sim` the one that tests and campaigns use.
#[expect(async_fn_in_trait, reason = "only ever used by static dispatch on one thread")]
pub trait World {
    /// Looks. A failed read is `Unknown` inside, never an abort.
    async fn observe(&self, scope: &Scope) -> Seen;

    /// Does one thing.
    async fn act(&self, action: &Action) -> Outcome;

    /// Claims the right to say one notice.
    async fn claim(&self, key: &NoticeKey) -> Claim;

    /// Says it.
    async fn publish(&self, notice: &Notice) -> Result<(), Fault>;

    /// Records that it was said. A failure here costs one repeat, so it is not reported.
    async fn mark(&self, key: &NoticeKey);
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Ours to say.
    Mine,
    /// Another round is saying it right now.
    Held,
    /// It has been said.
    Said,
    /// The journal did not answer: say it unclaimed rather than not at all.
    Unknown(Fault),
}
