//! RDS: the operations, from form to model and back.

mod shapes;

use super::query::{self, Form};
use super::{Call, not_modelled};
use domain::seen::{Point, State};
use http::Response;
use model::{Account, ApiError, CopyRequest, SnapshotQuery};
use shapes::{Attributes, Instances, OneSnapshot, Snapshots};
use std::collections::BTreeMap;

type Reply = Result<Response<Vec<u8>>, ApiError>;

pub(super) fn answer(account: &mut Account, call: &Call<'_>) -> Reply {
    let form = Form::parse(call.request.body());
    match form.action() {
        "DescribeDBInstances" => describe_instances(account, call, &form),
        "DescribeDBSnapshots" => describe_snapshots(account, call, &form),
        "CreateDBSnapshot" => create(account, call, &form),
        "CopyDBSnapshot" => copy(account, call, &form),
        "DeleteDBSnapshot" => delete(account, call, &form),
        "DescribeAccountAttributes" => attributes(account, call, &form),
        _ => Err(query::unknown_action(&form)),
    }
}

fn describe_instances(account: &mut Account, call: &Call<'_>, form: &Form) -> Reply {
    form.only(&["DBInstanceIdentifier", "Marker", "MaxRecords"])?;
    let (id, marker, max) =
        (form.get("DBInstanceIdentifier"), form.get("Marker"), max_records(form)?);
    let page = account.describe_db_instances(&call.region, id, marker, max)?;
    let shown = Instances::of(&page, &call.region, &account.id);
    Ok(query::success(call, form, shown))
}

fn describe_snapshots(account: &mut Account, call: &Call<'_>, form: &Form) -> Reply {
    const NAME: &str = "DBSnapshotIdentifier";
    form.only(&[NAME, "DBInstanceIdentifier", "SnapshotType", "Marker", "MaxRecords"])?;
    let asked = SnapshotQuery {
        name: form.owned(NAME),
        instance: form.owned("DBInstanceIdentifier"),
        kind: form.owned("SnapshotType"),
        marker: form.owned("Marker"),
        max: max_records(form)?,
    };
    let page = account.describe_db_snapshots(&call.region, &asked)?;
    Ok(query::success(call, form, Snapshots::of(&page)))
}

fn create(account: &mut Account, call: &Call<'_>, form: &Form) -> Reply {
    form.only(&["DBSnapshotIdentifier", "DBInstanceIdentifier", "Tags"])?;
    let (name, instance) = (form.need("DBSnapshotIdentifier")?, form.need("DBInstanceIdentifier")?);
    let point = account.create_db_snapshot(&call.region, instance, name, tags(form))?;
    Ok(query::success(call, form, OneSnapshot::of(&point)))
}

fn copy(account: &mut Account, call: &Call<'_>, form: &Form) -> Reply {
    const SOURCE: &str = "SourceDBSnapshotIdentifier";
    const TARGET: &str = "TargetDBSnapshotIdentifier";
    form.only(&[SOURCE, TARGET, "KmsKeyId", "Tags", "CopyTags", "PreSignedUrl"])?;
    if form.get("CopyTags") == Some("true") {
        return Err(not_modelled("CopyTags"));
    }
    let request = CopyRequest {
        source: form.need(SOURCE)?.to_owned(),
        target: form.need(TARGET)?.to_owned(),
        key: form.owned("KmsKeyId"),
        tags: tags(form),
    };
    let point = account.copy_db_snapshot(&call.region, request)?;
    Ok(query::success(call, form, OneSnapshot::of(&point)))
}

fn delete(account: &mut Account, call: &Call<'_>, form: &Form) -> Reply {
    form.only(&["DBSnapshotIdentifier"])?;
    let gone = account.delete_db_snapshot(&call.region, form.need("DBSnapshotIdentifier")?)?;
    // RDS shows the dead one last time, under a word of its own.
    let gone = Point { state: State::Other("deleted".to_owned()), ..gone };
    Ok(query::success(call, form, OneSnapshot::of(&gone)))
}

fn attributes(account: &mut Account, call: &Call<'_>, form: &Form) -> Reply {
    form.only(&[])?;
    let (used, max) = account.describe_account_attributes(&call.region)?;
    Ok(query::success(call, form, Attributes::manual_snapshots(used, max)))
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
