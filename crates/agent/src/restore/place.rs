//! Where a restored server is to stand, and that nothing which stood there is lost.

use super::Wish;
use crate::fault::Fault;
use crate::server;
use crate::setup::Setup;
use crate::state::write_bytes;
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the restored server is to stand.
pub(super) struct Place {
    pub(super) data: PathBuf,
    pub(super) port: u16,
    pub(super) in_place: bool,
}

/// Reads it from what is wished for.
///
/// # Errors
/// It cannot be there.
pub(super) fn place(setup: &Setup, wish: &Wish, now: Timestamp) -> Result<Place, Fault> {
    let host = &setup.host;
    if let Some(id) = &wish.in_place {
        let right = id == host.id.as_str();
        let place = Place { data: host.data.clone(), port: host.port, in_place: true };
        return right.then_some(place).ok_or_else(|| {
            Fault::Setup(format!(
                "`--in-place` is `{id}`; to replace this server's data it must be its id, `{}`",
                host.id
            ))
        });
    }
    let named = || {
        PathBuf::from(format!(
            "{}.restored-{}",
            host.data.display(),
            now.strftime("%Y%m%dT%H%M%SZ")
        ))
    };
    let data = wish.to.clone().unwrap_or_else(named);
    plain("--to", &data.display().to_string())?;
    plain("--listen", &wish.listen)?;
    if !data.is_absolute() || data == host.data {
        return Err(Fault::Setup(format!(
            "`--to` is `{}`; it must be an absolute path, and another one than the present data directory (`--in-place` replaces \
             that)",
            data.display()
        )));
    }
    let port = wish.port.or_else(|| host.port.checked_add(1)).ok_or_else(|| {
        Fault::Setup(
            "`port` of the policy is the last one; give the restored server's with `--port`"
                .to_owned(),
        )
    })?;
    Ok(Place { data, port, in_place: false })
}

/// Both become part of what `pg_ctl` hands to a shell.
fn plain(name: &str, value: &str) -> Result<(), Fault> {
    match value.chars().all(|c| c.is_alphanumeric() || "/._-:,*".contains(c)) {
        true => Ok(()),
        false => Err(Fault::Setup(format!(
            "`{name}` is `{value}`; it must be of letters, digits and / . _ - : , *"
        ))),
    }
}

/// The present data directory is put aside, never overwritten; what a restore of ours began is gone on with.
pub(super) async fn make_room(setup: &Setup, place: &Place) -> Result<(), Fault> {
    if !place.in_place || !place.data.exists() {
        return Ok(());
    }
    server::stop(setup, &place.data).await?;
    if mark(&place.data).exists() {
        return Ok(());
    }
    let kept =
        beside(&place.data, &format!("damaged-{}", Timestamp::now().strftime("%Y%m%dT%H%M%SZ")));
    fs::rename(&place.data, &kept)
        .map_err(|error| Fault::file("cannot put aside", &place.data, &error))?;
    write_bytes(&mark(&place.data), kept.display().to_string().as_bytes())
}

/// Where the present data directory was put, in words.
pub(super) fn kept(place: &Place) -> String {
    let aside =
        |name: &String| name.starts_with(&beside(&place.data, "damaged-").display().to_string());
    let entries = place
        .data
        .parent()
        .and_then(|parent| fs::read_dir(parent).ok())
        .into_iter()
        .flatten()
        .flatten();
    let newest = entries.map(|entry| entry.path().display().to_string()).filter(aside).max();
    let newest = newest.filter(|_| place.in_place);
    newest
        .map(|kept| format!("\nthe data directory that was there is kept at {kept}"))
        .unwrap_or_default()
}

/// Says that a data directory is one that a restore has begun; beside it, so that it is never taken for PostgreSQL's.
pub(super) fn mark(data: &Path) -> PathBuf {
    beside(data, "restoring")
}

pub(super) fn beside(data: &Path, what: &str) -> PathBuf {
    PathBuf::from(format!("{}.{what}", data.display()))
}

pub(super) fn remove(path: &Path) -> Result<(), Fault> {
    fs::remove_file(path).map_err(|error| Fault::file("cannot remove", path, &error))
}

/// A directory to restore into, and whether what stands there is worth going on with.
///
/// # Errors
/// Something stands there that no restore of ours began.
pub(super) fn ready(place: &Place, label: &str) -> Result<bool, Fault> {
    let to = &place.data;
    let filled = fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some());
    let begun = mark(to).exists();
    if filled && !begun {
        return Err(Fault::Setup(format!(
            "`{}` is there and not empty, and no restore of ours began it; choose another with `--to`",
            to.display()
        )));
    }
    if !begun {
        write_bytes(&mark(to), label.as_bytes())?;
    }
    // pgBackRest goes on only where it finds one of these (Command Reference, Restore, `delta`); cut off before, it begins anew.
    let goes_on = ["PG_VERSION", "backup.manifest"].iter().any(|name| to.join(name).exists());
    if filled && !goes_on {
        fs::remove_dir_all(to).map_err(|error| Fault::file("cannot clear", to, &error))?;
    }
    make_directory(to)?;
    Ok(goes_on)
}

/// PostgreSQL starts in a directory of its own user's only.
fn make_directory(to: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    let fault = |error| Fault::file("cannot make", to, &error);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(to).map_err(fault)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).map_err(fault)
}
