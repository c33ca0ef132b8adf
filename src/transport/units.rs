//! Lists that come in pages, for a Rust app.

use std::future::{Future, poll_fn};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use wasm_bindgen::JsValue;

use super::Error;
use crate::client::Client;
use crate::decode::from_json;
use crate::endpoint::Endpoint;
use crate::error::{DecodeError, RateLimit, ResponseInfo};
use crate::model::{EnterpriseAgentUnits, EnterpriseAgentsUsage, PaginationLinks, TestsUsage, UnitsByTests};
use crate::paging::Pages;
use crate::query::{DateRange, UnitsQuery};

impl Client {
    /// The units of each test in a period. Only for organisations with usage-based billing.
    ///
    /// The units of an enterprise agent are with the account groups whose tests run on it, where [`usage`](Self::usage) has them
    /// with the account group that owns the agent.
    #[must_use]
    pub fn test_units(&self, query: &UnitsQuery) -> Units<UnitsByTests> {
        let decode = |body: &[u8]| {
            let TestsUsage { breakdowns, links, .. } = from_json(body)?;
            Ok((breakdowns, links))
        };
        Units::new(self, query.clone(), &Endpoint::TEST_UNITS, decode)
    }

    /// The units of each enterprise agent in a period, by the account groups whose tests run on it. Only for organisations with
    /// usage-based billing.
    #[must_use]
    pub fn enterprise_agent_units(&self, dates: &DateRange) -> Units<EnterpriseAgentUnits> {
        let decode = |body: &[u8]| {
            let EnterpriseAgentsUsage { breakdowns, links, .. } = from_json(body)?;
            Ok((breakdowns, links))
        };
        Units::new(self, UnitsQuery::new().dates(dates.clone()), &Endpoint::ENTERPRISE_AGENT_UNITS, decode)
    }
}

/// A page of rows, with its response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<R> {
    /// The rows of the page. It may have none, and another page may follow all the same.
    pub rows: Vec<R>,
    /// The HTTP status: 200.
    pub status: u16,
    /// The response's headers: a `Headers` of the JavaScript engine.
    pub headers: JsValue,
    /// The response's `x-request-id`, to quote to support.
    pub request_id: Option<String>,
    /// `None` unless all three of its headers are visible.
    pub rate_limit: Option<RateLimit>,
    /// The number of HTTP requests that were sent for this page.
    pub attempts: u32,
}

/// The rows of all pages: a [`Stream`], which requests the next page while the rows of this one are read.
///
/// Nothing is requested before the first poll. Each page has its own deadline and retries. After an error it ends. Dropping it
/// aborts what is under way.
///
/// The deadline of the next page also runs while nothing polls. If the work on a row can take seconds, take the pages with
/// [`next_page`](Self::next_page), which requests nothing ahead.
pub struct Units<R> {
    state: State<R>,
    /// The page after the one whose rows are read, if it arrived.
    next_page: Option<Result<Option<Page<R>>, Error>>,
    rows: vec::IntoIter<R>,
}

// The future is in a box, and nothing else is pinned.
impl<R> Unpin for Units<R> {}

enum State<R> {
    Idle(Box<Pager<R>>),
    UnderWay(Pin<Box<dyn Future<Output = Read<R>>>>),
    Ended,
}

/// A page, and the pager to go on with.
type Read<R> = (Box<Pager<R>>, Result<Option<Page<R>>, Error>);

impl<R: 'static> Units<R> {
    fn new(client: &Client, query: UnitsQuery, endpoint: &'static Endpoint, decode: Decode<R>) -> Self {
        let pager =
            Pager { client: client.clone(), query, endpoint, decode, pages: Pages::default(), next: Next::Request };
        Self { state: State::Idle(Box::new(pager)), next_page: None, rows: Vec::new().into_iter() }
    }

    /// Requests the next page. `None` after the last one. The rest of the rows of the page before is dropped.
    ///
    /// # Errors
    ///
    /// With the [`ErrorCode`](crate::ErrorCode) of what failed.
    pub async fn next_page(&mut self) -> Result<Option<Page<R>>, Error> {
        self.rows = Vec::new().into_iter();
        poll_fn(|context| self.poll_page(context)).await
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Page<R>>, Error>> {
        match self.next_page.take() {
            Some(page) => Poll::Ready(page),
            None => self.poll_request(context),
        }
    }

    fn poll_request(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Page<R>>, Error>> {
        let mut under_way = match mem::replace(&mut self.state, State::Ended) {
            State::Idle(pager) => Box::pin(pager.read()),
            State::UnderWay(future) => future,
            State::Ended => return Poll::Ready(Ok(None)),
        };
        match under_way.as_mut().poll(context) {
            Poll::Pending => {
                self.state = State::UnderWay(under_way);
                Poll::Pending
            }
            Poll::Ready((pager, page)) => {
                if let Ok(Some(_)) = page {
                    self.state = State::Idle(pager);
                }
                Poll::Ready(page)
            }
        }
    }
}

impl<R: 'static> Stream for Units<R> {
    type Item = Result<R, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(row) = self.rows.next() {
                // The request for the next page goes on while the rows of this one are read.
                if self.next_page.is_none()
                    && let Poll::Ready(page) = self.poll_request(context)
                {
                    self.next_page = Some(page);
                }
                return Poll::Ready(Some(Ok(row)));
            }
            match ready!(self.poll_page(context)) {
                Ok(Some(page)) => self.rows = page.rows.into_iter(),
                Ok(None) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

type Decode<R> = fn(&[u8]) -> Result<(Option<Vec<R>>, Option<PaginationLinks>), DecodeError>;

struct Pager<R> {
    client: Client,
    query: UnitsQuery,
    endpoint: &'static Endpoint,
    decode: Decode<R>,
    /// The pages up to the one that is requested.
    pages: Pages,
    next: Next,
}

/// What follows the last page that was read.
enum Next {
    Request,
    Error(Error),
    End,
}

impl<R> Pager<R> {
    async fn read(mut self: Box<Self>) -> Read<R> {
        let page = self.page().await;
        (self, page)
    }

    async fn page(&mut self) -> Result<Option<Page<R>>, Error> {
        match mem::replace(&mut self.next, Next::End) {
            Next::Request => {}
            Next::Error(error) => return Err(error),
            Next::End => return Ok(None),
        }
        let path_and_query = self.query.path_and_query(self.endpoint, self.pages.cursor());
        let success = self.client.request(self.endpoint, &path_and_query, self.decode).await?;
        let next = success.data.1.as_ref().and_then(|links| links.next.as_ref());
        let href = next.map(|next| next.href.as_str()).unwrap_or_default();
        self.next = match success.next_cursor(&self.pages, href, self.client.limits.pages) {
            Ok(Some(cursor)) => {
                self.pages.push(cursor);
                Next::Request
            }
            Ok(None) => Next::End,
            // The page itself is good: the error is that of the page that follows.
            Err(error) => Next::Error(error),
        };
        let ResponseInfo { status, headers, request_id, rate_limit } = success.response;
        let rows = success.data.0.unwrap_or_default();
        Ok(Some(Page { rows, status, headers, request_id, rate_limit, attempts: success.attempts }))
    }
}
