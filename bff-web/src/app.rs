//! The web app at `/`: the files that it was built into, and its page for every path that is the app's own.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use bff_kit::ApiError;
use http::{
    HeaderValue, Method, StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};
use percent_encoding::percent_decode_str;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::settings::AppSettings;

/// The page, which says what else the app is made of.
const PAGE: &str = "index.html";
/// What stands in the page for the nonce of its scripts and styles.
const NONCE: &str = "__CSP_NONCE__";
/// Whose names change with their content.
const HASHED: &str = "/assets/";
/// Paths that are never the app's, whether there is anything or not.
const OURS: [&str; 6] = ["/api", "/config", "/docs", "/graphql", "/openapi.json", "/v1"];

/// What answers on every path that is nobody else's; nothing where the app is served from elsewhere.
pub(crate) fn pages(settings: &AppSettings) -> anyhow::Result<Option<Router>> {
    if settings.folder.as_os_str().is_empty() {
        return Ok(None);
    }
    let app = App::open(&settings.folder)?;
    Ok(Some(Router::new().fallback(App::answer).with_state(app)))
}

/// The built app.
#[derive(Clone, Debug)]
struct App {
    folder: PathBuf,
    page: Arc<str>,
}

impl App {
    fn open(folder: &Path) -> anyhow::Result<Self> {
        let page = std::fs::read_to_string(folder.join(PAGE))
            .with_context(|| format!("app.folder = {} has no {PAGE} that can be read", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
            page: page.into(),
        })
    }

    async fn answer(State(app): State<Self>, request: Request) -> Response {
        let path = request.uri().path();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if !reads || OURS.iter().any(|ours| is_below(path, ours)) {
            return ApiError::UnknownRoute.into_response();
        }
        // Files of the tools that built the app are nobody's business.
        let hidden = percent_decode_str(path).decode_utf8_lossy();
        let hidden = hidden
            .split('/')
            .any(|name| name.starts_with('.') && name != ".well-known");
        let hashed = path.starts_with(HASHED);
        if path == "/" || path.trim_start_matches('/') == PAGE || hidden {
            return app.page();
        }
        match app.file(request).await {
            Some(mut file) => {
                if hashed {
                    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
                    file.headers_mut().insert(CACHE_CONTROL, forever);
                }
                file
            }
            // A page in the place of a script would only make the browser say something odd.
            None if hashed => ApiError::UnknownRoute.into_response(),
            None => app.page(),
        }
    }

    /// The file of this path, packed if it lies there packed.
    async fn file(&self, request: Request) -> Option<Response> {
        let files = ServeDir::new(&self.folder)
            .append_index_html_on_directories(false)
            .precompressed_zstd()
            .precompressed_br()
            .precompressed_gzip();
        let response = match files.oneshot(request).await {
            Ok(response) => response.into_response(),
            Err(never) => match never {},
        };
        let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
        found.then_some(response)
    }

    /// The page, which no other can run scripts in: they need a value that is another one each time.
    fn page(&self) -> Response {
        let mut nonce = String::new();
        write!(nonce, "{:032x}", rand::random::<u128>()).expect("a string takes everything");
        let policy = format!(
            "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; \
             img-src 'self' https: data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'; require-trusted-types-for 'script'"
        );
        let page = self.page.replace(NONCE, &nonce);
        let fields = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
            (CONTENT_SECURITY_POLICY, policy.as_str()),
        ];
        (fields, page).into_response()
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
