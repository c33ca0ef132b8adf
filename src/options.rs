//! The options of a call: their names, their defaults, and the values that each rejects.

use crate::error::ArgumentError;

/// The address of the API.
pub(crate) const DEFAULT_BASE_URL: &str = "https://api.thousandeyes.com";

/// A timer takes a signed 32-bit number of milliseconds; a longer one fires at once.
pub(crate) const LONGEST_TIMER: f64 = 2_147_483_647.0;

/// The upper limit of `maxBodyBytes`. A result of several times that size has to fit into the WebAssembly's memory, and its JSON
/// into one string.
pub(crate) const LONGEST_BODY: usize = 256 << 20;

/// The limits of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limits {
    pub(crate) retries: u32,
    pub(crate) body_bytes: usize,
    /// Of a list that comes in pages.
    pub(crate) pages: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { retries: 2, body_bytes: 32 << 20, pages: 1_000 }
    }
}

/// Checks the option `timeout`.
pub(crate) fn timeout(milliseconds: f64) -> Result<f64, ArgumentError> {
    if milliseconds > LONGEST_TIMER {
        Ok(f64::INFINITY)
    } else if milliseconds > 0.0 {
        Ok(milliseconds)
    } else {
        Err(ArgumentError::new("`timeout` must be a number of milliseconds above 0, or Infinity for none"))
    }
}

/// Checks the option `maxRetries`.
#[cfg(feature = "exports")]
pub(crate) fn max_retries(number: f64) -> Result<u32, ArgumentError> {
    count(number).ok_or_else(|| ArgumentError::new("`maxRetries` must be a whole number, 0 or more"))
}

/// Checks the option `maxPages`.
#[cfg(feature = "exports")]
pub(crate) fn max_pages(number: f64) -> Result<u32, ArgumentError> {
    let pages = count(number).filter(|pages| *pages > 0);
    pages.ok_or_else(|| ArgumentError::new("`maxPages` must be a whole number, 1 or more"))
}

/// A whole number from 0 on.
#[cfg(feature = "exports")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, which is meant")]
pub(crate) fn count(number: f64) -> Option<u32> {
    (number >= 0.0 && number.fract() == 0.0).then_some(number as u32)
}

/// Checks the option `maxBodyBytes`.
#[cfg(feature = "exports")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, which is meant")]
pub(crate) fn max_body_bytes(count: f64) -> Result<usize, ArgumentError> {
    if count >= 1.0 {
        Ok((count as usize).min(LONGEST_BODY))
    } else {
        Err(ArgumentError::new("`maxBodyBytes` must be a number of bytes, 1 or more"))
    }
}

/// The names of the options, as a message lists them.
#[cfg(feature = "exports")]
const NAMES: &str = "token, baseUrl, fetch, timeout, maxRetries, headers, maxBodyBytes, maxPages, onAttempt, signal";

/// The error of a name that is not an option's, or of the `signal` of a client.
#[cfg(feature = "exports")]
pub(crate) fn unknown(name: &str) -> ArgumentError {
    if name == "signal" {
        return ArgumentError::new("`signal` is not an option of a client; pass it to each call");
    }
    // A name in another form may be a secret in the wrong place.
    let is_name = name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    let name = if is_name { name } else { "…" };
    let (hint, option, end) = match NAMES.split(',').map(str::trim_ascii).find(|option| is_similar(name, option)) {
        Some(option) => ("did you mean `", option, "`?"),
        None => ("the options are ", NAMES, ""),
    };
    ArgumentError::new(["`", name, "` is not an option; ", hint, option, end].concat())
}

/// Whether two names differ in at most three characters in one place, or only in case.
#[cfg(feature = "exports")]
fn is_similar(one: &str, other: &str) -> bool {
    let is_same = |(a, b): &(u8, u8)| a.eq_ignore_ascii_case(b);
    let start = one.bytes().zip(other.bytes()).take_while(is_same).count();
    let end = one.bytes().rev().zip(other.bytes().rev()).take_while(is_same).count();
    one.len().max(other.len()) <= start + end + 3
}

/// The parts of a URL, as the URL standard's parser returns them.
#[derive(Clone, Debug, Default)]
pub(crate) struct UrlParts {
    pub(crate) href: String,
    pub(crate) protocol: String,
    pub(crate) hostname: String,
    pub(crate) username: String,
    pub(crate) password: String,
    /// Whether http is allowed: the URL has the page's own origin, and no token is sent.
    pub(crate) allows_http: bool,
}

/// Checks the option `baseUrl`, and returns it without the path of the endpoint and without a trailing slash.
pub(crate) fn base_url(url: &UrlParts) -> Result<&str, ArgumentError> {
    let reject = |message: &str| Err(ArgumentError::new(message));
    if !url.username.is_empty() || !url.password.is_empty() {
        return reject("`baseUrl` has a user name or password; pass the token in `token` instead");
    }
    // Only the href shows an empty query or fragment.
    if url.href.contains(['?', '#']) {
        return reject("`baseUrl` has a query or fragment; pass only scheme, host and path");
    }
    let is_private = url.protocol == "https:" || is_loopback(&url.hostname) || url.allows_http;
    if !is_private || !["https:", "http:"].contains(&url.protocol.as_str()) {
        return reject("`baseUrl` must be https, or http on localhost, so that the token cannot be read on the way");
    }
    let base = url.href.trim_end_matches('/');
    // The API's documentation writes its address with the version. A host may be named `v7`.
    let without_path = ["/v7/usage", "/v7"].iter().find_map(|path| base.strip_suffix(path));
    Ok(without_path.filter(|base| !base.ends_with('/')).unwrap_or(base))
}

/// Whether a host, as the URL standard serializes it, is this machine. RFC 6761, section 6.3; RFC 1122, 3.2.1.3.
fn is_loopback(host: &str) -> bool {
    // By the standard, a host that ends in a number is an IPv4 address, written as four decimal numbers.
    let is_ipv4_loopback = host.starts_with("127.") && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || is_ipv4_loopback
}

/// The `Authorization` header of a token. The error is a message, which never contains a part of the token.
pub(crate) fn authorization(token: &str) -> Result<String, &'static str> {
    if token.is_empty() {
        Err("The token is empty; pass a bearer token of ThousandEyes, or leave `token` out")
    } else if token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(["Bearer ", token].concat())
    } else {
        Err(
            "The token has a line break, a space or another character that no token has; pass the bare token, without `Bearer`",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeout_is_above_0_and_none_from_2_pow_31_on() {
        for (milliseconds, timeout_of) in [
            (0.5, 0.5),
            (2_147_483_647.0, 2_147_483_647.0),
            (2_147_483_648.0, f64::INFINITY),
            (f64::INFINITY, f64::INFINITY),
        ] {
            assert_eq!(timeout(milliseconds), Ok(timeout_of));
        }
        for milliseconds in [0.0, -0.0, -1.0, f64::NEG_INFINITY, f64::NAN] {
            assert!(timeout(milliseconds).is_err(), "{milliseconds}");
        }
    }

    #[cfg(feature = "exports")]
    #[test]
    fn max_retries_is_a_whole_number_from_0_on() {
        for (number, count) in [(0.0, 0), (7.0, 7), (1e12, u32::MAX)] {
            assert_eq!(max_retries(number), Ok(count));
        }
        for number in [-1.0, 0.5, f64::NAN, f64::INFINITY] {
            assert!(max_retries(number).is_err(), "{number}");
        }
    }

    #[cfg(feature = "exports")]
    #[test]
    fn max_pages_is_a_whole_number_from_1_on() {
        for (number, pages) in [(1.0, 1), (7.0, 7), (1e12, u32::MAX)] {
            assert_eq!(max_pages(number), Ok(pages));
        }
        for number in [-1.0, 0.0, 0.5, f64::NAN, f64::INFINITY] {
            assert!(max_pages(number).is_err(), "{number}");
        }
    }

    #[cfg(feature = "exports")]
    #[test]
    fn max_body_bytes_is_above_0() {
        assert_eq!(max_body_bytes(1.0), Ok(1));
        assert_eq!(max_body_bytes(f64::INFINITY), Ok(256 << 20));
        for count in [0.0, 0.5, -1.0, f64::NAN] {
            assert!(max_body_bytes(count).is_err(), "{count}");
        }
    }

    fn url(protocol: &str, hostname: &str, path: &str) -> UrlParts {
        UrlParts {
            href: format!("{protocol}//{hostname}{path}"),
            protocol: protocol.to_owned(),
            hostname: hostname.to_owned(),
            ..UrlParts::default()
        }
    }

    #[track_caller]
    fn assert_rejected(url: &UrlParts, message: &str) {
        assert_eq!(base_url(url).unwrap_err().to_string(), message);
    }

    #[cfg(feature = "exports")]
    #[test]
    fn an_unknown_option_is_rejected_with_a_similar_one_or_the_list() {
        for (name, option) in [
            ("timeOut", "timeout"),
            ("TIMEOUT", "timeout"),
            ("time", "timeout"),
            ("baseURL", "baseUrl"),
            ("baesUrl", "baseUrl"),
            ("retries", "maxRetries"),
            ("maxRetry", "maxRetries"),
            ("header", "headers"),
            ("onattempts", "onAttempt"),
        ] {
            let message = format!("`{name}` is not an option; did you mean `{option}`?");
            assert_eq!(unknown(name).to_string(), message);
        }
        let list = "is not an option; the options are token, baseUrl, fetch, timeout, maxRetries, headers, maxBodyBytes, \
                    maxPages, onAttempt, signal";
        for name in ["", "foo", "cache", "apiKey"] {
            assert_eq!(unknown(name).to_string(), format!("`{name}` {list}"));
        }
        for name in ["s3cret", "a\nb", &"a".repeat(33)] {
            assert_eq!(unknown(name).to_string(), format!("`…` {list}"));
        }
        assert_eq!(unknown("signal").to_string(), "`signal` is not an option of a client; pass it to each call");
    }

    #[test]
    fn base_url_may_end_in_the_version_or_the_endpoint() {
        for path in ["", "/", "/v7", "/v7/", "/v7/usage", "/v7/usage//"] {
            assert_eq!(base_url(&url("https:", "example.com", path)), Ok("https://example.com"), "{path}");
            assert_eq!(base_url(&url("https:", "v7", path)), Ok("https://v7"), "{path}");
        }
        for path in ["/usage", "/v71", "/v7/x"] {
            assert_eq!(base_url(&url("https:", "v7", path)), Ok(&*format!("https://v7{path}")));
        }
    }

    #[test]
    fn base_url_of_the_pages_own_origin_may_be_http_without_a_token() {
        let own = |protocol| UrlParts { allows_http: true, ..url(protocol, "example.com", "/api") };
        assert_eq!(base_url(&own("http:")), Ok("http://example.com/api"));
        assert_rejected(&own("ftp:"), NOT_PRIVATE);
    }

    const NOT_PRIVATE: &str =
        "`baseUrl` must be https, or http on localhost, so that the token cannot be read on the way";

    #[test]
    fn base_url_loses_its_trailing_slashes() {
        assert_eq!(base_url(&url("https:", "example.com", "/")), Ok("https://example.com"));
        assert_eq!(base_url(&url("https:", "example.com", "/api//")), Ok("https://example.com/api"));
    }

    #[test]
    fn base_url_is_https_or_http_on_a_loopback_host() {
        for host in ["localhost", "app.localhost", "127.0.0.1", "127.9.8.7", "[::1]"] {
            assert!(base_url(&url("http:", host, "/")).is_ok(), "{host}");
        }
        for protocol in ["ftp:", "file:", "data:", "javascript:", "ws:"] {
            assert_rejected(&url(protocol, "localhost", "/"), NOT_PRIVATE);
        }
        for host in ["example.com", "localhost.example.com", "127.0.0.1.example.com", "127.evil", "10.0.0.1", "[::2]"] {
            assert_rejected(&url("http:", host, "/"), NOT_PRIVATE);
        }
    }

    #[test]
    fn base_url_with_userinfo_is_rejected_and_not_echoed() {
        let message = "`baseUrl` has a user name or password; pass the token in `token` instead";
        let with = |username: &str, password: &str| UrlParts {
            username: username.to_owned(),
            password: password.to_owned(),
            ..url("https:", "example.com", "/")
        };
        assert_rejected(&with("user", ""), message);
        assert_rejected(&with("", "secret"), message);
    }

    #[test]
    fn base_url_with_query_or_fragment_is_rejected() {
        for path in ["/?a=b", "/?", "/#x", "/#"] {
            let message = "`baseUrl` has a query or fragment; pass only scheme, host and path";
            assert_rejected(&url("https:", "example.com", path), message);
        }
    }

    #[test]
    fn a_token_is_sent_as_bearer() {
        assert_eq!(authorization("abc-123._~+/="), Ok("Bearer abc-123._~+/=".to_owned()));
    }

    #[test]
    fn a_token_that_no_header_can_hold_is_rejected() {
        let message = "The token is empty; pass a bearer token of ThousandEyes, or leave `token` out";
        assert_eq!(authorization(""), Err(message));
        for token in ["a\rb", "a\nb", "a\r\nX-Evil: 1", "a\0b", "tökén", "a\u{7f}", "a\tb", "abc ", "\u{FEFF}abc"] {
            let message = "The token has a line break, a space or another character that no token has; pass the bare \
                           token, without `Bearer`";
            assert_eq!(authorization(token), Err(message), "{token:?}");
        }
    }
}
