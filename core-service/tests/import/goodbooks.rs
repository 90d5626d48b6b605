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
    insta::assert_snapshot!(of("goodreads:2767052,"), @"");
    insta::assert_snapshot!(of("goodreads:19351,"), @"");
    insta::assert_snapshot!(of("goodreads:1420,"), @"");
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
