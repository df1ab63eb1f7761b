//! What carries the tags that the policy names resources by. Asked first of all: the rest of a look is at
//! the policy that has grown by it.

use super::{Page, all_pages, read};
use crate::session::Session;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use domain::fault::Fault;
use domain::policy::{Policy, Tagged};

/// The Resource Groups Tagging API gives up to 100 a page.
const PAGE: i32 = 100;

impl Session<'_> {
    /// The ARNs, of each asset that stands for a tag.
    pub(super) async fn by_tag(&self) -> Tagged {
        let mut all = Tagged::new();
        for (asset, tag) in self.policy().by_tag() {
            let mut arns = Vec::new();
            let fetch = async |token| self.page_of_tagged(tag, token).await;
            let outcome = Box::pin(all_pages(fetch, |arn| arns.push(arn))).await;
            arns.sort();
            all.insert(asset.id.clone(), read(outcome, arns));
        }
        all
    }

    /// From here on the session's policy is the one that has grown.
    pub(super) fn grow(&self, tagged: &Tagged) -> Option<&Policy> {
        if tagged.is_empty() {
            return None;
        }
        let policy = self.policy();
        Some(self.grown.get_or_init(|| policy.grown(tagged)))
    }

    async fn page_of_tagged(
        &self,
        [key, value]: [&str; 2],
        token: Option<String>,
    ) -> Result<Page<String>, Fault> {
        let call = self
            .aws
            .home
            .tagging
            .get_resources()
            .tag_filters(TagFilter::builder().key(key).values(value).build())
            .resources_per_page(PAGE)
            .set_pagination_token(token)
            .send();
        let answer = self.call("tag:GetResources", self.home(), Box::pin(call)).await?;
        let found = answer.resource_tag_mapping_list().iter();
        let arns = found.filter_map(|one| one.resource_arn().map(str::to_owned)).collect();
        Ok((arns, answer.pagination_token().map(str::to_owned)))
    }
}
