//! The page for an emergency, filled from the policy: what to type when home is lost.

use domain::id::Family;
use domain::policy::{Asset, Language, Policy, Resource};

/// A language's parts: the beginning, one of each family, of what instances may have besides and of what
/// AWS Backup protects, the end.
struct Parts {
    head: &'static str,
    instance: &'static str,
    pitr: &'static str,
    cluster: &'static str,
    backup: &'static str,
    tail: &'static str,
}

const EN: Parts = Parts {
    head: include_str!("restore/en/head.md"),
    instance: include_str!("restore/en/instance.md"),
    pitr: include_str!("restore/en/pitr.md"),
    cluster: include_str!("restore/en/cluster.md"),
    backup: include_str!("restore/en/backup.md"),
    tail: include_str!("restore/en/tail.md"),
};

const JA: Parts = Parts {
    head: include_str!("restore/ja/head.md"),
    instance: include_str!("restore/ja/instance.md"),
    pitr: include_str!("restore/ja/pitr.md"),
    cluster: include_str!("restore/ja/cluster.md"),
    backup: include_str!("restore/ja/backup.md"),
    tail: include_str!("restore/ja/tail.md"),
};

/// The page, in the policy's language.
pub fn page(policy: &Policy) -> String {
    let parts = match policy.language {
        Language::Ja => JA,
        Language::En => EN,
    };
    let of_asset = |asset: &Asset| {
        let part = match asset.family() {
            Some(Family::Instance) => parts.instance,
            Some(Family::Cluster) => parts.cluster,
            None => parts.backup,
        };
        let pitr = asset.dr_pitr.map_or("", |_| parts.pitr);
        let subnets = asset.dr_subnet_group.as_deref().unwrap_or("YOUR-SUBNETS");
        let part = format!("{part}{pitr}").replace("YOUR-SUBNETS", subnets);
        let backed = asset.backed();
        let vault = backed.map_or("", |backed| backed.dr_vault.as_str());
        let resource = match backed.map(|backed| &backed.resource) {
            // Everything in the vault: what carries the tag is known in home only.
            None | Some(Resource::Tagged(..)) => "",
            Some(resource) => resource.name(),
        };
        part.replace("{{id}}", asset.id.as_str())
            .replace("{{kind}}", asset.kind())
            .replace("{{vault}}", vault)
            .replace("{{resource}}", resource)
            .replace("{{key}}", &asset.dr_key)
    };
    let assets: String = policy.assets.iter().map(of_asset).collect();
    let page = format!("{}{assets}{}", parts.head, parts.tail);
    page.replace("{{system}}", &policy.system)
        .replace("{{home}}", policy.home.as_str())
        .replace("{{dr}}", policy.dr.as_str())
        .replace("{{zone}}", &policy.zone_name)
}
