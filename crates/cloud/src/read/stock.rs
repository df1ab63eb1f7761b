//! What sweep looks at: every manual point of both Regions, of which those with our tags are kept.

use super::{all_pages, read};
use crate::config::Side;
use crate::session::Session;
use domain::id::{Family, Region};
use domain::journal::episode_shelf;
use domain::seen::{Point, Read, Seen};
use domain::sweep::{Listed, Stock};

impl Session<'_> {
    pub(super) async fn look_at_stock(&self) -> Seen {
        let shelf = [episode_shelf()];
        let (stock, journal) = tokio::join!(self.stock(), self.read_shelves(&shelf));
        Seen { stock: Some(stock), journal, asked: self.asked(), ..Seen::nothing() }
    }

    /// All of it, without the journal: actions never need that.
    pub async fn stock(&self) -> Stock {
        let assets = self.policy().assets.iter();
        let databases = assets.filter(|asset| asset.family().is_some());
        let (home, dr, keys) = tokio::join!(
            self.listed(self.home()),
            self.listed(self.dr()),
            self.keys(Side::Dr, databases.map(|asset| &asset.dr_key)),
        );
        Stock { home, dr, keys }
    }

    async fn listed(&self, region: &Region) -> Listed {
        let (instances, clusters) = tokio::join!(
            self.tagged(region, Family::Instance),
            self.tagged(region, Family::Cluster)
        );
        Listed { instances, clusters }
    }

    async fn tagged(&self, region: &Region, family: Family) -> Read<Vec<Point>> {
        let mut kept = Vec::new();
        let fetch = async |marker| self.manual_page(region, family, marker).await;
        let outcome = all_pages(fetch, |point| kept.extend(Stock::of_use(point))).await;
        read(outcome, kept)
    }
}
