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
    let found = mobile
        .get("/v1/books?query=left%20hand%20dark")
        .await
        .expect(200)
        .json();
    let id = found["items"][0]["id"]
        .as_i64()
        .expect("the imported book is found");

    let staff = cluster.desktop_as(STAFF).await;
    let on_web = cluster
        .web
        .face()
        .get(&format!("/api/views/books/{id}"))
        .await
        .expect(200);
    let on_mobile = mobile.get(&format!("/v1/books/{id}")).await.expect(200);
    let on_desktop = staff.get(&format!("/v1/books/{id}")).await.expect(200);

    for (face, answer) in [("web", &on_web), ("mobile", &on_mobile), ("desktop", &on_desktop)] {
        assert!(
            answer.text().contains("The Left Hand of Darkness"),
            "{face}: {}",
            answer.text()
        );
    }
    let shapes = [&on_web, &on_mobile, &on_desktop].map(|answer| shape(&answer.json()));
    assert!(
        shapes[0] != shapes[1] && shapes[1] != shapes[2] && shapes[0] != shapes[2],
        "{shapes:#?}"
    );
    assert!(
        on_mobile.body.len() * 4 <= on_web.body.len(),
        "mobile {} bytes, web {} bytes:\n{}\n{}",
        on_mobile.body.len(),
        on_web.body.len(),
        on_mobile.text(),
        on_web.text()
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
