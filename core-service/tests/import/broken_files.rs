//! A file that cannot be read at all is told, with the fix, before anything is written.

use test_kit::TestDatabase;

use crate::shop::{HEADER, Shop};

#[tokio::test]
async fn a_header_that_does_not_fit_is_told_with_the_fix() {
    let shop = Shop::open().await;
    shop.write(
        "typing.csv",
        "titel,authors,price_cents,currency,stock,stock\nOne,Ada,5,EUR,1,1\n",
    );
    insta::assert_snapshot!(shop.import(&["typing.csv"]).seen(), @"
    error: typing.csv: line 1: the header does not fit the map:
      the column `titel` is no column of the map; did you mean `title`?
      the column `stock` is there twice; remove or rename one
      there is no column `title`, which feeds `title`; is it `titel`?
    exit code 1
    ");
    shop.write(
        "semicolons.csv",
        "title;authors;price_cents;currency\nOne;Ada;5;EUR\n",
    );
    insta::assert_snapshot!(shop.import(&["semicolons.csv"]).seen(), @r#"
    error: semicolons.csv: line 1: the header does not fit the map:
      it is all one column: name the character between the columns in a map of your own (`separator = ";"`)
    exit code 1
    "#);
    shop.write("other.csv", "a,b\n1,2\n");
    insta::assert_snapshot!(shop.import(&["other.csv", "--map", "goodbooks"]).seen(), @"
    error: other.csv: line 1: the header does not fit the map:
      there is no column `goodreads_book_id`, which feeds `import_key`
      there is no column `isbn`, which feeds `isbn13`
      there is no column `title`, which feeds `title`
      there is no column `authors`, which feeds `authors`
      there is no column `original_publication_year`, which feeds `published_year`
      there is no column `language_code`, which feeds `language`
      there is no column `image_url`, which feeds `cover_url`
      there is no column `average_rating`, which feeds `rating_hundredths`
      there is no column `ratings_count`, which feeds `ratings_count`
    exit code 1
    ");
    assert_eq!(shop.rows(), "");
}

#[tokio::test]
async fn a_file_that_is_no_text_is_told_with_the_fix() {
    let shop = Shop::open().await;
    shop.write("utf16.csv", b"\xFF\xFEt\0i\0t\0l\0e\0");
    insta::assert_snapshot!(shop.import(&["utf16.csv"]).seen(), @"
    error: utf16.csv: line 1: the file is UTF-16; save it as UTF-8
    exit code 1
    ");
    shop.write("latin1.csv", b"title,ann\xE9e\n");
    insta::assert_snapshot!(shop.import(&["latin1.csv"]).seen(), @"
    error: latin1.csv: line 1, column 2: the header is not UTF-8 (byte 4); save the file as UTF-8
    exit code 1
    ");
    shop.write("quote.csv", "\"title,authors\nOne,Ada\n");
    insta::assert_snapshot!(shop.import(&["quote.csv"]).seen(), @"
    error: quote.csv: line 1: the header has a quotation mark that is never closed: the rest of the file is inside it
    exit code 1
    ");
}

#[tokio::test]
async fn an_empty_file_is_an_error_and_a_header_alone_is_none() {
    let shop = Shop::open().await;
    shop.write("empty.csv", "");
    insta::assert_snapshot!(shop.import(&["empty.csv"]).seen(), @"
    error: empty.csv: line 1: the file is empty; it has to begin with a header that has the columns title, authors, price_cents, currency
    exit code 1
    ");
    shop.write("header.csv", HEADER);
    insta::assert_snapshot!(shop.import(&["header.csv"]).seen(), @"
    header.csv: 0 rows read
              0 added
              0 changed
              0 unchanged
              0 refused
    Nothing changed.
    exit code 0
    ");
    // What `export --format ndjson` writes of an empty catalogue.
    shop.write("empty.ndjson", "");
    assert_eq!(shop.import(&["empty.ndjson"]).code, Some(0));
}

#[tokio::test]
async fn a_file_or_map_that_is_not_there_is_told() {
    let shop = Shop::open().await;
    insta::assert_snapshot!(shop.import(&["nowhere.csv"]).seen(), @"
    error: nowhere.csv cannot be read: No such file or directory (os error 2)
    exit code 1
    ");
    insta::assert_snapshot!(shop.import(&["."]).seen(), @"
    error: .: it cannot be read: Is a directory (os error 21)
    exit code 1
    ");
    shop.write("books.csv", HEADER);
    insta::assert_snapshot!(shop.import(&["books.csv", "--map", "goodboks"]).seen(), @"
    error: there is no column map `goodboks`: name one of triptych, goodbooks, or a file such as ./goodboks.toml
    exit code 1
    ");
    insta::assert_snapshot!(shop.import(&["books.csv", "--map", "./mine.toml"]).seen(), @"
    error: the column map ./mine.toml cannot be read (maps that need no file: triptych, goodbooks): No such file or directory (os error 2)
    exit code 1
    ");
    insta::assert_snapshot!(shop.import(&["books.csv", "--report", "./books.csv"]).seen(), @"
    error: the report would overwrite the file that is imported
    exit code 1
    ");
}

#[tokio::test]
async fn a_database_without_its_tables_is_told() {
    let shop = Shop::with(TestDatabase::new().await);
    shop.write("books.csv", HEADER);
    for ran in [shop.import(&["books.csv"]), shop.run(&["export", "books"])] {
        assert_eq!(ran.code, Some(1));
        assert!(
            ran.err
                .contains("pending migrations): run `core-service migrate up` first"),
            "{ran:?}"
        );
    }
}
