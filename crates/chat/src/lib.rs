//! Lambda: tells in chat what the topic is told. A function of its own, since a chat that fails must hold up
//! nothing else.
//!
//! Start reading at [`handler`]: from what SNS brings ([`event`]) to the text ([`text`]) that is posted
//! ([`cloud::webhook`]) to the URL that a secret holds ([`secret`]).

pub mod config;
pub mod event;
pub mod handler;
pub mod secret;
pub mod serve;
pub mod text;
