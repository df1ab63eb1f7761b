//! Parameter, option and subnet groups: as lists, and as what a database shows of its own.

use domain::seen::{Database, GroupKind};
use model::Page;
use serde::Serialize;

/// A page of one kind; each has its own words.
#[derive(Serialize)]
pub(in crate::wire::rds) struct Groups<'a> {
    #[serde(rename = "DBClusterParameterGroups", skip_serializing_if = "Option::is_none")]
    cluster_parameters: Option<ClusterParameters<'a>>,
    #[serde(rename = "DBParameterGroups", skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters<'a>>,
    #[serde(rename = "OptionGroupsList", skip_serializing_if = "Option::is_none")]
    options: Option<Options<'a>>,
    #[serde(rename = "DBSubnetGroups", skip_serializing_if = "Option::is_none")]
    subnets: Option<Subnets<'a>>,
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    marker: Option<&'a str>,
}

#[derive(Serialize)]
struct ClusterParameters<'a> {
    #[serde(rename = "DBClusterParameterGroup")]
    items: Vec<ClusterParameterGroup<'a>>,
}

#[derive(Serialize)]
struct ClusterParameterGroup<'a> {
    #[serde(rename = "DBClusterParameterGroupName")]
    name: &'a str,
}

#[derive(Serialize)]
struct Parameters<'a> {
    #[serde(rename = "DBParameterGroup")]
    items: Vec<ParameterGroup<'a>>,
}

#[derive(Serialize)]
struct ParameterGroup<'a> {
    #[serde(rename = "DBParameterGroupName")]
    name: &'a str,
}

#[derive(Serialize)]
struct Options<'a> {
    #[serde(rename = "OptionGroup")]
    items: Vec<OptionGroup<'a>>,
}

#[derive(Serialize)]
struct OptionGroup<'a> {
    #[serde(rename = "OptionGroupName")]
    name: &'a str,
}

#[derive(Serialize)]
struct Subnets<'a> {
    #[serde(rename = "DBSubnetGroup")]
    items: Vec<ItsSubnets<'a>>,
}

/// The parameter groups of an instance.
#[derive(Serialize)]
pub(super) struct ItsParameters<'a> {
    #[serde(rename = "DBParameterGroup")]
    items: Vec<ParameterGroup<'a>>,
}

/// Its option groups.
#[derive(Serialize)]
pub(super) struct ItsOptions<'a> {
    #[serde(rename = "OptionGroupMembership")]
    items: Vec<OptionGroup<'a>>,
}

/// Its subnet group.
#[derive(Serialize)]
pub(super) struct ItsSubnets<'a> {
    #[serde(rename = "DBSubnetGroupName")]
    name: &'a str,
}

impl<'a> Groups<'a> {
    pub(in crate::wire::rds) fn of(kind: GroupKind, page: &'a Page<String>) -> Self {
        let names = || page.items.iter().map(String::as_str);
        let none = Self {
            cluster_parameters: None,
            parameters: None,
            options: None,
            subnets: None,
            marker: page.marker.as_deref(),
        };
        match kind {
            GroupKind::ClusterParameters => {
                let items = names().map(|name| ClusterParameterGroup { name }).collect();
                Self { cluster_parameters: Some(ClusterParameters { items }), ..none }
            }
            GroupKind::Parameters => {
                let items = names().map(|name| ParameterGroup { name }).collect();
                Self { parameters: Some(Parameters { items }), ..none }
            }
            GroupKind::Options => {
                let items = names().map(|name| OptionGroup { name }).collect();
                Self { options: Some(Options { items }), ..none }
            }
            GroupKind::Subnets => {
                let items = names().map(|name| ItsSubnets { name }).collect();
                Self { subnets: Some(Subnets { items }), ..none }
            }
        }
    }
}

impl<'a> ItsParameters<'a> {
    pub(super) fn of(database: &'a Database) -> Self {
        let names = names_of(database, GroupKind::Parameters);
        Self { items: names.map(|name| ParameterGroup { name }).collect() }
    }
}

impl<'a> ItsOptions<'a> {
    pub(super) fn of(database: &'a Database) -> Self {
        let names = names_of(database, GroupKind::Options);
        Self { items: names.map(|name| OptionGroup { name }).collect() }
    }
}

impl<'a> ItsSubnets<'a> {
    pub(super) fn of(database: &'a Database) -> Option<Self> {
        Some(Self { name: name_of(database, GroupKind::Subnets)? })
    }
}

/// A database's group of a kind of which it has one.
pub(super) fn name_of(database: &Database, kind: GroupKind) -> Option<&str> {
    names_of(database, kind).next()
}

fn names_of(database: &Database, kind: GroupKind) -> impl Iterator<Item = &str> {
    let of_kind = database.groups.iter().filter(move |group| group.kind == kind);
    of_kind.map(|group| group.name.as_str())
}
