//! One book, three faces: each shows it in its own way, and the phone's way is the lightest.

use e2e::{Cluster, STAFF};
use serde_json::Value;

/// Books as `export books` writes them.
const BOOKS: &str = "\
title,authors,isbn13,published_year,language,description,price_cents,currency,stock
The Left Hand of Darkness,Ursula K. Le Guin,9780441478125,1969,en,\"A lone envoy on a world without seasons. \
He has to win a people whose ways are not his, and crosses the ice with the one man who believed him.\",1299,EUR,7
Gilgamesh,Anonymous,,-1800,akk,The oldest friendship on record.,990,EUR,0
";

#[tokio::test]
async fn an_imported_book_has_three_faces() {
    let cluster = Cluster::start().await;
    let file = cluster.file("books.csv", BOOKS);
    cluster
        .operate(&["import", "books", file.to_str().unwrap()])
        .await;

    let mobile = cluster.newcomer().await.mobile;
    let found = mobile.get("/v1/books?q=left%20hand%20dark").await.ok();
    let id = found["items"][0]["id"]
        .as_i64()
        .expect("the imported book is found");

    let staff = cluster.desktop_as(STAFF).await;
    let on_web = cluster.web.guest().get(&format!("/api/views/books/{id}")).await;
    let on_mobile = mobile.get(&format!("/v1/books/{id}")).await;
    let on_desktop = staff.get(&format!("/v1/books/{id}")).await;

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
