//! The pages of a list, which the API links by an opaque cursor.

/// The pages that were requested: the cursors of all but the first, joined by `&`, which no cursor contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pages(pub(crate) String);

impl Pages {
    /// The cursor of the page that is requested. `None` for the first page.
    pub(crate) fn cursor(&self) -> Option<&str> {
        // `rsplit` would add 300 bytes to what a page loads.
        let last = self.0.split('&').fold(None, |_, cursor| Some(cursor));
        last.filter(|cursor| !cursor.is_empty())
    }

    /// Adds the page of a cursor.
    pub(crate) fn push(&mut self, cursor: &str) {
        self.0.push_str(if self.0.is_empty() { "" } else { "&" });
        self.0.push_str(cursor);
    }

    /// The cursor of the page after these, which the `href` of a next link has. `None` if it has none: then this is the last
    /// page.
    ///
    /// Only the cursor of a link is used. Its host, its path and its other parameters could lead the token elsewhere.
    pub(crate) fn next<'a>(&self, href: &'a str, max_pages: u32) -> Result<Option<&'a str>, String> {
        let Some(cursor) = cursor_of(href) else { return Ok(None) };
        let mut count = 1;
        for requested in self.0.split('&').filter(|cursor| !cursor.is_empty()) {
            if requested == cursor {
                return Err(
                    "The API links to a page that was read already; report it to ThousandEyes support".to_owned()
                );
            }
            count += 1;
        }
        if count >= max_pages {
            return Err(format!(
                "There are more than {max_pages} pages; raise `maxPages`, or request a shorter period"
            ));
        }
        Ok(Some(cursor))
    }
}

/// The cursor in a link, as it is there. `fetch` encodes what a URL may not contain.
fn cursor_of(href: &str) -> Option<&str> {
    let (_, query) = href.split('#').next()?.split_once('?')?;
    let cursor = query.split('&').find_map(|parameter| parameter.strip_prefix("cursor="));
    cursor.filter(|cursor| !cursor.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_cursor(href: &str, cursor: Option<&str>) {
        assert_eq!(Pages::default().next(href, 2), Ok(cursor), "{href}");
    }

    #[test]
    fn only_the_cursor_of_a_link_is_used() {
        let link = "https://api.thousandeyes.com/v7/usage/units/tests";
        assert_cursor(&format!("{link}?cursor=abc"), Some("abc"));
        assert_cursor(&format!("{link}?aid=9&cursor=abc&startDate=x#cursor=d"), Some("abc"));
        assert_cursor("https://evil.example/v7/../steal?cursor=abc", Some("abc"));
        assert_cursor("?cursor=abc", Some("abc"));
    }

    #[test]
    fn a_link_without_a_cursor_is_to_no_page() {
        for href in ["", "https://api.example/v7", "?", "?cursor=", "?Cursor=a", "?x=cursor=a", "?a=1#?cursor=a"] {
            assert_cursor(href, None);
        }
    }

    #[test]
    fn a_cursor_stays_encoded_as_it_is_in_the_link() {
        for cursor in ["a%3D%3d", "a+b/c==", "a b", "a%", "é"] {
            assert_cursor(&format!("?cursor={cursor}&x=1"), Some(cursor));
        }
    }

    #[test]
    fn a_cursor_that_comes_back_is_an_error() {
        let pages = Pages("a&b".to_owned());
        for cursor in ["a", "b"] {
            let error = pages.next(&["?cursor=", cursor].concat(), 1_000).unwrap_err();
            assert_eq!(error, "The API links to a page that was read already; report it to ThousandEyes support");
        }
        assert_eq!(pages.next("?cursor=c", 1_000), Ok(Some("c")));
    }

    #[test]
    fn more_than_max_pages_are_an_error() {
        let mut pages = Pages::default();
        assert_eq!(pages.next("?cursor=a", 2), Ok(Some("a")));
        assert!(pages.next("?cursor=a", 1).is_err());
        pages.push("a");
        let message = "There are more than 2 pages; raise `maxPages`, or request a shorter period";
        assert_eq!(pages.next("?cursor=b", 2).unwrap_err(), message);
        assert_eq!(pages.next("", 2), Ok(None));
    }

    #[test]
    fn the_last_cursor_is_that_of_the_page_that_is_requested() {
        let mut pages = Pages::default();
        assert_eq!(pages.cursor(), None);
        for cursor in ["a", "b%26"] {
            pages.push(cursor);
            assert_eq!(pages.cursor(), Some(cursor));
        }
        assert_eq!(pages, Pages("a&b%26".to_owned()));
    }
}
