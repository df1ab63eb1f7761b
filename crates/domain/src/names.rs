//! Names that Sonae gives, all derived: the same point and attempt always give the same name, so
//! doing a thing twice is the normal case and needs no memory.
//!
//! RDS wants 1 to 255 letters, digits and hyphens, a letter first, no hyphen last, no two together,
//! and stores lower case (API reference, CopyDBSnapshot, TargetDBSnapshotIdentifier); a cluster's
//! points have 63 at most (CopyDBClusterSnapshot, CreateDBClusterSnapshot).

use crate::id::{Family, PointName};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// How often a copy of one point, or the point of one day, is tried.
pub const ATTEMPTS: u8 = 3;

/// How many names there are for the copies of one point: a stranger, or a copy under a former key,
/// holds its name without having been an attempt.
pub const NAMES: u8 = 9;

/// The name of a point's copy in dr.
///
/// An automated name ends in a time stamp, so `-dr` after it can never meet the `-m-dr` of a
/// manual one; later attempts add their number.
pub fn copy(family: Family, point: &PointName, automated: bool, attempt: u8) -> PointName {
    let suffix = match (automated, attempt) {
        (true, 1) => "-dr".to_owned(),
        (true, n) => format!("-dr-{n}"),
        (false, 1) => "-m-dr".to_owned(),
        (false, n) => format!("-m-dr-{n}"),
    };
    PointName::new(legal(point.bare(), longest(family) - suffix.len()) + &suffix)
}

/// Whether a point's name is one that Sonae gives to the points it takes of a database.
pub fn is_taken(family: Family, id: &str, point: &PointName) -> bool {
    point.as_str().starts_with(&taken_prefix(family, id))
}

/// The name of a point that Sonae takes of a database.
pub fn taken(family: Family, id: &str, day: Date, attempt: u8) -> PointName {
    let prefix = taken_prefix(family, id);
    match attempt {
        1 => PointName::new(format!("{prefix}{day}")),
        n => PointName::new(format!("{prefix}{day}-{n}")),
    }
}

fn taken_prefix(family: Family, id: &str) -> String {
    let room = longest(family) - "-sonae-2025-01-15-3".len();
    format!("{}-sonae-", legal(id, room))
}

/// What a recovery point of AWS Backup is called where its ARN cannot stand, such as in a key of the journal:
/// its end. The ARNs have the shape of their type: `..:recovery-point:<id>`, `..:snapshot:awsbackup:job-<id>`,
/// `..::snapshot/snap-<id>`.
pub fn of_arn(arn: &str) -> PointName {
    PointName::new(arn.rsplit([':', '/']).next().unwrap_or(arn))
}

/// A word of small letters, digits and hyphens, as close to a text as can be.
pub(crate) fn word(text: &str) -> String {
    legal(text, 50)
}

/// One word for some texts, always the same, and of no others.
pub(crate) fn token(texts: &[&str]) -> String {
    let hash = Sha256::digest(texts.join("\n"));
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// How long a point's name may be.
pub(crate) fn longest(family: Family) -> usize {
    match family {
        Family::Instance => 255,
        Family::Cluster => 63,
    }
}

/// A legal name as close to the given one as can be. When anything but case had to change, a stable
/// hash keeps two names apart that would otherwise become one.
fn legal(name: &str, longest: usize) -> String {
    let lower = name.to_ascii_lowercase();
    let mut cleaned = String::with_capacity(lower.len());
    for c in lower.chars() {
        let c = if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
        if c != '-' || !cleaned.ends_with('-') {
            cleaned.push(c);
        }
    }
    let body = cleaned.trim_matches('-');
    if body == lower && body.len() <= longest && body.starts_with(|c: char| c.is_alphabetic()) {
        return body.to_owned();
    }
    let hash: String = Sha256::digest(lower).iter().take(4).map(|b| format!("{b:02x}")).collect();
    let room = longest.saturating_sub(hash.len() + 3);
    let cut: String = body.chars().take(room).collect();
    format!("p-{}-{hash}", cut.trim_end_matches('-')).replace("--", "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_automated_point_loses_its_prefix() {
        let point = PointName::new("rds:kaigo-subsys-prod-2025-01-14-18-05");
        let name = |attempt| copy(Family::Instance, &point, true, attempt).as_str().to_owned();
        assert_eq!(name(1), "kaigo-subsys-prod-2025-01-14-18-05-dr");
        assert_eq!(name(3), "kaigo-subsys-prod-2025-01-14-18-05-dr-3");
    }

    #[test]
    fn a_manual_point_never_meets_an_automated_one() {
        let manual = PointName::new("kaigo-subsys-prod-2025-01-14-18-05");
        let name = copy(Family::Instance, &manual, false, 1);
        assert_eq!(name.as_str(), "kaigo-subsys-prod-2025-01-14-18-05-m-dr");
    }

    /// A cluster's points have the whole identifier of the cluster in their names, and no room left.
    #[test]
    fn names_of_a_cluster_fit_into_63_characters() {
        let id = "a".repeat(63);
        let point = PointName::new(format!("rds:{id}-2025-01-14-18-05"));
        let day = jiff::civil::date(2025, 1, 15);
        for name in [copy(Family::Cluster, &point, true, 9), taken(Family::Cluster, &id, day, 3)] {
            assert!(is_legal(Family::Cluster, name.as_str()), "{name}");
        }
        assert!(is_taken(Family::Cluster, &id, &taken(Family::Cluster, &id, day, 2)));
        assert_eq!(taken(Family::Cluster, "short", day, 1).as_str(), "short-sonae-2025-01-15");
    }

    fn is_legal(family: Family, name: &str) -> bool {
        name.len() <= longest(family)
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && !name.ends_with('-')
            && !name.contains("--")
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    }

    prop_compose! {
        /// A name that RDS would give or accept; from few words, our own endings among them, so that
        /// two names often share a beginning or an end.
        fn rds_name()(automated in any::<bool>(), words in prop::collection::vec(word(), 1..8))
            -> (String, bool) {
            let id = words.join("-");
            if automated {
                (format!("rds:a{}-2025-01-14-18-05", id.chars().take(63).collect::<String>().trim_end_matches('-')), true)
            } else {
                let id = id.chars().take(255).collect::<String>();
                (format!("a{}", id.trim_end_matches('-')), false)
            }
        }
    }

    fn family() -> impl Strategy<Value = Family> {
        prop::sample::select(vec![Family::Instance, Family::Cluster])
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => prop::sample::select(vec!["a", "b", "dr", "m", "2", "3", "p", "sonae"])
                .prop_map(|word| word.to_owned()),
            1 => "[a-z][a-z0-9]{0,40}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

        #[test]
        fn names_are_legal_stable_and_never_collide(
            (a, a_auto) in rds_name(), (b, b_auto) in rds_name(), n in 1..=NAMES, m in 1..=NAMES,
            family in family(),
        ) {
            let left = copy(family, &PointName::new(&a), a_auto, n);
            let right = copy(family, &PointName::new(&b), b_auto, m);
            prop_assert!(is_legal(family, left.as_str()), "{left}");
            prop_assert_eq!(&left, &copy(family, &PointName::new(&a), a_auto, n));
            prop_assert_eq!(left == right, (&a, a_auto, n) == (&b, b_auto, m));
        }

        #[test]
        fn any_text_becomes_legal(
            text in ".{0,300}", automated in any::<bool>(), n in 1u8..=3, family in family(),
        ) {
            let name = copy(family, &PointName::new(text), automated, n);
            prop_assert!(is_legal(family, name.as_str()), "{name}");
        }
    }
}
