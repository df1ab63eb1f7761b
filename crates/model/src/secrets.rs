//! Secrets Manager: GetSecretValue.

use crate::account::Account;
use crate::script::ApiError;
use domain::id::Region;

impl Account {
    /// GetSecretValue: the secret's text.
    ///
    /// # Errors
    /// ResourceNotFoundException, also for a secret of another Region without a replica here.
    pub fn get_secret_value(&mut self, region: &Region, id: &str) -> Result<String, ApiError> {
        self.enter("secretsmanager:GetSecretValue", region, id)?;
        let secret = self.secrets.get(&(region.clone(), id.to_owned())).cloned();
        secret.ok_or_else(|| {
            let message = "Secrets Manager can't find the specified secret.";
            ApiError::new(400, "ResourceNotFoundException", message)
        })
    }
}
