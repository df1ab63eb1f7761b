//! HTTP to what is not AWS: a chat's webhook, the watchdog outside. Their URLs are as good as keys, so no
//! reason shows one.

use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::result::ConnectorError;
use std::error::Error;

/// The SDK's HTTP, over the one TLS stack that is linked in; it follows no redirection. Each request has a
/// connection of its own: one that was kept while Lambda had the process frozen is dead more often than not.
pub fn connector() -> SharedHttpConnector {
    let builder = aws_smithy_http_client::Connector::builder().pool_max_idle_per_host(0);
    SharedHttpConnector::new(builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build())
}

/// The innermost reason, such as that a name was not found; not one that shows the URL.
pub fn reason(error: &ConnectorError, url: &str) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string().replace(url, "..")
}
