//! One book, three faces: each shows it in its own way, and the phone's way is the lightest.

use e2e::{Cluster, STAFF};
use serde_json::Value;

/// Real books as `export books` writes them: most of them so popular that they come up beside the others.
const BOOKS: &str = "\
title,authors,published_year,language,description,cover_url,price_cents,currency,stock,rating_hundredths,ratings_count
The Left Hand of Darkness,Ursula K. Le Guin,1969,en,\"A lone envoy comes to a world without seasons, whose people \
are neither men nor women, and has to win them for a league of worlds that they do not believe in.\",\
https://images.gr-assets.com/books/1488213612m/18423.jpg,1299,EUR,7,406,74955
The Hunger Games,Suzanne Collins,2008,en,,https://images.gr-assets.com/books/1447303603m/2767052.jpg,1499,EUR,3,434,4780653
Twilight,Stephenie Meyer,2005,en,,https://images.gr-assets.com/books/1361039443m/41865.jpg,1499,EUR,9,357,3866839
To Kill a Mockingbird,Harper Lee,1960,en,,https://images.gr-assets.com/books/1361975680m/2657.jpg,1199,EUR,4,425,3198671
The Great Gatsby,F. Scott Fitzgerald,1925,en,,https://images.gr-assets.com/books/1490528560m/4671.jpg,949,EUR,2,389,2683664
The Fault in Our Stars,John Green,2012,en,,https://images.gr-assets.com/books/1360206420m/11870085.jpg,1499,EUR,5,426,2346404
The Hobbit,J.R.R. Tolkien,1937,en,,https://images.gr-assets.com/books/1372847500m/5907.jpg,1299,EUR,8,425,2071616
Gilgamesh,Anonymous,-1750,akk,,https://images.gr-assets.com/books/1338948341m/19351.jpg,990,EUR,0,363,44345
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
