//! The one thing that sweep's role alone may do.

use crate::session::Session;
use domain::fault::{Fault, FaultKind};
use domain::id::Family;
use domain::step::{Delete, Outcome};

impl Session<'_> {
    /// DeleteDBSnapshot or DeleteDBClusterSnapshot, of what is looked at once more: minutes may have
    /// passed since the plan, and a name is all that RDS asks for.
    pub(crate) async fn delete(&self, delete: &Delete) -> Outcome {
        match self.point_named(&delete.region, delete.family, &delete.name).await {
            Ok(Some(found)) if delete.is(&found) => {}
            Ok(Some(_)) => return Outcome::Deferred(delete.changed()),
            Ok(None) => return Outcome::Already,
            Err(fault) if fault.kind == FaultKind::Missing => return Outcome::Already,
            Err(fault) => return Outcome::refused(fault),
        }
        let deleted = match delete.family {
            Family::Instance => Box::pin(self.delete_of_instance(delete)).await,
            Family::Cluster => Box::pin(self.delete_of_cluster(delete)).await,
        };
        match deleted {
            Ok(()) => Outcome::Done,
            Err(fault) if fault.kind == FaultKind::Missing => Outcome::Already,
            Err(fault) => Outcome::refused(fault),
        }
    }

    async fn delete_of_instance(&self, delete: &Delete) -> Result<(), Fault> {
        let Some(rds) = self.rds_of(&delete.region) else { return Ok(()) };
        let call = rds.delete_db_snapshot().db_snapshot_identifier(delete.name.as_str()).send();
        self.call("rds:DeleteDBSnapshot", &delete.region, call).await.map(drop)
    }

    async fn delete_of_cluster(&self, delete: &Delete) -> Result<(), Fault> {
        let Some(rds) = self.rds_of(&delete.region) else { return Ok(()) };
        let name = delete.name.as_str();
        let call = rds.delete_db_cluster_snapshot().db_cluster_snapshot_identifier(name).send();
        self.call("rds:DeleteDBClusterSnapshot", &delete.region, call).await.map(drop)
    }
}
