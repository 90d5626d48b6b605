//! Tailcall: GraphQL over gRPC by configuration. What our gateways compute, its clients have to.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::run::{
    load::Target,
    servers::{Face, Server},
};

/// What the home screens ask.
const MOBILE_HOME: &str = include_str!("../../../peers/tailcall/mobile-home.graphql");
const WEB_HOME: &str = include_str!("../../../peers/tailcall/web-home.graphql");

/// The command that starts it on this port, which can be told in a file alone.
pub(super) fn command(peer: &Path, scratch: &Path, port: u16) -> anyhow::Result<Command> {
    let listen = scratch.join("tailcall-listen.graphql");
    let schema = format!("schema @server(hostname: \"127.0.0.1\", port: {port}) {{ query: Query }}\n");
    fs::write(&listen, schema)?;
    let mut command = Command::new(peer.join("node_modules/.bin/tailcall"));
    command.args(["start", "gateway.graphql"]).arg(listen);
    // It logs every call, and reports its use to its makers.
    command.env("TAILCALL_LOG_LEVEL", "error");
    command.env("TAILCALL_TRACKER", "false");
    Ok(command)
}

/// A guest's question for the home screen.
pub(super) fn target(server: &Server, face: Face) -> Target {
    let query = match face {
        Face::Mobile => MOBILE_HOME,
        Face::Web => WEB_HOME,
    };
    Target {
        headers: vec![("content-type", "application/json".to_owned())],
        body: Some(json!({ "query": query }).to_string()),
        ..server.target("/graphql")
    }
}

/// What a client makes of the answer: the screen as our gateways say it.
pub(super) fn screen(face: Face, data: &Value) -> Value {
    let (posts, tags, books) = (
        &data["posts"]["posts"],
        &data["tags"]["tags"],
        &data["books"]["books"],
    );
    let fresh = json!({ "state": "fresh" });
    let mut sections = json!({ "books": fresh, "feed": fresh, "posts": fresh, "tags": fresh });
    match face {
        Face::Mobile => json!({
            "posts": each(posts, mobile_post),
            "tags": each(tags, |tag| tag["name"].clone()),
            "books": each(books, mobile_book),
            "meta": { "sections": sections },
        }),
        Face::Web => {
            sections["viewer"] = fresh;
            json!({
                "posts": each(posts, web_post),
                "feed": null,
                "tags": each(tags, |tag| json!({ "name": tag["name"], "posts": number(&tag["postCount"]) })),
                "books": each(books, web_book),
                "meta": { "sections": sections },
            })
        }
    }
}

fn mobile_post(post: &Value) -> Value {
    json!({
        "slug": post["slug"],
        "title": post["title"],
        "excerpt": post["description"],
        "author": post["author"]["username"],
        "likes": number(&post["likeCount"]),
        "comments": number(&post["commentCount"]),
        "createdAt": moment(&post["createdAt"]),
    })
}

fn mobile_book(book: &Value) -> Value {
    json!({
        "id": number(&book["id"]),
        "title": book["title"],
        "author": book["authors"][0],
        "priceCents": number(&book["priceCents"]),
        "currency": book["currency"],
        "rating": rating(book),
    })
}

fn web_post(post: &Value) -> Value {
    json!({
        "slug": post["slug"],
        "title": post["title"],
        "description": post["description"],
        "tags": post["tags"],
        "author": post["author"],
        "likes": number(&post["likeCount"]),
        "comments": number(&post["commentCount"]),
        "createdAt": moment(&post["createdAt"]),
        "viewer": null,
    })
}

fn web_book(book: &Value) -> Value {
    json!({
        "id": number(&book["id"]),
        "title": book["title"],
        "authors": book["authors"],
        "publishedYear": book["publishedYear"],
        "coverUrl": book["coverUrl"],
        "priceCents": number(&book["priceCents"]),
        "currency": book["currency"],
        "inStock": number(&book["stock"]) > Some(0),
        "rating": rating(book),
        "ratingsCount": number(&book["ratingsCount"]),
    })
}

fn each(list: &Value, show: impl Fn(&Value) -> Value) -> Vec<Value> {
    list.as_array().into_iter().flatten().map(show).collect()
}

/// Numbers of 64 bits are text, as the JSON of protocol buffers has them.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::String(digits) => digits.parse().ok(),
        other => other.as_i64(),
    }
}

/// Moments have only the digits that they need.
fn moment(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    Some(match text.contains('.') {
        true => text.to_owned(),
        false => text.replace('Z', ".000Z"),
    })
}

fn rating(book: &Value) -> Option<f64> {
    let rated = number(&book["ratingsCount"])? > 0;
    let hundredths = number(&book["ratingHundredths"])?;
    rated.then(|| hundredths as f64 / 100.0)
}
