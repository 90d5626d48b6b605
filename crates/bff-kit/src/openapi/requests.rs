//! What an operation takes besides what its handler asks for: header fields that every gateway understands, and the
//! ways to prove who is asking.

use utoipa::openapi::{
    Components, HttpMethod, Object, ObjectBuilder, Ref, RefOr, Required, Type,
    path::{Operation, Parameter, ParameterIn},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use super::Facts;

/// The header field that names a write.
pub(super) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// A place in the log of changes, for the examples.
pub(super) const PLACE: &str = "5ee52346301e2215.42";
/// How it is described for those writes that have to have a name.
const REQUIRED_KEY: &str = "RequiredIdempotencyKey";

/// Describes the header fields and the ways to prove who is asking.
pub(super) fn components(facts: &Facts, components: &mut Components) {
    let text = || Object::builder().schema_type(Type::String);
    let key = || {
        let sane = r#"^([!#-\[\]-~]{16,255}|"[!#-\[\]-~]{16,255}")$"#;
        text()
            .pattern(Some(sane))
            .examples(["0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f"])
    };
    let mut add = |key: &str, name: &str, description: &str, schema: ObjectBuilder| {
        let parameter = Parameter::builder()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .description(Some(description))
            .required(match key {
                REQUIRED_KEY => Required::True,
                _ => Required::False,
            })
            .schema(Some(schema));
        components
            .parameters
            .insert(key.to_owned(), parameter.build().into());
    };
    for name in ["IdempotencyKey", REQUIRED_KEY] {
        let text = "A name for this write, such as a UUID, new for each intention: sent again under the same name, it \
                    is done once and answered as before, for seven days.";
        add(name, IDEMPOTENCY_KEY, text, key());
    }
    add(
        "IfNoneMatch",
        "If-None-Match",
        "The `ETag` of the answer that the client has: where it still holds, the answer is a 304 without a body.",
        text()
            .pattern(Some(r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#))
            .examples(["\"5cf0a1e6b3d2f947\""]),
    );
    add(
        "ChangePosition",
        "Change-Position",
        "What the answer to the client's last change said: then this one shows nothing older.",
        text()
            .pattern(Some(r"^([0-9a-f]{16}\.[0-9]{1,19}|unknown)$"))
            .examples([PLACE]),
    );
    if facts.asks_version {
        add(
            "ClientVersion",
            "X-Client-Version",
            "The version of the app; one that is too old is answered with `CLIENT_UPGRADE_REQUIRED`.",
            text().pattern(Some("^[!-~]{1,64}$")).examples(["2.3.1"]),
        );
        add(
            "ClientPlatform",
            "X-Client-Platform",
            "What the app runs on: `android`, `ios`, `linux`, `macos`, `windows` or `web`; for statistics.",
            text().pattern(Some("^[!-~]{1,64}$")).examples(["android"]),
        );
    }

    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let token = token.description(Some("The token that signing in gave.")).build();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    if let Some(cookie) = facts.manners.session_cookies.first() {
        let others = facts.manners.session_cookies[1..].join("`, `");
        let text = format!("The cookie that signing in sets; over plain http it is called `{others}`.");
        let session = ApiKeyValue::with_description((*cookie).to_owned(), text);
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
        let text = "Always `1`: goes with each change that the cookie proves, because no page of another origin can \
                    send it.";
        let csrf = ApiKeyValue::with_description("x-csrf", text);
        components.add_security_scheme("csrf", SecurityScheme::ApiKey(ApiKey::Header(csrf)));
    }
}

/// Adds to an operation what it takes besides what its handler asks for.
pub(super) fn describe(facts: &Facts, method: &HttpMethod, operation: &mut Operation) {
    let is_read = *method == HttpMethod::Get;
    let needs_key = takes(operation, ParameterIn::Header, IDEMPOTENCY_KEY);
    let parameters = operation.parameters.get_or_insert_default();
    parameters.retain(|parameter| !matches!(parameter, RefOr::T(own) if own.name == IDEMPOTENCY_KEY));
    let fields = [
        (needs_key, REQUIRED_KEY),
        (!is_read && !needs_key, "IdempotencyKey"),
        (is_read, "ChangePosition"),
        (is_read, "IfNoneMatch"),
        (facts.asks_version, "ClientVersion"),
        (facts.asks_version, "ClientPlatform"),
    ];
    let fields = fields.into_iter().filter(|(taken, _)| *taken);
    let fields = fields.map(|(_, key)| RefOr::Ref(Ref::new(format!("#/components/parameters/{key}"))));
    parameters.extend(fields);

    let ways = operation.security.get_or_insert_default();
    let token = serde_json::json!(ways).to_string().contains("\"token\"");
    if token && !facts.manners.session_cookies.is_empty() {
        let session = SecurityRequirement::new("session", [""; 0]);
        ways.push(match is_read {
            true => session,
            false => session.add("csrf", [""; 0]),
        });
    }
}

/// Whether an operation has this parameter of its own; any of this place where the name is empty.
pub(super) fn takes(operation: &Operation, place: ParameterIn, name: &str) -> bool {
    let mut own = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        });
    own.any(|own| own.parameter_in == place && (name.is_empty() || own.name == name))
}
