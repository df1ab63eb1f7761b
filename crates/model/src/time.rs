//! What time does: RDS takes its daily points, points become ready, copies move, AWS Backup tells.

use crate::account::{Account, Db, Place, Snapshot};
use domain::id::{Family, Region};
use domain::seen::{Database, State};
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeSet;

enum Change {
    Backup(Place),
    Snapshot(Place),
    Events,
}

impl Account {
    /// Moves time on: RDS takes its daily points, points become ready, copies move.
    pub fn advance(&mut self, to: Timestamp) {
        while self.step(to) {}
    }

    /// Moves time on to the next change, or to `to` when nothing changes before; tells which.
    pub fn step(&mut self, to: Timestamp) -> bool {
        let Some((at, change)) = self.next_change(to) else {
            self.now = self.now.max(to);
            return false;
        };
        self.now = at;
        match change {
            Change::Backup(key) => self.take_automated(&key, at),
            Change::Snapshot(key) => self.move_on(&key, at),
            Change::Events => self.raise_backup_events(),
        }
        true
    }

    fn next_change(&self, to: Timestamp) -> Option<(Timestamp, Change)> {
        let backups = self.databases.iter().filter_map(|(key, db)| {
            Some((self.next_backup(key, db)?, Change::Backup(key.clone())))
        });
        let copying = self.copying();
        let moves = self.snapshots.iter().filter_map(|(key, snapshot)| {
            let at = self.next_move(snapshot, copying.contains(&source_of(key, snapshot)))?;
            Some((at, Change::Snapshot(key.clone())))
        });
        let events = self.next_backup_events(to).map(|at| (at, Change::Events));
        let next = backups.chain(moves).chain(events).min_by_key(|(at, _)| *at)?;
        (next.0 <= to).then_some(next)
    }

    /// RDS starts somewhere inside its window; here five minutes in. Only `available` instances
    /// with a retention are backed up.
    fn next_backup(&self, (region, family, _): &Place, db: &Db) -> Option<Timestamp> {
        let Database { id, window, retention_days, status, .. } = &db.shown;
        if db.shown.member_of.is_some() {
            return None;
        }
        let start = domain::day::clock(window.as_deref()?.split('-').next()?)?;
        let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let days = [0, 1].map(|n| today.saturating_add(n.days()));
        let taken = |at: &Timestamp| {
            let name = automated_name(id, *at);
            db.skips.contains(&at.to_zoned(jiff::tz::TimeZone::UTC).date())
                || self.snapshots.contains_key(&(region.clone(), *family, name))
        };
        let starts = days.map(|day| domain::day::instant(day, start, &jiff::tz::TimeZone::UTC));
        let starts = starts.map(|start| start + SignedDuration::from_mins(5));
        let mut open = starts.into_iter().filter(|at| *at >= self.now && !taken(at));
        (*retention_days > Some(0) && status == "available").then(|| open.next())?
    }

    fn take_automated(&mut self, key: &Place, at: Timestamp) {
        let Some(db) = self.databases.get(key).cloned() else { return };
        let name = automated_name(&db.shown.id, at);
        let point = self.new_point(&key.0, &name, "automated", &db, db.tags.clone());
        self.insert(&key.0, Snapshot { point, starts: None, ends: at + db.takes, dies: false });
    }

    fn move_on(&mut self, key: &Place, at: Timestamp) {
        let Some(snapshot) = self.snapshots.get_mut(key) else { return };
        if snapshot.point.state == State::Pending {
            let lasts = snapshot.ends.duration_since(snapshot.starts.take().unwrap_or(at));
            snapshot.point.state = State::Copying;
            snapshot.ends = at + lasts;
            let point = snapshot.point.clone();
            return self.raise_copy(&key.0, &point, "RDS-EVENT-0059");
        }
        let copied = snapshot.point.source.is_some();
        snapshot.point.state = if snapshot.dies { State::Failed } else { State::Available };
        snapshot.point.percent = if snapshot.dies { 40 } else { 100 };
        let point = snapshot.point.clone();
        match (snapshot.dies, copied) {
            (true, _) => {}
            (_, true) => self.raise_copy(&key.0, &point, "RDS-EVENT-0060"),
            _ => self.raise_created(&key.0, &point),
        }
    }

    /// A pending copy waits its time, and for another one of its database to be through: RDS copies
    /// one at a time (RDS User Guide, Copying a DB snapshot).
    fn next_move(&self, snapshot: &Snapshot, another_copying: bool) -> Option<Timestamp> {
        match snapshot.point.state {
            State::Pending if another_copying => None,
            State::Pending => Some(snapshot.starts?.max(self.now)),
            State::Creating | State::Copying => Some(snapshot.ends),
            _ => None,
        }
    }

    /// The databases of which a copy is being made, by the Region of the copy.
    fn copying(&self) -> BTreeSet<(&Region, Family, &str)> {
        let copying = |(_, copy): &(&Place, &Snapshot)| copy.point.state == State::Copying;
        let copies = self.snapshots.iter().filter(copying);
        copies.map(|(place, copy)| source_of(place, copy)).collect()
    }
}

fn source_of<'a>(place: &'a Place, copy: &'a Snapshot) -> (&'a Region, Family, &'a str) {
    (&place.0, place.1, &copy.point.database)
}

/// The name carries the UTC minute of the actual start.
fn automated_name(database: &str, at: Timestamp) -> String {
    format!("rds:{database}-{}", at.strftime("%Y-%m-%d-%H-%M"))
}
