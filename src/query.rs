//! The arguments `aid` and `expand`, and the URL of the request.

use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::ArgumentError;
use crate::string_enum::string_enum;

/// The path of the endpoint, below the base URL.
const PATH: &str = "/v7/usage";

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
        let aid = aid.into();
        if aid.is_empty() {
            return Err(ArgumentError::new("`aid` is empty; leave it out to ask without one"));
        }
        if aid.chars().any(char::is_control) {
            return Err(ArgumentError::new("`aid` has a control character; pass the account group's ID alone"));
        }
        self.aid = Some(aid);
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

    /// The URL below `base`, which has no trailing slash, query or fragment.
    pub(crate) fn url(&self, base: &str) -> String {
        let mut url = [base, PATH].concat();
        let mut separator = '?';
        if let Some(aid) = &self.aid {
            url.push(separator);
            url.push_str("aid=");
            url.extend(utf8_percent_encode(aid, RESERVED));
            separator = '&';
        }
        if !self.expand.is_empty() {
            // Commas stay literal, as in the examples of the API. The values need no encoding.
            url.push(separator);
            url.push_str("expand=");
            for (index, value) in self.expand.iter().enumerate() {
                url.push_str(if index == 0 { "" } else { "," });
                url.push_str(value.as_str());
            }
        }
        url
    }
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

    const BASE: &str = "https://api.thousandeyes.com";

    #[track_caller]
    fn assert_url(query: &Query, path_and_query: &str) {
        assert_eq!(query.url(BASE), format!("{BASE}{path_and_query}"));
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

    const BASES: &[&str] = &[BASE, "http://localhost:8080", "https://[::1]:8443/proxy/v7", "https://example.com/a%3Fb"];

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

            let url = Url::parse(&query.url(base)).unwrap();
            let endpoint = Url::parse(&format!("{base}/v7/usage")).unwrap();
            prop_assert_eq!((url.origin(), url.path()), (endpoint.origin(), endpoint.path()));
            prop_assert_eq!(url.fragment(), None);
            let arrived: Vec<_> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(arrived, expected);
        }
    }
}
