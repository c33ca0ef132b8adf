//! The arguments of the calls, and the path and query of their requests.

use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::date_time;
use crate::endpoint::Endpoint;
use crate::error::ArgumentError;
use crate::string_enum::string_enum;

string_enum! {
    /// A breakdown to include in the response. Each fills the array of its name in [`UsageDetails`](crate::UsageDetails).
    ///
    /// Source: the `expand` parameter of [`GET /v7/usage`](https://developer.cisco.com/docs/thousandeyes/get-usage/).
    pub enum Expand {
        /// Cloud units of each test: fills `tests`.
        Test = "test",
        /// Enterprise agents of each account group: fills `enterpriseAgents`.
        EnterpriseAgent = "enterprise-agent",
        /// Units of each enterprise agent: fills `enterpriseAgentUnits`.
        EnterpriseAgentUnit = "enterprise-agent-unit",
        /// Endpoint agents of each account group: fills `endpointAgents`.
        EndpointAgent = "endpoint-agent",
        /// Endpoint agents with an Essentials licence, of each account group: fills `endpointAgentsEssentials`.
        EndpointAgentEssential = "endpoint-agent-essential",
        /// Endpoint agents with an Embedded licence, of each account group: fills `endpointAgentsEmbedded`.
        EndpointAgentEmbedded = "endpoint-agent-embedded",
    }
}

impl Expand {
    /// The error of anything that is not a list of the six values. It does not quote the value, which may be a token that
    /// was passed in the wrong place.
    pub(crate) fn error(what: &str) -> ArgumentError {
        let mut message = [what, "; the values of `expand` are "].concat();
        for (index, value) in Self::ALL.iter().enumerate() {
            message.push_str(if index == 0 { "\"" } else { ", \"" });
            message.push_str(value.as_str());
            message.push('"');
        }
        ArgumentError::new(message)
    }
}

impl FromStr for Expand {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| Self::error("Unknown value"))
    }
}

/// The arguments of a call. By default they request the totals of the token's own organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    aid: Option<String>,
    expand: Vec<Expand>,
}

impl Query {
    /// A query without `aid` and `expand`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests the usage of the organisation that this account group belongs to.
    ///
    /// `aid` does not select a part of the organisation. Every account group of an organisation gets the same totals, so
    /// never add them up.
    ///
    /// # Errors
    ///
    /// When `aid` is empty or has a control character.
    pub fn aid(mut self, aid: impl Into<String>) -> Result<Self, ArgumentError> {
        self.aid = Some(check_aid(aid.into())?);
        Ok(self)
    }

    /// Adds these breakdowns to the request. Each value is sent once.
    #[must_use]
    pub fn expand(mut self, values: impl IntoIterator<Item = Expand>) -> Self {
        for value in values {
            if !self.expand.contains(&value) {
                self.expand.push(value);
            }
        }
        self
    }

    /// The path and query, to append to the base URL.
    pub(crate) fn path_and_query(&self) -> String {
        let aid = self.aid.as_deref().map(encode);
        // Commas stay literal, as in the examples of the API. The values need no encoding.
        let mut values = String::new();
        for value in &self.expand {
            values.push_str(if values.is_empty() { "" } else { "," });
            values.push_str(value.as_str());
        }
        let expand = (!values.is_empty()).then_some(values.as_str());
        path_and_query(&Endpoint::USAGE, &[("aid", aid.as_deref()), ("expand", expand)])
    }
}

/// The form of a date-time, as error messages show it.
const DATE_TIME: &str = " must be a Date or a date-time with a zone, such as \"2026-10-01T00:00:00Z\"";

/// The period of a request for units. By default it is the current billing period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateRange {
    /// As the API takes them: `2026-10-01T00:00:00Z`.
    start: Option<String>,
    end: Option<String>,
}

impl DateRange {
    /// The period between two date-times of [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6), such as
    /// `2026-10-01T00:00:00Z`. Fractions of a second are cut off. Without an end, the API takes the time of the request.
    ///
    /// # Errors
    ///
    /// If one is not a date-time with a zone, or the end is before the start.
    pub fn new(start: Option<&str>, end: Option<&str>) -> Result<Self, ArgumentError> {
        let (start, end) = (time("`startDate`", start)?, time("`endDate`", end)?);
        if start.zip(end).is_some_and(|(start, end)| end < start) {
            return Err(ArgumentError::new("`endDate` is before `startDate`; swap them"));
        }
        let format = |time| {
            let mut text = date_time::format(time);
            text.truncate("2026-10-01T00:00:00".len());
            text + "Z"
        };
        Ok(Self { start: start.map(format), end: end.map(format) })
    }
}

/// The time of a date-time, in milliseconds of the Unix epoch.
fn time(name: &str, text: Option<&str>) -> Result<Option<i64>, ArgumentError> {
    let Some(text) = text else { return Ok(None) };
    let time = date_time::parse_with_zone(text).filter(|time| date_time::FORMATTED.contains(time));
    time.map(Some).ok_or_else(|| ArgumentError::new([name, DATE_TIME].concat()))
}

/// The arguments of a request for the units of tests. By default it is about the tests of the token's own organisation in the
/// current billing period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitsQuery {
    aid: Option<String>,
    dates: DateRange,
}

impl UnitsQuery {
    /// A query without `aid` and dates.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests the units of the organisation that this account group belongs to.
    ///
    /// # Errors
    ///
    /// When `aid` is empty or has a control character.
    pub fn aid(mut self, aid: impl Into<String>) -> Result<Self, ArgumentError> {
        self.aid = Some(check_aid(aid.into())?);
        Ok(self)
    }

    /// Requests the units of this period.
    #[must_use]
    pub fn dates(mut self, dates: DateRange) -> Self {
        self.dates = dates;
        self
    }

    /// The path and query of a page. `cursor` is encoded.
    pub(crate) fn path_and_query(&self, endpoint: &Endpoint, cursor: Option<&str>) -> String {
        let aid = self.aid.as_deref().map(encode);
        let DateRange { start, end } = &self.dates;
        let parameters =
            [("aid", aid.as_deref()), ("startDate", start.as_deref()), ("endDate", end.as_deref()), ("cursor", cursor)];
        path_and_query(endpoint, &parameters)
    }
}

fn check_aid(aid: String) -> Result<String, ArgumentError> {
    if aid.is_empty() {
        return Err(ArgumentError::new("`aid` is empty; leave it out to ask without one"));
    }
    if aid.chars().any(char::is_control) {
        return Err(ArgumentError::new("`aid` has a control character; pass the account group's ID alone"));
    }
    Ok(aid)
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The path of the quotas, which take no argument.
pub(crate) fn quotas() -> String {
    path_and_query(&Endpoint::QUOTAS, &[])
}

/// The path of an operation, with the parameters that have a value. The values are encoded.
fn path_and_query(endpoint: &Endpoint, parameters: &[(&str, Option<&str>)]) -> String {
    let mut url = endpoint.path.to_owned();
    let mut separator = "?";
    for (name, value) in parameters {
        if let Some(value) = value {
            for part in [separator, name, "=", value] {
                url.push_str(part);
            }
            separator = "&";
        }
    }
    url
}

/// A URL without its query, which a message may contain.
pub(crate) fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use url::Url;

    use super::*;

    #[track_caller]
    fn assert_url(query: &Query, path_and_query: &str) {
        assert_eq!(query.path_and_query(), path_and_query);
    }

    #[track_caller]
    fn assert_encoded(aid: &str, encoded: &str) {
        assert_url(&Query::new().aid(aid).unwrap(), &format!("/v7/usage?aid={encoded}"));
    }

    #[test]
    fn without_aid_and_expand_there_is_no_question_mark() {
        assert_url(&Query::new(), "/v7/usage");
        assert_url(&Query::new().expand([]), "/v7/usage");
    }

    #[test]
    fn aid_comes_before_expand_and_commas_are_literal() {
        let query = Query::new().expand([Expand::Test, Expand::EndpointAgent]).aid("2067").unwrap();
        assert_url(&query, "/v7/usage?aid=2067&expand=test,endpoint-agent");
    }

    #[test]
    fn expand_alone_follows_the_question_mark() {
        assert_url(&Query::new().expand([Expand::Test]), "/v7/usage?expand=test");
    }

    #[test]
    fn duplicates_in_expand_are_sent_once_in_their_first_order() {
        let values = [Expand::EndpointAgent, Expand::Test, Expand::EndpointAgent, Expand::Test];
        assert_url(&Query::new().expand(values), "/v7/usage?expand=endpoint-agent,test");
    }

    #[test]
    fn an_aid_is_percent_encoded() {
        assert_encoded("1&expand=x", "1%26expand%3Dx");
        assert_encoded("../", "..%2F");
        assert_encoded("é", "%C3%A9");
        assert_encoded("a b+c#d?e%f", "a%20b%2Bc%23d%3Fe%25f");
        assert_encoded("A-z.0_9~", "A-z.0_9~");
    }

    #[test]
    fn an_empty_aid_is_rejected() {
        let error = Query::new().aid("").unwrap_err();
        assert_eq!(error.to_string(), "`aid` is empty; leave it out to ask without one");
    }

    #[test]
    fn an_aid_with_control_characters_is_rejected() {
        for aid in ["20\n67", "\0", "2067\r", "\u{7f}", "\u{85}"] {
            let error = Query::new().aid(aid).unwrap_err();
            let message = "`aid` has a control character; pass the account group's ID alone";
            assert_eq!(error.to_string(), message, "{aid:?}");
        }
    }

    #[test]
    fn an_unknown_expand_value_is_rejected_with_the_six_that_exist() {
        assert_eq!(
            "tests".parse::<Expand>().unwrap_err().to_string(),
            "Unknown value; the values of `expand` are \"test\", \"enterprise-agent\", \"enterprise-agent-unit\", \
             \"endpoint-agent\", \"endpoint-agent-essential\", \"endpoint-agent-embedded\""
        );
    }

    #[test]
    fn every_expand_value_reads_back_what_it_writes() {
        for &value in Expand::ALL {
            assert_eq!(value.as_str().parse(), Ok(value));
        }
    }

    #[test]
    fn a_period_is_sent_in_utc_without_fractions() {
        let dates = DateRange::new(Some("2026-10-01T02:00:00.999+02:00"), Some("2026-10-31T23:59:59Z")).unwrap();
        let query = UnitsQuery::new().dates(dates).aid("a b").unwrap();
        assert_eq!(
            query.path_and_query(&Endpoint::TEST_UNITS, Some("c%3D")),
            "/v7/usage/units/tests?aid=a%20b&startDate=2026-10-01T00:00:00Z&endDate=2026-10-31T23:59:59Z&cursor=c%3D"
        );
        let query = UnitsQuery::new();
        assert_eq!(query.path_and_query(&Endpoint::ENTERPRISE_AGENT_UNITS, None), "/v7/usage/units/enterprise-agents");
    }

    #[test]
    fn a_period_may_have_one_end_or_be_empty() {
        let start = "2026-10-01T00:00:00Z";
        for (start, end) in [(Some(start), None), (None, Some(start)), (Some(start), Some("2026-10-01T01:00:00+01:00"))]
        {
            assert!(DateRange::new(start, end).is_ok());
        }
    }

    #[test]
    fn a_date_without_a_zone_is_rejected_with_the_right_form() {
        for text in ["2026-10-01", "2026-10-01T00:00:00", "yesterday", "", "+012026-10-01T00:00:00Z"] {
            assert_eq!(
                DateRange::new(Some(text), None).unwrap_err().to_string(),
                "`startDate` must be a Date or a date-time with a zone, such as \"2026-10-01T00:00:00Z\"",
                "{text:?}"
            );
        }
        assert!(DateRange::new(None, Some("x")).unwrap_err().to_string().starts_with("`endDate` must be"));
    }

    #[test]
    fn a_date_whose_year_in_utc_has_not_four_digits_is_rejected() {
        for text in ["9999-12-31T23:59:59-23:00", "9999-12-31T23:59:60Z", "0000-01-01T00:00:00+01:00"] {
            assert!(
                DateRange::new(Some(text), None).unwrap_err().to_string().starts_with("`startDate` must be"),
                "{text}"
            );
        }
        for text in ["9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z"] {
            let query = UnitsQuery::new().dates(DateRange::new(Some(text), None).unwrap());
            assert!(query.path_and_query(&Endpoint::TEST_UNITS, None).ends_with(text));
        }
    }

    #[test]
    fn an_end_before_its_start_is_rejected() {
        let error = DateRange::new(Some("2026-10-01T00:00:01Z"), Some("2026-10-01T01:00:00+01:00")).unwrap_err();
        assert_eq!(error.to_string(), "`endDate` is before `startDate`; swap them");
    }

    const BASES: &[&str] = &[
        "https://api.thousandeyes.com",
        "http://localhost:8080",
        "https://[::1]:8443/proxy/v7",
        "https://example.com/a%3Fb",
    ];

    proptest! {
        #[test]
        fn any_query_is_parsed_back_from_the_url(
            base in select(BASES),
            aid in vec(any::<char>().prop_filter("control", |char| !char.is_control()), 0..40),
            values in vec(select(Expand::ALL), 0..9),
        ) {
            let mut query = Query::new().expand(values.clone());
            let mut expected = Vec::new();
            if !aid.is_empty() {
                let aid = String::from_iter(aid);
                query = query.aid(&aid).unwrap();
                expected.push(("aid".to_owned(), aid));
            }
            if !values.is_empty() {
                let mut sent: Vec<&str> = Vec::new();
                for value in &values {
                    if !sent.contains(&value.as_str()) {
                        sent.push(value.as_str());
                    }
                }
                expected.push(("expand".to_owned(), sent.join(",")));
            }

            let url = Url::parse(&format!("{base}{}", query.path_and_query())).unwrap();
            let endpoint = Url::parse(&format!("{base}/v7/usage")).unwrap();
            prop_assert_eq!((url.origin(), url.path()), (endpoint.origin(), endpoint.path()));
            prop_assert_eq!(url.fragment(), None);
            let arrived: Vec<_> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(arrived, expected);
        }
    }
}
