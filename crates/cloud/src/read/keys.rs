//! KMS keys: those that databases are under, in home, and those of copies, in dr.

use crate::config::Side;
use crate::fault;
use crate::session::Session;
use aws_sdk_kms::types::KeyManagerType;
use domain::fault::FaultKind;
use domain::seen::{Key, KeyState, Read};
use std::collections::{BTreeMap, BTreeSet};

impl Session<'_> {
    /// Keys by ARN, each asked for once in the Region of its side.
    pub(super) async fn keys(
        &self,
        side: Side,
        arns: impl Iterator<Item = &String>,
    ) -> BTreeMap<String, Read<Key>> {
        let arns: BTreeSet<&String> = arns.collect();
        let mut keys = BTreeMap::new();
        for arn in arns {
            keys.insert(arn.clone(), Box::pin(self.key(side, arn)).await);
        }
        keys
    }

    async fn key(&self, side: Side, arn: &str) -> Read<Key> {
        let (kms, region) = match side {
            Side::Home => (&self.aws.home.kms, self.home()),
            Side::Dr => (&self.aws.dr.kms, self.dr()),
        };
        let call = kms.describe_key().key_id(arn).send();
        match self.call("kms:DescribeKey", region, call).await {
            Ok(answer) => {
                let key = answer.key_metadata();
                let by_aws = key.and_then(|key| key.key_manager()) == Some(&KeyManagerType::Aws);
                match key.and_then(|key| key.key_state()) {
                    Some(state) => {
                        Read::Known(Key { state: KeyState::parse(state.as_str()), by_aws })
                    }
                    None => Read::Unknown(fault::unlike("kms:DescribeKey", region, arn)),
                }
            }
            Err(fault) if fault.kind == FaultKind::Missing => Read::Known(Key::missing()),
            Err(fault) => Read::Unknown(fault),
        }
    }
}
