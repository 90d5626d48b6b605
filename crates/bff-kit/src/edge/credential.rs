//! What a request comes with to say who is asking. Nothing here says whether it is any good.

use http::{HeaderMap, header};

/// The token of the `Authorization` header, otherwise that of the first of these cookies.
pub(super) fn of<'h>(headers: &'h HeaderMap, cookies: &[&str]) -> Option<&'h [u8]> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let bytes = value.as_bytes();
        // Whichever the scheme is called, it is the token that counts.
        let token = bytes.iter().position(|byte| *byte == b' ').map(|at| &bytes[at..]);
        return Some(token.unwrap_or(bytes).trim_ascii());
    }
    cookie(headers, cookies)
}

/// The value of the first of these cookies.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, cookies: &[&str]) -> Option<&'h [u8]> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    for pair in pairs {
        let Some(at) = pair.iter().position(|byte| *byte == b'=') else {
            continue;
        };
        let (name, token) = (pair[..at].trim_ascii(), &pair[at + 1..]);
        if cookies.iter().any(|cookie| cookie.as_bytes() == name) {
            return Some(token);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn found(fields: &[(header::HeaderName, &'static str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, HeaderValue::from_static(value));
        }
        of(&headers, &["sid"]).map(|token| String::from_utf8_lossy(token).into_owned())
    }

    #[test]
    fn a_token_is_the_same_whichever_way_it_comes() {
        for fields in [
            &[(header::AUTHORIZATION, "Bearer abc")][..],
            &[(header::AUTHORIZATION, "Token  abc")],
            &[(header::COOKIE, "theme=dark; sid=abc")],
            &[(header::COOKIE, "sid=other"), (header::AUTHORIZATION, "abc")],
        ] {
            assert_eq!(found(fields).as_deref(), Some("abc"), "{fields:?}");
        }
    }

    #[test]
    fn other_cookies_say_nothing_about_who_is_asking() {
        assert_eq!(found(&[(header::COOKIE, "theme=dark; xsid=abc; sid")]), None);
    }
}
