//! KMS: DescribeKey.

use crate::account::Account;
use crate::script::ApiError;
use domain::id::Region;

impl Account {
    /// DescribeKey: the key's KeyState, and whether AWS manages it.
    ///
    /// # Errors
    /// NotFoundException, also for a key of another Region.
    pub fn describe_key(&mut self, region: &Region, arn: &str) -> Result<(String, bool), ApiError> {
        self.enter("kms:DescribeKey", region, arn)?;
        let here = arn.split(':').nth(3) == Some(region.as_str());
        let state = self.keys.get(arn).filter(|_| here).cloned();
        let missing =
            || ApiError::new(400, "NotFoundException", format!("Key '{arn}' does not exist"));
        Ok((state.ok_or_else(missing)?, self.managed_keys.contains(arn)))
    }
}
