//! The watchdog outside: one GET, no second try. Its URL is all that a ping needs, so nothing shows it.

use crate::session::Session;
use crate::web;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use domain::fault::{Fault, FaultKind};
use domain::policy::PingUrl;
use domain::step::Outcome;
use std::time::Duration;

/// Connection and answer together.
const LIMIT: Duration = Duration::from_secs(5);

impl Session<'_> {
    /// Pings, where there is time left for it: the look was whole, and ends well whatever comes of this.
    pub(crate) async fn ping(&self, url: &PingUrl) -> Outcome {
        let Some(limit) = self.spare(LIMIT) else {
            let late = "not pinged: the invocation's time was used up";
            return Outcome::refused(self.unpinged(FaultKind::Late, late));
        };
        let pinged = match tokio::time::timeout(limit, get(url)).await {
            Ok(pinged) => pinged.map_err(|why| self.unpinged(FaultKind::Other, &why)),
            Err(_) => {
                let late = format!("no answer within {limit:?}");
                Err(self.unpinged(FaultKind::Late, &late))
            }
        };
        pinged.map_or_else(Outcome::refused, |()| Outcome::Done)
    }

    fn unpinged(&self, kind: FaultKind, why: &str) -> Fault {
        let (op, region) = ("watchdog".to_owned(), self.home().clone());
        Fault { op, region, kind, detail: why.to_owned() }
    }
}

/// The status is the answer; a redirection is none, and is not followed.
async fn get(url: &PingUrl) -> Result<(), String> {
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(url.as_str()).map_err(|_| "no request can be made of its URL".to_owned())?;
    request.headers_mut().insert("user-agent", "sonae");
    let answer = web::connector().call(request).await;
    let answer = answer.map_err(|error| web::reason(&error, url.as_str()))?;
    match answer.status().as_u16() {
        200..=299 => Ok(()),
        status => Err(format!("status {status}")),
    }
}
