//! Thirty days of every asset, carried from report to report: one object is read for all of them.

use crate::id::AssetId;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many days are carried.
pub const DAYS: usize = 30;

/// Day by day, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    /// The days.
    pub days: Vec<Date>,
    /// Each asset's, as long as `days`.
    pub assets: BTreeMap<AssetId, Line>,
}

/// One asset's days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// A letter a day: `h`eld, `l`ate, `m`issed, `-` nothing known or owed.
    pub held: String,
    /// How old the newest data in dr was when the day was reported, in minutes.
    pub age: Vec<Option<u32>>,
    /// How long the copying took, in minutes.
    pub took: Vec<Option<u32>>,
}

/// One asset's one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) held: char,
    pub(super) age: Option<u32>,
    pub(super) took: Option<u32>,
}

const NOTHING: Point = Point { held: '-', age: None, took: None };

impl Trend {
    /// Goes on to a day: the assets of the policy, with what is known of them from before.
    pub(super) fn until(before: Option<&Self>, day: Date, assets: &[&AssetId]) -> Self {
        let days = i32::try_from(DAYS).unwrap_or(i32::MAX);
        let back = (0..days).rev().map(|n| day.saturating_sub(n.days()));
        let first = before.and_then(|before| before.days.first().copied()).unwrap_or(day);
        let days: Vec<Date> = back.filter(|day| *day >= first).collect();
        let line = |id: &AssetId| {
            let known = before.and_then(|before| Some((before, before.assets.get(id)?)));
            let point = |day: &Date| known.map_or(NOTHING, |(trend, line)| line.at(trend, *day));
            Line::of(days.iter().map(point))
        };
        let assets = assets.iter().map(|id| ((*id).clone(), line(id))).collect();
        Self { days, assets }
    }

    /// Writes down what today's look says of a day.
    pub(super) fn note(&mut self, id: &AssetId, day: Date, point: Point) {
        let at = self.days.iter().position(|known| *known == day);
        if let (Some(at), Some(line)) = (at, self.assets.get_mut(id)) {
            line.set(at, point);
        }
    }

    /// How an asset stood on a day.
    pub(super) fn letter(&self, id: &AssetId, day: Date) -> Option<char> {
        let at = self.days.iter().position(|known| *known == day)?;
        self.assets.get(id)?.held.chars().nth(at)
    }

    /// An asset's days with their points.
    pub(super) fn of(&self, id: &AssetId) -> impl Iterator<Item = (Date, Point)> {
        let line = self.assets.get(id);
        self.days.iter().filter_map(move |day| Some((*day, line?.at(self, *day))))
    }
}

impl Line {
    fn of(points: impl Iterator<Item = Point>) -> Self {
        points.fold(Self::default(), |mut line, point| {
            line.held.push(point.held);
            line.age.push(point.age);
            line.took.push(point.took);
            line
        })
    }

    fn at(&self, trend: &Trend, day: Date) -> Point {
        let at = trend.days.iter().position(|known| *known == day);
        at.map_or(NOTHING, |at| Point {
            held: self.held.chars().nth(at).unwrap_or('-'),
            age: self.age.get(at).copied().flatten(),
            took: self.took.get(at).copied().flatten(),
        })
    }

    /// What is known stays known: that a day landed, and the age at the day's own report. A later look that
    /// cannot see the day any more says nothing of it.
    fn set(&mut self, at: usize, point: Point) {
        let newer = |old: char| match (old, point.held) {
            ('h' | 'l', _) | (_, '-') => old,
            (_, held) => held,
        };
        let held = self.held.chars().enumerate();
        self.held = held.map(|(n, old)| if n == at { newer(old) } else { old }).collect();
        if let Some(age) = self.age.get_mut(at) {
            *age = age.or(point.age);
        }
        if let Some(took) = self.took.get_mut(at) {
            *took = took.or(point.took);
        }
    }
}
