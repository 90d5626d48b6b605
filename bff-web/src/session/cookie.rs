//! The cookie that holds a browser's session.

use bff_kit::ApiError;
use http::{HeaderMap, HeaderValue, header::COOKIE};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// Dates as cookies have them (RFC 9110, IMF-fixdate).
const DATE: &[BorrowedFormatItem<'static>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// What the cookie can be called: over https only, and over anything.
pub(crate) const COOKIES: [&str; 2] = ["__Host-Http-sid", "sid"];

/// How the cookie is written and found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionCookie {
    secure: bool,
}

impl SessionCookie {
    /// A cookie that travels over https only, or over anything.
    pub(crate) fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// The value of `Set-Cookie` that stores the token until the session ends, a Unix time.
    pub(crate) fn set(self, token: &str, ends_at: Option<i64>) -> HeaderValue {
        let ends = ends_at
            .and_then(|moment| OffsetDateTime::from_unix_timestamp(moment).ok())
            .and_then(|moment| moment.format(DATE).ok())
            .map(|date| format!("; Expires={date}"));
        self.write(token, &ends.unwrap_or_default())
    }

    /// The value of `Set-Cookie` that takes it away.
    pub(crate) fn clear(self) -> HeaderValue {
        self.write("", "; Max-Age=0")
    }

    /// The token that came in the cookie.
    pub(super) fn find(self, headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
        find(headers, self.name())
    }

    /// Whether cookies travel over https only.
    pub(super) fn is_secure(self) -> bool {
        self.secure
    }

    /// Browsers let nobody else set a cookie whose name begins with `__Host-Http-`: no other host, no
    /// script, no answer over plain http.
    fn name(self) -> &'static str {
        COOKIES[usize::from(!self.secure)]
    }

    fn write(self, token: &str, ends: &str) -> HeaderValue {
        write(self.name(), token, "Strict", self.secure, ends)
    }
}

/// The value of the cookie of this name.
pub(super) fn find<'a>(headers: &'a HeaderMap, wanted: &str) -> Result<Option<&'a str>, ApiError> {
    for cookies in headers.get_all(COOKIE) {
        let cookies = cookies.to_str().map_err(|_| ApiError::TokenInvalid)?;
        let pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        if let Some((_, value)) = pairs.into_iter().find(|(name, _)| *name == wanted) {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The value of `Set-Cookie` for a cookie that no script can read.
pub(super) fn write(name: &str, value: &str, same_site: &str, secure: bool, ends: &str) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}{ends}");
    let mut value = HeaderValue::try_from(text).expect("tokens are URL-safe, and so is the rest");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_lasts_as_long_as_the_session() {
        assert_eq!(
            SessionCookie::new(false).set("abc", Some(1_800_000_000)),
            "sid=abc; Path=/; HttpOnly; SameSite=Strict; Expires=Fri, 15 Jan 2027 08:00:00 GMT"
        );
    }

    #[test]
    fn over_https_only_https_can_set_it() {
        assert_eq!(
            SessionCookie::new(true).clear(),
            "__Host-Http-sid=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"
        );
    }

    #[test]
    fn finds_its_own_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("theme=dark; xsid=no"));
        headers.append(COOKIE, HeaderValue::from_static("a=b=c;  sid=abc; sid=later"));
        assert_eq!(SessionCookie::new(false).find(&headers), Ok(Some("abc")));
        assert_eq!(SessionCookie::new(true).find(&headers), Ok(None));
    }
}
