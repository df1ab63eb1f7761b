//! The model on the wire: AWS's protocols over [`model::Account`], for the real SDK and the real
//! function binaries. Development only.
//!
//! [`wire`] answers one HTTP request from the account. [`connector`] gives it to SDK clients in
//! this process, with a kill switch; [`server`] serves it on loopback. [`runtime`] runs a function
//! binary as Lambda would, with a clock of the caller's; [`rules`] decides which events reach it;
//! [`mod@bench`] measures them beside Python's.

pub mod bench;
pub mod connector;
pub mod demo;
pub mod invoke;
pub mod routes;
pub mod rules;
pub mod runtime;
pub mod server;
pub mod wire;
