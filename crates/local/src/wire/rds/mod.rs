//! RDS: the operations, from form to model and back. Those on clusters differ in their names only.

mod shapes;

use super::query::{self, Form};
use super::{Call, not_modelled};
use domain::id::Family;
use domain::seen::{GroupKind, Point, State};
use http::Response;
use model::{Account, ApiError, CopyRequest, SnapshotQuery};
use shapes::{
    Attributes, AutomatedBackups, ClusterSnapshots, Clusters, Groups, Instances,
    OneClusterSnapshot, OneSnapshot, Snapshots,
};
use std::collections::BTreeMap;

type Reply = Result<Response<Vec<u8>>, ApiError>;

pub(super) fn answer(account: &mut Account, call: &Call<'_>) -> Reply {
    use Family::{Cluster, Instance};
    use GroupKind::{ClusterParameters, Options, Parameters, Subnets};
    let form = Form::parse(call.request.body());
    match form.action() {
        "DescribeDBInstances" => describe_databases(account, call, &form, Instance),
        "DescribeDBClusters" => describe_databases(account, call, &form, Cluster),
        "DescribeDBSnapshots" => describe_snapshots(account, call, &form, Instance),
        "DescribeDBClusterSnapshots" => describe_snapshots(account, call, &form, Cluster),
        "CreateDBSnapshot" => create(account, call, &form, Instance),
        "CreateDBClusterSnapshot" => create(account, call, &form, Cluster),
        "CopyDBSnapshot" => copy(account, call, &form, Instance),
        "CopyDBClusterSnapshot" => copy(account, call, &form, Cluster),
        "DeleteDBSnapshot" => delete(account, call, &form, Instance),
        "DeleteDBClusterSnapshot" => delete(account, call, &form, Cluster),
        "DescribeDBClusterParameterGroups" => groups(account, call, &form, ClusterParameters),
        "DescribeDBParameterGroups" => groups(account, call, &form, Parameters),
        "DescribeOptionGroups" => groups(account, call, &form, Options),
        "DescribeDBSubnetGroups" => groups(account, call, &form, Subnets),
        "DescribeDBInstanceAutomatedBackups" => automated_backups(account, call, &form),
        "DescribeAccountAttributes" => attributes(account, call, &form),
        _ => Err(query::unknown_action(&form)),
    }
}

/// The names of a family's parameters.
struct Names {
    database: &'static str,
    snapshot: &'static str,
    source: &'static str,
    target: &'static str,
}

impl Names {
    fn of(family: Family) -> Self {
        match family {
            Family::Instance => Self {
                database: "DBInstanceIdentifier",
                snapshot: "DBSnapshotIdentifier",
                source: "SourceDBSnapshotIdentifier",
                target: "TargetDBSnapshotIdentifier",
            },
            Family::Cluster => Self {
                database: "DBClusterIdentifier",
                snapshot: "DBClusterSnapshotIdentifier",
                source: "SourceDBClusterSnapshotIdentifier",
                target: "TargetDBClusterSnapshotIdentifier",
            },
        }
    }
}

fn describe_databases(
    account: &mut Account,
    call: &Call<'_>,
    form: &Form,
    family: Family,
) -> Reply {
    let names = Names::of(family);
    form.only(&[names.database, "Marker", "MaxRecords"])?;
    let (id, marker, max) = (form.get(names.database), form.get("Marker"), max_records(form)?);
    let page = account.describe_databases(&call.region, family, id, marker, max)?;
    let (region, id) = (&call.region, &account.id);
    Ok(match family {
        Family::Instance => query::success(call, form, Instances::of(&page, region, id)),
        Family::Cluster => query::success(call, form, Clusters::of(&page, region, id)),
    })
}

fn describe_snapshots(
    account: &mut Account,
    call: &Call<'_>,
    form: &Form,
    family: Family,
) -> Reply {
    let names = Names::of(family);
    form.only(&[names.snapshot, names.database, "SnapshotType", "Marker", "MaxRecords"])?;
    let asked = SnapshotQuery {
        name: form.owned(names.snapshot),
        database: form.owned(names.database),
        kind: form.owned("SnapshotType"),
        marker: form.owned("Marker"),
        max: max_records(form)?,
    };
    let page = account.describe_snapshots(&call.region, family, &asked)?;
    Ok(match family {
        Family::Instance => query::success(call, form, Snapshots::of(&page)),
        Family::Cluster => query::success(call, form, ClusterSnapshots::of(&page)),
    })
}

fn create(account: &mut Account, call: &Call<'_>, form: &Form, family: Family) -> Reply {
    let names = Names::of(family);
    form.only(&[names.snapshot, names.database, "Tags"])?;
    let (name, database) = (form.need(names.snapshot)?, form.need(names.database)?);
    let point = account.create_snapshot(&call.region, family, database, name, tags(form))?;
    Ok(one(call, form, &point))
}

fn copy(account: &mut Account, call: &Call<'_>, form: &Form, family: Family) -> Reply {
    let names = Names::of(family);
    form.only(&[names.source, names.target, "KmsKeyId", "Tags", "CopyTags", "PreSignedUrl"])?;
    if form.get("CopyTags") == Some("true") {
        return Err(not_modelled("CopyTags"));
    }
    let request = CopyRequest {
        source: form.need(names.source)?.to_owned(),
        target: form.need(names.target)?.to_owned(),
        key: form.owned("KmsKeyId"),
        tags: tags(form),
    };
    let point = account.copy_snapshot(&call.region, family, request)?;
    Ok(one(call, form, &point))
}

fn delete(account: &mut Account, call: &Call<'_>, form: &Form, family: Family) -> Reply {
    let names = Names::of(family);
    form.only(&[names.snapshot])?;
    let gone = account.delete_snapshot(&call.region, family, form.need(names.snapshot)?)?;
    // RDS shows the dead one last time, under a word of its own.
    let gone = Point { state: State::Other("deleted".to_owned()), ..gone };
    Ok(one(call, form, &gone))
}

fn one(call: &Call<'_>, form: &Form, point: &Point) -> Response<Vec<u8>> {
    match point.family {
        Family::Instance => query::success(call, form, OneSnapshot::of(point)),
        Family::Cluster => query::success(call, form, OneClusterSnapshot::of(point)),
    }
}

fn groups(account: &mut Account, call: &Call<'_>, form: &Form, kind: GroupKind) -> Reply {
    form.only(&["Marker", "MaxRecords"])?;
    let (marker, max) = (form.get("Marker"), max_records(form)?);
    let page = account.describe_groups(&call.region, kind, marker, max)?;
    Ok(query::success(call, form, Groups::of(kind, &page)))
}

fn automated_backups(account: &mut Account, call: &Call<'_>, form: &Form) -> Reply {
    form.only(&["Marker", "MaxRecords"])?;
    let (marker, max) = (form.get("Marker"), max_records(form)?);
    let page = account.describe_db_instance_automated_backups(&call.region, marker, max)?;
    Ok(query::success(call, form, AutomatedBackups::of(&page, &call.region)))
}

fn attributes(account: &mut Account, call: &Call<'_>, form: &Form) -> Reply {
    form.only(&[])?;
    let quotas = account.describe_account_attributes(&call.region)?;
    Ok(query::success(call, form, Attributes::of(&quotas)))
}

/// RDS refuses pages of less than 20 or more than 100.
fn max_records(form: &Form) -> Result<Option<usize>, ApiError> {
    let max = form.number("MaxRecords")?;
    match max {
        Some(max) if !(20..=100).contains(&max) => {
            let message = format!("Invalid value {max} for MaxRecords. Must be between 20 and 100");
            Err(ApiError::new(400, "InvalidParameterValue", message))
        }
        max => Ok(max),
    }
}

fn tags(form: &Form) -> BTreeMap<String, String> {
    form.pairs("Tags.Tag", "Key", "Value").into_iter().collect()
}
