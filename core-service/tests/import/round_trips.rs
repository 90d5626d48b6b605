//! What `export` writes, `import` reads.

use std::io::Write;
use std::process::Stdio;

use core_service::database::Database;
use core_service::models::fields::Fields;
use core_service::repositories::books::{self, BookOrder};

use crate::shop::{HEADER, Ran, Shop};

/// Books that are hard on a file.
const HARD: &str = concat!(
    "a:1,9780306406157,\"Comma, \"\"quote\"\" and\nline\",King\\; Countess; C:\\\\; \\\\\\;,-720,grc,",
    "\"First.\r\n\r\nSecond; 'third'.\",https://example.org/a?b=c&d=e,0,EUR,0,0,0\n",
    ",,=1+1,Ada,,,,,1,EUR,0,0,0\n",
    "\"a:2, really\",,日本語 🦀 Ünïcode,Ж,3000,en-US,\\n is no line,,100000000,USD,1000000,500,1000000000000\n",
);

#[tokio::test]
async fn a_catalogue_that_moves_to_an_empty_shop_stays_as_it_is() {
    let (one, other) = (Shop::open().await, Shop::open().await);
    let ran = one.import_rows(HARD);
    assert_eq!((ran.code, ran.counts()), (Some(0), [3, 0, 0, 0]), "{ran:?}");
    assert_eq!(one.rows(), HARD);

    for format in ["ndjson", "csv"] {
        let exported = one.export(format);
        for (shop, counts) in [(&other, [3, 0, 0, 0]), (&one, [0, 0, 3, 0])] {
            let counts = if format == "csv" { [0, 0, 3, 0] } else { counts };
            shop.write("books", &exported);
            assert_eq!(
                shop.import(&["books", "--format", format]).counts(),
                counts,
                "{format}"
            );
            assert_eq!(shop.export(format), exported);
        }
    }
}

#[tokio::test]
async fn a_file_takes_the_place_of_the_old_one_as_a_whole() {
    let shop = Shop::open().await;
    shop.import_rows(HARD);
    shop.write("out.ndjson", "old");
    let ran = shop.run(&["export", "books", "out.ndjson"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), "3 books written\n"));
    assert_eq!(shop.read("out.ndjson"), shop.export("ndjson"));
    assert!(!shop.path("out.ndjson.part").exists());

    let ran = shop.run(&["export", "books", "no/such/folder.csv"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains("no/such/folder.csv cannot be written"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_pipe_is_as_good_as_a_file() {
    let shop = Shop::open().await;
    let mut command = shop.command(&["import", "books", "-"]);
    let mut import = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = import.stdin.take().unwrap();
    write!(pipe, "{HEADER}\n{HARD}").unwrap();
    drop(pipe);
    let ran = Ran::of(import.wait_with_output().unwrap());
    assert!(ran.out.starts_with("standard input: 3 rows read"), "{ran:?}");
    assert_eq!(ran.counts(), [3, 0, 0, 0]);
}

#[tokio::test]
async fn a_file_that_a_spreadsheet_saved_is_read_too() {
    let shop = Shop::open().await;
    let text = "\u{feff}title,authors,price_cents,currency\r\n\r\nOne,\"Ada; Bo\",5,EUR\r\n";
    shop.write("books.csv", text);
    assert_eq!(shop.import(&["books.csv"]).counts(), [1, 0, 0, 0]);
    assert_eq!(shop.rows(), ",,One,Ada; Bo,,,,,5,EUR,0,0,0\n");
}

#[tokio::test]
async fn an_imported_book_is_found_by_its_words_as_they_are_now() {
    let shop = Shop::open().await;
    shop.import_rows("a:1,,Thérèse Raquin,Émile Zola,,,,,1,EUR,,,\n");
    shop.import_rows("a:1,,Germinal,Émile Zola,,,,,1,EUR,,,\n");

    let database = Database::connect(shop.url(), 1).await.unwrap();
    for (words, count) in [("zola germ", 1), ("therese", 0)] {
        let found = books::list(
            database.read(),
            Some(words),
            BookOrder::Newest,
            10,
            None,
            Fields::NONE,
        );
        assert_eq!(found.await.unwrap().len(), count, "{words}");
    }
}
