//! Server-sent events as they travel: each one's data is JSON in a text.

use utoipa::openapi::{ObjectBuilder, OpenApi, RefOr, Schema, schema::Type};

use super::operations;

const EVENTS: &str = "text/event-stream";

/// Makes a text of the `data` of all events that the document's streams have.
pub(super) fn describe(document: &mut OpenApi) {
    let mut named = Vec::new();
    for item in document.paths.paths.values_mut() {
        let answers = operations(item).flat_map(|(_, operation)| operation.responses.responses.values_mut());
        for answer in answers {
            if let RefOr::T(answer) = answer
                && let Some(RefOr::T(content)) = answer.content.get_mut(EVENTS)
            {
                match &mut content.schema {
                    Some(RefOr::Ref(reference)) => named.push(reference.ref_location.clone()),
                    Some(RefOr::T(schema)) => write_data(schema),
                    None => {}
                }
            }
        }
    }
    for (name, schema) in document.components.iter_mut().flat_map(|all| &mut all.schemas) {
        if let RefOr::T(schema) = schema
            && named.contains(&format!("#/components/schemas/{name}"))
        {
            write_data(schema);
        }
    }
}

/// Makes a text of the `data` of an event, or of each of the events that it can be.
fn write_data(event: &mut Schema) {
    match event {
        Schema::Object(event) => {
            if let Some(data) = event.properties.get_mut("data") {
                let text = ObjectBuilder::new()
                    .schema_type(Type::String)
                    .content_media_type("application/json")
                    .content_schema(Some(data.clone()));
                *data = text.into();
            }
        }
        Schema::OneOf(events) => {
            for event in &mut events.items {
                if let RefOr::T(event) = event {
                    write_data(event);
                }
            }
        }
        _ => {}
    }
}
