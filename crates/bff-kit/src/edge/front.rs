//! The front of the edge: a page that is ready is handed out here, and does not take the way through all the layers.
//!
//! A page has all that the layers would say of it, but for what belongs to the request: its name and what is left of its
//! quota. What they would refuse is not handed out here, but goes to them.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use tokio::time::Instant;

use super::{
    RateLimits, RequestId, address, client::Gate, freshness, layers::is_large, measure::Measure, pages::Pages,
};
use crate::server::Peer;

/// Hands out pages that are ready.
pub(super) struct Front {
    pub(super) pages: Pages,
    pub(super) limits: Arc<RateLimits>,
    pub(super) gate: Arc<Gate>,
    pub(super) measure: Arc<Measure>,
    pub(super) trusted_proxies: usize,
}

impl Front {
    /// The page for this request, if there is one that this client may have now.
    pub(super) fn answer<B: http_body::Body>(
        &self,
        request: &Request<B>,
        peer: Peer,
    ) -> Option<Response<Full<Bytes>>> {
        let began = Instant::now();
        let headers = request.headers();
        let page = self.pages.find(request, freshness::at_least(headers))?;
        if is_large(headers) || self.gate.refusal(&page.route, headers).is_some() {
            return None;
        }
        let address = address::of(headers, peer, self.trusted_proxies);
        let standing = self.limits.charge(None, address).transpose().ok()?;

        let (status, mut fields, body) = match page.is_known(headers.get(header::IF_NONE_MATCH)) {
            true => (
                StatusCode::NOT_MODIFIED,
                page.fields_unchanged.clone(),
                Bytes::new(),
            ),
            false => (StatusCode::OK, page.fields.clone(), page.body.clone()),
        };
        if let Some(standing) = standing {
            standing.write(&mut fields);
        }
        let name = RequestId::from_client(headers.get(RequestId::HEADER));
        fields.insert(RequestId::HEADER, HeaderValue::from(name));
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = fields;
        self.measure.note(&page.route, "GET", status, began);
        Some(response)
    }
}
