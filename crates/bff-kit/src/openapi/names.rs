//! Names instead of copies, where a generic type has another one in it.

use utoipa::openapi::{OpenApi, Ref, RefOr, Schema, schema::ArrayItems};

/// Refers to the schemas that have a name wherever one is written out, as it is in those of generic types.
pub(super) fn refer(document: &mut OpenApi) {
    let Some(components) = &mut document.components else {
        return;
    };
    let named = components.schemas.clone();
    for (name, schema) in &mut components.schemas {
        if let RefOr::T(schema) = schema {
            parts(schema, &mut |part| {
                let same = named
                    .iter()
                    .find(|(other, schema)| *other != name && *schema == part);
                if let Some((other, RefOr::T(_))) = same.filter(|_| has_fields(part)) {
                    *part = Ref::from_schema_name(other).into();
                }
            });
        }
    }
}

/// Takes away the shared parameters that no operation has.
pub(super) fn forget_unused(document: &mut OpenApi) {
    let text = serde_json::json!(document.paths).to_string();
    if let Some(components) = &mut document.components {
        let is_used = |name: &String| text.contains(&format!("\"#/components/parameters/{name}\""));
        components.parameters.retain(|name, _| is_used(name));
    }
}

/// Shows each part of a schema, the outer ones first.
fn parts(schema: &mut Schema, see: &mut impl FnMut(&mut RefOr<Schema>)) {
    let below: Vec<&mut RefOr<Schema>> = match schema {
        Schema::Object(object) => object.properties.values_mut().collect(),
        Schema::AllOf(all) => all.items.iter_mut().collect(),
        Schema::OneOf(one) => one.items.iter_mut().collect(),
        Schema::AnyOf(any) => any.items.iter_mut().collect(),
        Schema::Array(array) => match &mut array.items {
            ArrayItems::RefOrSchema(items) => vec![&mut **items],
            ArrayItems::False => Vec::new(),
        },
        _ => Vec::new(),
    };
    for part in below {
        see(part);
        if let RefOr::T(part) = part {
            parts(part, see);
        }
    }
}

/// Whether a schema says enough to be known by its looks.
fn has_fields(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => !object.properties.is_empty(),
        RefOr::T(Schema::AllOf(_)) => true,
        _ => false,
    }
}
