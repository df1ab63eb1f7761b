//! From TOML text to a [`Policy`], or to all of its problems.

use super::backed::Protected;
use super::backup::{self, Usual};
use super::bucket::{self, Bucket};
use super::form;
use super::host::{self, Host};
use super::kind::{Kind, read_kind};
use super::reader::{BadPolicy, Problem, Reader};
use super::sections;
use super::{Asset, FLOOR, Keep, Manual, Policy, Rule, TakenBy};
use crate::id::{AssetId, Family, Region};
use jiff::SignedDuration;
use jiff::civil::Time;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use toml::{Table, Value};

const ROOT: [&str; 14] = [
    "version", "system", "home", "dr", "zone", "language", "notify", "sweep", "discover", "budget",
    "watchdog", "backup", "defaults", "asset",
];
const DEFAULTS: [&str; 14] = [
    "take",
    "manual",
    "at",
    "taken_by",
    "landed_by",
    "manual_within",
    "since",
    "catch_up",
    "rpo",
    "keep",
    "dr_key",
    "home_key",
    "dr_subnet_group",
    "dr_pitr",
];

/// Reads a policy.
///
/// # Errors
/// Every problem of the text at once; a text that is not TOML has just that problem.
pub fn parse(text: &str) -> Result<Policy, BadPolicy> {
    let root: Table = text.parse().map_err(|error| not_toml(&error))?;
    let mut problems = Vec::new();
    let policy = read_root(&root, text, &mut problems);
    policy.filter(|_| problems.is_empty()).ok_or(BadPolicy(problems))
}

fn not_toml(error: &toml::de::Error) -> BadPolicy {
    BadPolicy(vec![Problem {
        path: "policy.toml".to_owned(),
        found: format!("not TOML: {}", error.to_string().trim()),
        allowed: "TOML 1.0, see policy/policy.toml".to_owned(),
        example: "version = 1".to_owned(),
    }])
}

/// The two Regions, as far as they could be read.
#[derive(Clone, Copy)]
pub(super) struct Regions<'a> {
    pub(super) home: Option<&'a str>,
    dr: Option<&'a str>,
}

fn read_root(root: &Table, text: &str, problems: &mut Vec<Problem>) -> Option<Policy> {
    let mut reader = Reader::new("", root, None, problems);
    reader.only(&ROOT);
    reader.need("version", &form::VERSION);
    let system = reader.need("system", &form::SYSTEM);
    let home = reader.need("home", &form::REGION);
    let dr = reader.need("dr", &form::DR_REGION);
    if home.is_some() && home == dr {
        reader.conflict("dr", "another Region than `home`", "dr = \"us-west-2\"");
    }
    let zone = reader.need("zone", &form::ZONE);
    let language = reader.need("language", &form::LANGUAGE);
    let notify = sections::notify(section(root, "notify", problems), problems);
    let orphans = sections::sweep(section(root, "sweep", problems), problems);
    let discover = sections::discover(section(root, "discover", problems), problems);
    let budget = sections::budget(section(root, "budget", problems), problems);
    let watchdog = match root.contains_key("watchdog") {
        true => sections::watchdog(section(root, "watchdog", problems), problems).map(Some),
        false => Some(None),
    };
    let regions = Regions { home: home.as_deref(), dr: dr.as_deref() };
    let Wanted { assets, buckets, hosts } = read_assets(root, regions, problems);
    let (zone, zone_name) = zone?;
    Some(Policy {
        system: system?,
        home: Region::new(home?),
        dr: Region::new(dr?),
        zone,
        zone_name,
        language: language?,
        notify: notify?,
        orphans: orphans?,
        discover: discover?,
        budget: budget?,
        watchdog: watchdog?,
        index: assets.iter().enumerate().map(|(at, asset)| (asset.id.clone(), at)).collect(),
        assets,
        buckets,
        hosts,
        rules: Vec::new(),
        hash: hash(text),
    })
}

/// What is protected, by how it is.
#[derive(Default)]
struct Wanted {
    assets: Vec<Asset>,
    buckets: Vec<Bucket>,
    hosts: Vec<Host>,
}

fn read_assets(root: &Table, regions: Regions<'_>, problems: &mut Vec<Problem>) -> Wanted {
    let defaults = section(root, "defaults", problems);
    Reader::new("defaults", &defaults, None, problems).only(&DEFAULTS);
    let usual = backup::usual(&section(root, "backup", problems), problems);
    let for_backup = backup::defaults(&defaults);
    let none = Table::new();
    let tables = asset_tables(root, problems);
    let mut seen = BTreeSet::new();
    let mut wanted = Wanted::default();
    for (n, table) in tables.iter().enumerate() {
        let path = format!("asset[{n}]");
        let kind = read_kind(&mut Reader::new(&path, table, None, problems), table);
        let fallback = match kind {
            Some(Kind::Rds(_)) => &defaults,
            Some(Kind::Bucket | Kind::Host) => &none,
            Some(Kind::FileSystem | Kind::Resource) | None => &for_backup,
        };
        let mut reader = Reader::new(path, table, Some(fallback), problems);
        let read = match kind {
            Some(Kind::Bucket) => bucket::bucket(&mut reader).map(|bucket| {
                wanted.buckets.push(bucket.clone());
                bucket.id
            }),
            Some(Kind::Host) => host::host(&mut reader, regions.home).map(|host| {
                wanted.hosts.push(host.clone());
                host.id
            }),
            kind => {
                let read = |kind| read_asset(&mut reader, table, kind, regions, &usual);
                kind.and_then(read).map(|asset| {
                    wanted.assets.push(asset.clone());
                    asset.id
                })
            }
        };
        if read.is_some_and(|id| !seen.insert(id)) {
            reader.conflict(
                "id",
                "an id that no other asset has, of whatever kind: the journal is sorted by it",
                "id = \"another\"",
            );
        }
    }
    drop_repeats(problems);
    wanted
}

fn read_asset(
    reader: &mut Reader<'_>,
    table: &Table,
    kind: Kind,
    regions: Regions<'_>,
    usual: &Usual,
) -> Option<Asset> {
    match kind {
        Kind::Rds(family) => read_database(reader, table, family, regions),
        Kind::FileSystem => backup::file_system(reader, usual),
        Kind::Resource => backup::resource(reader, usual, regions),
        Kind::Bucket | Kind::Host => None,
    }
}

fn read_database(
    reader: &mut Reader<'_>,
    table: &Table,
    family: Family,
    regions: Regions<'_>,
) -> Option<Asset> {
    let known: Vec<&str> = ["kind", "id"].into_iter().chain(DEFAULTS).collect();
    reader.only(&known);
    let id = reader.need("id", &form::DATABASE_ID);
    let take = reader.or("take", &form::TAKE, TakenBy::Window);
    let manual = reader.or("manual", &form::MANUAL, Manual::Tagged);
    let times = read_times(reader);
    let four_hours = SignedDuration::from_hours(4);
    let manual_within = reader.or("manual_within", &form::DURATION, four_hours);
    let since = reader.need("since", &form::SINCE);
    let catch_up = reader.or("catch_up", &form::DAYS, 2);
    judged_in_time(reader, manual_within, catch_up);
    let rpo = reader.or("rpo", &form::DURATION, SignedDuration::from_hours(24));
    let keep = reader.or("keep", &form::KEEP, Keep { rule: Rule::Days(30), floor: FLOOR });
    kept_while_copied(reader, keep, catch_up);
    let dr_key = reader.need("dr_key", &form::KEY_ARN);
    key_stands_in(reader, "dr", dr_key.as_deref(), regions.dr);
    let home_key = reader.maybe("home_key", &form::HOME_KEY_ARN);
    key_stands_in(reader, "home", home_key.as_ref().and_then(Option::as_deref), regions.home);
    let dr_subnet_group = reader.maybe("dr_subnet_group", &form::GROUP);
    let dr_pitr = read_pitr(reader, table, family);
    let [at, taken_by, landed_by] = times?;
    Some(Asset {
        what: Protected::Rds(family),
        id: AssetId::new(id?),
        take: take?,
        manual: manual?,
        at,
        taken_by,
        landed_by,
        manual_within: manual_within?,
        since: since?,
        catch_up: catch_up?,
        rpo: rpo?,
        keep: keep?,
        dr_key: dr_key?,
        home_key: home_key?,
        dr_subnet_group: dr_subnet_group?,
        dr_pitr: dr_pitr?,
    })
}

/// The three times of a night, in order and on one day, so that a point's day is never in doubt.
fn read_times(reader: &mut Reader<'_>) -> Option<[Time; 3]> {
    let at = reader.or("at", &form::CLOCK, Time::constant(3, 0, 0, 0));
    let taken_by = reader.or("taken_by", &form::CLOCK, Time::constant(5, 0, 0, 0));
    let landed_by = reader.or("landed_by", &form::CLOCK, Time::constant(7, 30, 0, 0));
    let (at, taken_by, landed_by) = (at?, taken_by?, landed_by?);
    if taken_by <= at {
        reader.conflict("taken_by", "later than `at`, on the same day", "taken_by = \"05:00\"");
    }
    if landed_by <= taken_by {
        let allowed = "later than `taken_by`, on the same day";
        reader.conflict("landed_by", allowed, "landed_by = \"07:30\"");
    }
    Some([at, taken_by, landed_by])
}

/// A manual point is judged for `catch_up` days: a later deadline would never be seen to pass.
pub(super) fn judged_in_time(
    reader: &mut Reader<'_>,
    within: Option<SignedDuration>,
    days: Option<i32>,
) {
    let (Some(within), Some(days)) = (within, days) else { return };
    if within > SignedDuration::from_hours(24 * i64::from(days)) {
        let allowed = "at most `catch_up`, which is as long as a manual point is judged";
        reader.conflict("manual_within", allowed, "manual_within = \"4 h\"");
    }
}

/// A copy that may be deleted while its point is still copied would be copied again.
fn kept_while_copied(reader: &mut Reader<'_>, keep: Option<Keep>, catch_up: Option<i32>) {
    let (Some(keep), Some(catch_up)) = (keep, catch_up) else { return };
    if keep.days() <= catch_up {
        let allowed = "`days` or `daily` longer than `catch_up`, or a deleted copy is copied again";
        reader.conflict("keep", allowed, "keep = { days = 30, floor = 3 }");
    }
}

/// RDS replicates the automated backups of instances only (RDS User Guide, Replicating automated backups
/// to another AWS Region); a default of all assets is meant for those.
fn read_pitr(
    reader: &mut Reader<'_>,
    table: &Table,
    family: Family,
) -> Option<Option<SignedDuration>> {
    if family == Family::Instance {
        return reader.maybe("dr_pitr", &form::PITR);
    }
    if table.contains_key("dr_pitr") {
        let allowed =
            "set on an \"rds-instance\" only: RDS replicates no cluster's automated backups";
        reader.conflict("dr_pitr", allowed, "remove it from this asset");
    }
    Some(None)
}

fn key_stands_in(reader: &mut Reader<'_>, side: &str, key: Option<&str>, region: Option<&str>) {
    let (Some(key), Some(region)) = (key, region) else { return };
    if key.split(':').nth(3) != Some(region) {
        let field = format!("{side}_key");
        let allowed = format!(
            "a key in the {side} Region (`{region}`): keys of other Regions cannot be used"
        );
        let example = format!("{field} = \"arn:aws:kms:{region}:123456789012:key/..\"");
        reader.conflict(&field, &allowed, &example);
    }
}

fn section(root: &Table, key: &str, problems: &mut Vec<Problem>) -> Table {
    match root.get(key) {
        None => Table::new(),
        Some(Value::Table(table)) => table.clone(),
        Some(_) => {
            let allowed = format!("a table, `[{key}]`");
            let example = format!("[{key}]");
            Reader::new("", root, None, problems).conflict(key, &allowed, &example);
            Table::new()
        }
    }
}

fn asset_tables(root: &Table, problems: &mut Vec<Problem>) -> Vec<Table> {
    let list = root.get("asset").and_then(Value::as_array);
    let tables: Option<Vec<Table>> =
        list.map(|list| list.iter().filter_map(|one| one.as_table().cloned()).collect());
    match tables {
        Some(tables) if !tables.is_empty() => tables,
        _ => {
            let allowed = "at least one `[[asset]]`";
            let example = "[[asset]] with kind = \"rds-instance\" and id = \"kaigo-subsys-prod\"";
            Reader::new("", root, None, problems).conflict("asset", allowed, example);
            Vec::new()
        }
    }
}

/// A bad default is met once per asset but is one problem.
fn drop_repeats(problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    problems.retain(|problem| {
        !problem.path.starts_with("defaults.")
            || seen.insert((problem.path.clone(), problem.allowed.clone()))
    });
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
