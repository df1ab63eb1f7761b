//! The SDK clients: plain, two Regions, built once per process.

use crate::config::Config;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::timeout::TimeoutConfig;
use std::time::Duration;

/// One attempt, and one operation with its retries.
const ATTEMPT: Duration = Duration::from_secs(8);
const OPERATION: Duration = Duration::from_secs(20);

/// Everything a process keeps between invocations.
#[derive(Debug)]
pub struct Aws {
    pub(crate) config: Config,
    pub(crate) home: Home,
    pub(crate) dr: Dr,
    /// What clients of home and of dr start from.
    pub(crate) regions: [SdkConfig; 2],
}

/// Clients of home.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) backup: aws_sdk_backup::Client,
    pub(crate) rds: aws_sdk_rds::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) tagging: aws_sdk_resourcegroupstagging::Client,
}

/// Clients of dr.
#[derive(Debug)]
pub(crate) struct Dr {
    pub(crate) backup: aws_sdk_backup::Client,
    pub(crate) rds: aws_sdk_rds::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sns: aws_sdk_sns::Client,
}

impl Aws {
    /// Builds the clients for the process's own credentials.
    pub async fn new(config: Config) -> Self {
        let sdk = loader(https()).load().await;
        Self::with(config, &sdk)
    }

    /// Builds the clients on a given configuration; tests bring their own HTTP client and
    /// credentials.
    pub fn with(config: Config, sdk: &SdkConfig) -> Self {
        let region = |name: &domain::id::Region| Region::new(name.as_str().to_owned());
        let (home, dr) = (region(&config.policy.home), region(&config.policy.dr));
        let in_home = sdk.to_builder().region(home).build();
        let in_dr = sdk.to_builder().region(dr).build();
        let s3 = |sdk| {
            let s3 = aws_sdk_s3::config::Builder::from(sdk).force_path_style(config.elsewhere);
            aws_sdk_s3::Client::from_conf(s3.build())
        };
        Self {
            home: Home {
                backup: aws_sdk_backup::Client::new(&in_home),
                rds: aws_sdk_rds::Client::new(&in_home),
                kms: aws_sdk_kms::Client::new(&in_home),
                s3: s3(&in_home),
                sns: aws_sdk_sns::Client::new(&in_home),
                tagging: aws_sdk_resourcegroupstagging::Client::new(&in_home),
            },
            dr: Dr {
                backup: aws_sdk_backup::Client::new(&in_dr),
                rds: aws_sdk_rds::Client::new(&in_dr),
                kms: aws_sdk_kms::Client::new(&in_dr),
                s3: s3(&in_dr),
                sns: aws_sdk_sns::Client::new(&in_dr),
            },
            regions: [in_home, in_dr],
            config,
        }
    }

    /// The setup.
    pub fn config(&self) -> &Config {
        &self.config
    }
}

/// The SDK's HTTP, over the one TLS stack that is linked in.
pub fn https() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// The configuration that every client starts from.
pub fn loader(http: SharedHttpClient) -> aws_config::ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts)
}
