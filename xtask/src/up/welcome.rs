//! What is said once the cluster is up: where to look, and what to try.

use super::ports::{Ports, loopback};

/// The demo account that may use all three faces; the seeders make it.
const DEMO_EMAIL: &str = "staff@triptych.example";
const DEMO_PASSWORD: &str = "demo-password";

/// The text; with lines to try that need the demo data, or without.
pub fn text(ports: &Ports, database_url: &str, seeded: bool) -> String {
    let [web, mobile, desktop, core] =
        [ports.web, ports.mobile, ports.desktop, ports.core].map(|pair| loopback(pair.listen));
    let staff = if seeded {
        let login = format!(r#"{{"email":"{DEMO_EMAIL}","password":"{DEMO_PASSWORD}"}}"#);
        let login = format!(
            "curl -s http://{desktop}/v1/auth/login -H 'content-type: application/json' -d '{login}'"
        );
        let token = format!(r#"$({login} | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')"#);
        format!(r#"curl -s http://{desktop}/v1/workspace -H "authorization: Bearer {token}""#)
    } else {
        format!("curl -s http://{desktop}/openapi.json")
    };
    let database_url = without_password(database_url);
    format!(
        "
== the cluster is up
web      http://{web}   docs http://{web}/docs
mobile   http://{mobile}   docs http://{mobile}/docs
desktop  http://{desktop}   docs http://{desktop}/docs
core     {core} (gRPC)
data     {database_url}

Try, in another terminal:
curl -s http://{web}/api/views/home
curl -s http://{mobile}/v1/home
{staff}

Ctrl-C stops everything.
"
    )
}

/// The address of a database for everybody who looks at the screen.
fn without_password(url: &str) -> String {
    let Some((before, after)) = url.rsplit_once('@') else {
        return url.to_owned();
    };
    let scheme = before.find("://").map_or(0, |at| at + 3);
    match before[scheme..].find(':') {
        Some(colon) => format!("{}:…@{after}", &before[..scheme + colon]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for (url, shown) in [
            ("postgres://ada:sec:r@t@db/shop", "postgres://ada:…@db/shop"),
            ("postgres://ada@db:5432/shop", "postgres://ada@db:5432/shop"),
            (
                "sqlite://.triptych/triptych.db?mode=rwc",
                "sqlite://.triptych/triptych.db?mode=rwc",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
