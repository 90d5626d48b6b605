//! The documentation that a gateway serves: `/openapi.json`, and `/docs` to read and try it, from files
//! that are part of the program.

mod answers;
mod examples;
mod names;
mod requests;
mod streams;

use axum::{Router, extract::Request, middleware::Next};
use http::{HeaderValue, header};
use serde_json::Value;
use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{
        Components, HttpMethod, Info, License, OpenApi, PathItem, RefOr, Schema, Server, path::Operation,
        tag::Tag,
    },
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{
    error::{Problem, ProblemError, Upgrade},
    manners::Manners,
};
use answers::Answers;

/// What the documentation says of the whole gateway.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name.
    pub title: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// The groups of its operations, each with what they are for.
    pub tags: &'static [(&'static str, &'static str)],
    /// Examples of fields by name, a JSON object: `field` or `Shape.field`.
    pub examples: &'static str,
}

/// What decides about how a gateway is documented, besides its routes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// What it says of itself.
    pub about: About,
    /// How it treats its clients.
    pub manners: Manners,
    /// Whether its clients say how old they are.
    pub asks_version: bool,
}

impl Facts {
    fn refuses_old_clients(&self, route: &str) -> bool {
        self.asks_version && route != "/config" && !self.manners.open_to_old_clients.contains(&route)
    }
}

/// The routes with their document, and the fields of which it could show no example.
///
/// # Panics
/// Where something is referred to that is not there: utoipa does not collect the schemas of parameters, so
/// these have to be written out with `#[param(inline)]`.
pub(crate) fn split(facts: &Facts, routes: OpenApiRouter) -> (Router, OpenApi, Vec<String>) {
    let (routes, mut document) = routes.split_for_parts();
    let About { tags, examples, .. } = facts.about;
    document.info = info(facts.about);
    document.servers = Some(vec![
        Server::builder()
            .url("/")
            .description(Some("This gateway"))
            .build(),
    ]);
    let tag = |(name, text): &(&str, &str)| Tag::builder().name(*name).description(Some(*text)).build();
    document.tags = Some(tags.iter().map(tag).collect());

    let components = document.components.get_or_insert_with(Components::new);
    let schemas = [
        (Problem::name(), Problem::schema()),
        (ProblemError::name(), ProblemError::schema()),
        (Upgrade::name(), Upgrade::schema()),
    ];
    components
        .schemas
        .extend(schemas.map(|(name, schema)| (name.into_owned(), schema)));
    requests::components(facts, components);
    let mut answers = Answers::new(facts);
    for (route, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            answers.describe(route, &method, operation);
            requests::describe(facts, &method, operation);
        }
    }
    (components.responses, components.headers) = answers.finish();
    names::refer(&mut document);
    names::forget_unused(&mut document);
    streams::describe(&mut document);
    let missing = examples::add(&mut document, examples);

    let lost = lost_references(&document);
    assert!(
        lost.is_empty(),
        "the document refers to what it does not have: {lost:?}"
    );
    (routes, document, missing)
}

fn info(about: About) -> Info {
    let mut license = License::new(env!("CARGO_PKG_LICENSE"));
    license.identifier = Some(env!("CARGO_PKG_LICENSE").to_owned());
    Info::builder()
        .title(about.title)
        .version(about.version)
        .description(Some(about.description))
        .license(Some(license))
        .build()
}

fn lost_references(document: &OpenApi) -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| collect(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let document = serde_json::json!(document);
    let mut references = Vec::new();
    collect(&document, &mut references);
    references.retain(|reference| document.pointer(reference.trim_start_matches('#')).is_none());
    references
}

/// The routes of all `parts` together.
///
/// # Panics
/// Where two of them document different things under one name, of which one would be lost.
pub fn merge<S>(parts: impl IntoIterator<Item = OpenApiRouter<S>>) -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    parts.into_iter().fold(OpenApiRouter::new(), |all, part| {
        for (name, schema) in schemas(&part) {
            let other = schemas(&all).find(|(known, _)| *known == name);
            let same = other.is_none_or(|(_, known)| known == schema);
            assert!(
                same,
                "two schemas are called {name}: rename one, or share one in `parts`"
            );
        }
        all.merge(part)
    })
}

fn schemas<S>(router: &OpenApiRouter<S>) -> impl Iterator<Item = (&String, &RefOr<Schema>)>
where
    S: Clone + Send + Sync + 'static,
{
    router
        .get_openapi()
        .components
        .iter()
        .flat_map(|components| &components.schemas)
}

/// The routes with `/openapi.json` and `/docs` beside them.
pub fn serve(routes: Router, document: OpenApi) -> Router {
    let config = Config::default()
        .validator_url("none")
        .persist_authorization(true);
    let docs: Router = SwaggerUi::new("/docs")
        .config(config)
        .url("/openapi.json", document)
        .into();
    routes.merge(docs.layer(axum::middleware::from_fn(allow_own_files)))
}

/// Lets the pages of the documentation load their own scripts and styles, and nothing from elsewhere.
async fn allow_own_files(request: Request, next: Next) -> axum::response::Response {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let PathItem {
        get,
        put,
        post,
        delete,
        patch,
        ..
    } = item;
    [
        (HttpMethod::Get, get),
        (HttpMethod::Put, put),
        (HttpMethod::Post, post),
        (HttpMethod::Delete, delete),
        (HttpMethod::Patch, patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

#[cfg(test)]
mod tests {
    use utoipa::ToSchema;
    use utoipa_axum::routes;

    use super::*;

    mod one {
        /// One thing.
        #[derive(utoipa::ToSchema)]
        #[expect(dead_code, reason = "only its schema counts")]
        pub(super) struct Thing {
            size: u8,
        }
    }

    /// Another thing.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Thing {
        colour: String,
    }

    #[utoipa::path(get, path = "/a", responses((status = 200, description = "It", body = one::Thing)))]
    async fn a() {}

    #[utoipa::path(get, path = "/b", responses((status = 200, description = "It", body = Thing)))]
    async fn b() {}

    #[utoipa::path(get, path = "/c", responses((status = 200, description = "It", body = Thing)))]
    async fn c() {}

    #[test]
    fn what_two_parts_share_is_documented_once() {
        let all = merge([
            OpenApiRouter::<()>::new().routes(routes!(b)),
            OpenApiRouter::new().routes(routes!(c)),
        ]);
        assert_eq!(schemas(&all).count(), 1);
    }

    #[test]
    #[should_panic(expected = "two schemas are called Thing")]
    fn two_things_of_one_name_do_not_go_unnoticed() {
        merge([
            OpenApiRouter::<()>::new().routes(routes!(a)),
            OpenApiRouter::new().routes(routes!(b)),
        ]);
    }
}
