//! From what SNS sends to what a chat gets: texts, the webhook on loopback, the secret on the model, the setup.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a wrong fixture may stop the run"
)]

mod posts;
mod setup;
mod stage;
mod texts;
