//! The real binary, started as Lambda would, in a bad setup: it does not start, and says why.

use std::process::Command;

#[test]
fn a_bad_setup_stops_it_with_every_problem() {
    let run = Command::new(env!("CARGO_BIN_EXE_react"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
        .env("AWS_ENDPOINT_URL_S3", "")
        .output()
        .expect("the binary runs");
    assert!(!run.status.success());
    let said = String::from_utf8_lossy(&run.stdout);
    let names = ["SONAE_POLICY", "SONAE_JOURNAL", "SONAE_TOPIC", "SONAE_DR_TOPIC"];
    for name in names.into_iter().chain(["AWS_ENDPOINT_URL_S3"]) {
        assert!(said.contains(name), "`{name}` is missing in: {said}");
    }
}
