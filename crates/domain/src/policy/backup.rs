//! Reads what concerns AWS Backup: `[backup]`, and assets of kind `efs` and `backup`.

use super::backed::{Backed, LockMode, Protected, Resource};
use super::form;
use super::parse::{Regions, judged_in_time};
use super::reader::{Problem, Reader};
use super::{Asset, FLOOR, Keep, Manual, Rule, TakenBy};
use crate::id::AssetId;
use jiff::SignedDuration;
use jiff::civil::Time;
use toml::Table;

const KEYS: [&str; 7] = ["vault", "dr_vault", "role", "at", "started_by", "taken_by", "landed_by"];

/// What `[defaults]` says of these assets, too; its times and keys are RDS's.
const OF_DEFAULTS: [&str; 4] = ["since", "catch_up", "manual_within", "rpo"];

/// What `[backup]` says of all of them.
#[derive(Clone, Debug)]
pub(super) struct Usual {
    vault: String,
    dr_vault: String,
    role: Option<String>,
    lock: LockMode,
    times: [Time; 4],
}

/// The plan of template-vault.yaml: jobs at 04:00 that begin within the hour, most done by 07:00.
const TIMES: [Time; 4] = [
    Time::constant(4, 0, 0, 0),
    Time::constant(5, 15, 0, 0),
    Time::constant(7, 0, 0, 0),
    Time::constant(10, 0, 0, 0),
];

impl Default for Usual {
    fn default() -> Self {
        let (vault, dr_vault) = ("sonae".to_owned(), "sonae-dr".to_owned());
        Self { vault, dr_vault, role: None, lock: LockMode::Off, times: TIMES }
    }
}

/// Reads `[backup]`.
pub(super) fn usual(table: &Table, problems: &mut Vec<Problem>) -> Usual {
    let mut reader = Reader::new("backup", table, None, problems);
    let known: Vec<&str> = KEYS.into_iter().chain(["lock"]).collect();
    reader.only(&known);
    let lock = reader.or("lock", &form::LOCK, LockMode::Off);
    let usual = Usual { lock: lock.unwrap_or(LockMode::Off), ..Usual::default() };
    let read = where_and_when(&mut reader, &usual);
    read.unwrap_or(usual)
}

fn where_and_when(reader: &mut Reader<'_>, usual: &Usual) -> Option<Usual> {
    let vault = reader.or("vault", &form::VAULT, usual.vault.clone());
    let dr_vault = reader.or("dr_vault", &form::VAULT, usual.dr_vault.clone());
    let role = reader.maybe("role", &form::BACKUP_ROLE);
    let times = times(reader, usual.times);
    let role = role?.or_else(|| usual.role.clone());
    Some(Usual { vault: vault?, dr_vault: dr_vault?, role, lock: usual.lock, times: times? })
}

/// The four times of a night, in order and on one day.
fn times(reader: &mut Reader<'_>, usual: [Time; 4]) -> Option<[Time; 4]> {
    let [at, started_by, taken_by, landed_by] = usual;
    let at = reader.or("at", &form::CLOCK, at);
    let started_by = reader.or("started_by", &form::CLOCK, started_by);
    let taken_by = reader.or("taken_by", &form::CLOCK, taken_by);
    let landed_by = reader.or("landed_by", &form::CLOCK, landed_by);
    let (at, started_by, taken_by, landed_by) = (at?, started_by?, taken_by?, landed_by?);
    let mut ordered = |early: Time, late: Time, key: &str, allowed: &str, example: &str| {
        if late <= early {
            reader.conflict(key, allowed, example);
        }
    };
    let [after_at, after_start, after_taking] =
        ["at", "started_by", "taken_by"].map(|key| format!("later than `{key}`, on the same day"));
    ordered(at, started_by, "started_by", &after_at, "started_by = \"05:15\"");
    ordered(started_by, taken_by, "taken_by", &after_start, "taken_by = \"07:00\"");
    ordered(taken_by, landed_by, "landed_by", &after_taking, "landed_by = \"10:00\"");
    Some([at, started_by, taken_by, landed_by])
}

/// What an asset of these kinds falls back on.
pub(super) fn defaults(all: &Table) -> Table {
    let ours = all.iter().filter(|(key, _)| OF_DEFAULTS.contains(&key.as_str()));
    ours.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Reads a file system.
pub(super) fn file_system(reader: &mut Reader<'_>, usual: &Usual) -> Option<Asset> {
    only(reader, &["kind", "id"]);
    let id = reader.need("id", &form::FILE_SYSTEM);
    let rest = asset(reader, usual);
    let id = id?;
    rest?.of(&id, Resource::FileSystem(id.clone()))
}

/// Reads any other resource, or a tag that stands for many.
pub(super) fn resource(
    reader: &mut Reader<'_>,
    usual: &Usual,
    regions: Regions<'_>,
) -> Option<Asset> {
    only(reader, &["kind", "id", "arn", "tag"]);
    let id = reader.need("id", &form::NAME);
    let tag = reader.maybe("tag", &form::BY_TAG);
    let resource = match tag {
        Some(None) => arn(reader, regions).map(Resource::Arn),
        Some(Some((key, value))) => {
            if reader.maybe("arn", &form::RESOURCE_ARN) != Some(None) {
                reader.conflict(
                    "arn",
                    "left out where there is a `tag`",
                    "tag = \"sonae:backup=yes\"",
                );
            }
            Some(Resource::Tagged(key, value))
        }
        None => None,
    };
    let rest = asset(reader, usual);
    let (id, resource) = (id?, resource?);
    rest?.of(&id, resource)
}

fn arn(reader: &mut Reader<'_>, regions: Regions<'_>) -> Option<String> {
    let arn = reader.need("arn", &form::RESOURCE_ARN);
    let fits = arn.as_deref().is_none_or(|arn| is_ours(reader, arn, regions));
    arn.filter(|_| fits)
}

fn only(reader: &mut Reader<'_>, own: &[&'static str]) {
    let known: Vec<&str> = own.iter().copied().chain(OF_DEFAULTS).chain(KEYS).collect();
    reader.only(&known);
}

/// A resource stands in home, and is no database that Sonae copies itself, which proves more.
fn is_ours(reader: &mut Reader<'_>, arn: &str, regions: Regions<'_>) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let (service, region, name) = match parts.as_slice() {
        [_, _, service, region, _, name] => (*service, *region, *name),
        _ => return false,
    };
    if service == "rds" && (name.starts_with("db:") || name.starts_with("cluster:")) {
        let allowed = "no RDS database: kind \"rds-instance\" or \"rds-cluster\" copies that and \
                       proves more";
        reader.conflict("arn", allowed, "kind = \"rds-instance\"");
        return false;
    }
    // Some ARNs name no Region, such as a bucket's.
    let elsewhere = regions.home.is_some_and(|home| !region.is_empty() && region != home);
    if elsewhere {
        let allowed = format!("in the home Region (`{}`)", regions.home.unwrap_or_default());
        let example = "arn = \"arn:aws:dynamodb:us-east-1:123456789012:table/orders\"";
        reader.conflict("arn", &allowed, example);
    }
    !elsewhere
}

/// What all of these assets have.
struct Rest {
    usual: Usual,
    since: jiff::civil::Date,
    catch_up: i32,
    manual_within: SignedDuration,
    rpo: SignedDuration,
}

fn asset(reader: &mut Reader<'_>, usual: &Usual) -> Option<Rest> {
    let usual = where_and_when(reader, usual);
    let since = reader.need("since", &form::SINCE);
    let catch_up = reader.or("catch_up", &form::DAYS, 2);
    let manual_within = reader.or("manual_within", &form::DURATION, SignedDuration::from_hours(4));
    judged_in_time(reader, manual_within, catch_up);
    let rpo = reader.or("rpo", &form::DURATION, SignedDuration::from_hours(24));
    Some(Rest {
        usual: usual?,
        since: since?,
        catch_up: catch_up?,
        manual_within: manual_within?,
        rpo: rpo?,
    })
}

impl Rest {
    fn of(self, id: &str, resource: Resource) -> Option<Asset> {
        let Usual { vault, dr_vault, role, lock, times } = self.usual;
        let [at, started_by, taken_by, landed_by] = times;
        Some(Asset {
            what: Protected::Backup(Backed { resource, vault, dr_vault, started_by, lock, role }),
            id: AssetId::new(id),
            take: TakenBy::Window,
            manual: Manual::Never,
            at,
            taken_by,
            landed_by,
            manual_within: self.manual_within,
            since: self.since,
            catch_up: self.catch_up,
            rpo: self.rpo,
            keep: Keep { rule: Rule::Days(30), floor: FLOOR },
            dr_key: String::new(),
            home_key: None,
            dr_subnet_group: None,
            dr_pitr: None,
        })
    }
}
