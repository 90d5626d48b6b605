//! One book, three faces: each shows it in its own way, and the phone's way is the lightest.

use e2e::{Cluster, STAFF};
use serde_json::Value;

/// Real books as `export books` writes them: most of them so popular that they come up beside the others.
const BOOKS: &str = "\
title,authors,isbn13,published_year,language,description,cover_url,price_cents,currency,stock
The Left Hand of Darkness,Ursula K. Le Guin,9780441478125,1969,en,\"A lone envoy comes to a world without seasons, \
whose people are neither men nor women. He has to win them for a league of worlds that they do not believe in, and he \
understands neither their courtesy nor their silence. When he loses his friends and nearly his life, the one man whom \
he never trusted takes him eight hundred miles across the ice, and on the way both learn what they had misread in \
each other.\",https://covers.example/the-left-hand-of-darkness.jpg,1299,EUR,7
Gilgamesh,Anonymous,,-1800,akk,The oldest friendship on record.,https://covers.example/gilgamesh.jpg,990,EUR,0
";

#[tokio::test]
async fn an_imported_book_has_three_faces() {
    let cluster = Cluster::start().await;
    let file = cluster.file("books.csv", BOOKS);
    cluster
        .operate(&["import", "books", file.to_str().unwrap()])
        .await;

    let (web, mobile) = (cluster.web.guest(), cluster.mobile.guest());
    let found = mobile.get("/v1/books?q=left%20hand%20dark").await.ok();
    let id = found["items"][0]["id"]
        .as_i64()
        .expect("the imported book is found");
    let on_web = web.get(&format!("/api/views/books/{id}")).await;
    let on_mobile = mobile.get(&format!("/v1/books/{id}")).await;
    let on_desktop = cluster
        .desktop_as(STAFF)
        .await
        .get(&format!("/v1/books/{id}"))
        .await;

    for answer in [&on_web, &on_mobile, &on_desktop] {
        let text = answer.body.to_string();
        assert!(
            answer.status == 200 && text.contains("The Left Hand of Darkness"),
            "{text}"
        );
    }
    let shapes = [&on_web, &on_mobile, &on_desktop].map(|answer| shape(&answer.body));
    assert!(
        shapes[0] != shapes[1] && shapes[1] != shapes[2] && shapes[0] != shapes[2],
        "{shapes:#?}"
    );
    let (heavy, light) = (on_web.bytes, on_mobile.bytes);
    assert!(
        light * 4 <= heavy,
        "mobile {light} bytes, web {heavy}:\n{}\n{}",
        on_mobile.body,
        on_web.body
    );
}

#[tokio::test]
async fn the_phone_opens_with_a_quarter_of_the_bytes() {
    let cluster = Cluster::start().await;
    let on_web = cluster.web.guest().get("/api/views/home").await;
    let on_mobile = cluster.mobile.guest().get("/v1/home").await;
    let (heavy, light) = (on_web.bytes, on_mobile.bytes);
    assert!(light * 4 <= heavy, "mobile {light} bytes, web {heavy}");
}

/// The names of all fields, with their paths.
fn shape(value: &Value) -> Vec<String> {
    let Some(object) = value.as_object() else {
        return Vec::new();
    };
    let inner = |(name, value): (&String, &Value)| {
        let below = shape(value).into_iter().map(move |path| format!("{name}.{path}"));
        std::iter::once(name.clone()).chain(below).collect::<Vec<_>>()
    };
    object.iter().flat_map(inner).collect()
}
