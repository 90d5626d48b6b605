//! The 10,000 real books of goodbooks-10k, where the file is at hand. Its README says what is in it.

use std::path::{Path, PathBuf};

use crate::shop::Shop;

/// The file, beside the workspace.
fn file() -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/goodbooks/books.csv");
    if !file.exists() {
        println!("skipped: there is no {}", file.display());
        return None;
    }
    Some(file)
}

#[tokio::test]
async fn takes_all_ten_thousand_books_and_tells_the_isbns_that_are_wrong() {
    let Some(file) = file() else { return };
    let shop = Shop::open().await;
    let asked = [
        file.to_str().unwrap(),
        "--map",
        "goodbooks",
        "--report",
        "wrong.csv",
    ];

    let first = shop.import(&asked);
    assert_eq!(
        (first.code, first.counts()),
        (Some(0), [10_000, 0, 0, 0]),
        "{first:?}"
    );
    let report = shop.read("wrong.csv");
    assert_eq!(report.lines().count(), 1 + 23);
    let wrong = "917,isbn,812971060,left out,is not an ISBN with a right check digit";
    assert_eq!(report.lines().nth(1), Some(wrong));

    let again = shop.import(&asked);
    assert_eq!(
        (again.code, again.counts()),
        (Some(0), [0, 0, 10_000, 0]),
        "{again:?}"
    );
    assert!(again.out.ends_with("Nothing changed.\n"));
    assert_eq!(shop.read("wrong.csv"), report);
}

#[tokio::test]
async fn makes_of_the_real_file_what_the_shop_needs() {
    let Some(file) = file() else { return };
    let shop = Shop::open().await;
    shop.import(&[file.to_str().unwrap(), "--map", "goodbooks"]);

    let rows = shop.rows();
    let with_isbn = rows
        .lines()
        .filter(|row| row.split(',').nth(1) != Some(""))
        .count();
    assert_eq!(with_isbn, 9_277);
    let of = |key: &str| rows.lines().find(|row| row.starts_with(key)).unwrap();
    insta::assert_snapshot!(of("goodreads:2767052,"), @r#"goodreads:2767052,9780439023481,"The Hunger Games (The Hunger Games, #1)",Suzanne Collins,2008,en,,https://images.gr-assets.com/books/1447303603m/2767052.jpg,1499,EUR,5,434,4780653"#);
    insta::assert_snapshot!(of("goodreads:19351,"), @"goodreads:19351,9780141026282,The Epic of Gilgamesh,Anonymous; N.K. Sandars,-1750,en,,https://s.gr-assets.com/assets/nophoto/book/111x148-bcc042a9c91a29c1d680899eff700a03.png,1499,EUR,5,363,44345");
    insta::assert_snapshot!(of("goodreads:1420,"), @"goodreads:1420,9780521618748,Hamlet,William Shakespeare; Richard Andrews; Rex Gibson,1600,en,,https://images.gr-assets.com/books/1351051208m/1420.jpg,1499,EUR,5,400,515820");
}

#[tokio::test]
async fn moves_the_real_catalogue_to_another_shop_and_back() {
    let Some(file) = file() else { return };
    let (one, other) = (Shop::open().await, Shop::open().await);
    one.import(&[file.to_str().unwrap(), "--map", "goodbooks"]);

    for format in ["csv", "ndjson"] {
        let exported = one.export(format);
        other.write("books", &exported);
        other.import(&["books", "--format", format]);
        assert!(
            other.export(format) == exported,
            "{format}: what came out differs"
        );
    }
}
