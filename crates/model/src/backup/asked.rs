//! StartCopyJob.

use super::Request;
use crate::account::Account;
use crate::script::ApiError;
use domain::id::Region;

/// What StartCopyJob is asked for.
#[derive(Clone, Debug, Default)]
pub struct PointCopyRequest {
    /// RecoveryPointArn.
    pub point: String,
    /// SourceBackupVaultName.
    pub from: String,
    /// DestinationBackupVaultArn.
    pub into: String,
    /// IamRoleArn.
    pub role: String,
    /// IdempotencyToken.
    pub token: String,
}

impl Account {
    /// StartCopyJob: the job's id. The same token again changes nothing.
    ///
    /// # Errors
    /// A vault or a point that is not there, a continuous point, a role that AWS Backup does not take.
    pub fn start_copy_job(
        &mut self,
        region: &Region,
        asked: PointCopyRequest,
    ) -> Result<String, ApiError> {
        self.enter("backup:StartCopyJob", region, &asked.point)?;
        if let Some(n) = self.backups.requests.iter().position(|one| one.token == asked.token) {
            return Ok(self.job_of_request(n));
        }
        self.vault(region, &asked.from)?;
        let name = asked.role.rsplit('/').next().unwrap_or_default();
        if !name.contains("AwsBackup") && !name.contains("AWSBackup") {
            let message = format!("Invalid role: {}", asked.role);
            return Err(ApiError::new(400, "InvalidParameterValueException", message));
        }
        let (point, resource, of) = self.point_in(region, &asked)?;
        let fails = self.backups.copies_fail;
        let PointCopyRequest { into, role, token, .. } = asked;
        let created = self.now;
        let request = Request { token, point, of, resource, into, role, created, fails };
        self.backups.requests.push(request);
        Ok(self.job_of_request(self.backups.requests.len() - 1))
    }

    fn point_in(
        &self,
        region: &Region,
        asked: &PointCopyRequest,
    ) -> Result<(String, String, jiff::Timestamp), ApiError> {
        let place = (region.clone(), asked.from.clone());
        let plans = self.backups.plans.iter().enumerate().filter(|(_, plan)| plan.vault == place);
        let sights = plans.flat_map(|(number, _)| self.scene(number).sights());
        let found = sights.filter_map(|sight| sight.point).find(|point| point.arn == asked.point);
        let message = || format!("Recovery point {} does not exist", asked.point);
        match found {
            Some(point) if point.state == "COMPLETED" => {
                Ok((point.arn, point.resource, point.created))
            }
            Some(point) => {
                let message = format!("Recovery point is {} and cannot be copied", point.state);
                Err(ApiError::new(400, "InvalidRequestException", message))
            }
            None => Err(ApiError::new(400, "ResourceNotFoundException", message())),
        }
    }

    fn job_of_request(&self, n: usize) -> String {
        let request = &self.backups.requests[n];
        let mut plans = self.backups.plans.iter();
        let number = plans.position(|plan| plan.resource == request.resource).unwrap_or_default();
        self.scene(number).id("d", super::queue::Work::Asked(n))
    }
}
