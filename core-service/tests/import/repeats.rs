//! Running an import again: what is known is recognised, what is the shop's own stays.

use crate::shop::Shop;

#[tokio::test]
async fn a_second_run_changes_only_what_the_file_has_changed() {
    let shop = Shop::open().await;
    let rows = [
        ",9780306406157,By ISBN,Ada,,,,,100,EUR,1,,\n",
        "a:1,,By key,Ada,,,,,100,EUR,1,,\n",
        ",,By title,Ada;Bo,2001,,,,100,EUR,1,,\n",
    ];
    assert_eq!(shop.import_rows(&rows.concat()).counts(), [3, 0, 0, 0]);

    let again = shop.import_rows(&rows.concat());
    assert_eq!((again.code, again.counts()), (Some(0), [0, 0, 3, 0]));
    assert!(again.out.ends_with("Nothing changed.\n"));

    let changed = rows
        .concat()
        .replace("100,EUR", "200,EUR")
        .replace("By key", "By its key");
    assert_eq!(shop.import_rows(&changed).counts(), [0, 3, 0, 0]);
    insta::assert_snapshot!(shop.rows(), @"
    ,9780306406157,By ISBN,Ada,,,,,200,EUR,1,0,0
    a:1,,By its key,Ada,,,,,200,EUR,1,0,0
    ,,By title,Ada; Bo,2001,,,,200,EUR,1,0,0
    ");
}

#[tokio::test]
async fn one_book_twice_in_a_file_is_taken_once() {
    let shop = Shop::open().await;
    let ran = shop.import_rows(
        ",9780306406157,One,Ada,,,,,1,EUR,,,\n\
         ,0-306-40615-2,Its ISBN-10,Ada,,,,,1,EUR,,,\n\
         a:1,,Two,Ada,,,,,1,EUR,,,\n\
         a:1,,Its key,Ada,,,,,1,EUR,,,\n\
         ,,Three,Ada,2001,,,,1,EUR,,,\n\
         ,,Three,Ada,2001,,,,2,EUR,,,\n\
         ,,Three,Ada,2002,,,,1,EUR,,,\n",
    );
    insta::assert_snapshot!(ran.seen(), @r#"
    books.csv:3: refused: isbn13 "9780306406157" is that of line 2 already
    books.csv:5: refused: import_key "a:1" is that of line 4 already
    books.csv:7: refused: title "Three" is that of line 6 already, and no ISBN or key tells the two apart
    error: 3 of 7 rows refused
    books.csv: 7 rows read
              4 added
              0 changed
              0 unchanged
              3 refused
    exit code 1
    "#);
}

#[tokio::test]
async fn an_isbn_that_two_books_of_a_source_claim_stays_with_the_first() {
    let shop = Shop::open().await;
    let header = "goodreads_book_id,isbn,title,authors,original_publication_year,language_code,\
                  average_rating,ratings_count,image_url\n";
    let rows = "1,306406152,One,Ada,1999.0,eng,4.5,10,\n2,306406152,Two,Ada,1999.0,eng,4.5,10,\n";
    shop.write("books.csv", format!("{header}{rows}"));
    let first = shop.import(&["books.csv", "--map", "goodbooks"]);
    insta::assert_snapshot!(first.seen(), @r#"
    books.csv:3: left out: isbn "9780306406157" is that of line 2 already
    books.csv: 2 rows read
              2 added
              0 changed
              0 unchanged
              0 refused
              1 left out (single values; their rows were taken)
    exit code 0
    "#);
    // Also where each comes in a file of its own.
    shop.write("books.csv", format!("{header}{}", rows.lines().last().unwrap()));
    let second = shop.import(&["books.csv", "--map", "goodbooks"]);
    insta::assert_snapshot!(second.seen(), @r#"
    books.csv:2: left out: isbn "9780306406157" is that of another book already (number 1)
    books.csv: 1 row read
              0 added
              0 changed
              1 unchanged
              0 refused
              1 left out (single values; their rows were taken)
    Nothing changed.
    exit code 0
    "#);
    insta::assert_snapshot!(shop.rows(), @"
    goodreads:1,9780306406157,One,Ada,1999,en,,,1499,EUR,5,450,10
    goodreads:2,,Two,Ada,1999,en,,,1499,EUR,5,450,10
    ");
}

#[tokio::test]
async fn what_the_shop_has_made_of_a_book_survives_the_next_import() {
    let shop = Shop::open().await;
    let goodbooks = "goodreads_book_id,isbn,title,authors,original_publication_year,language_code,\
                     average_rating,ratings_count,image_url\n\
                     1,,One,Ada,-720.0,eng,4.5,10,\n";
    shop.write("goodbooks.csv", goodbooks);
    shop.import(&["goodbooks.csv", "--map", "goodbooks"]);
    // A price, a stock, a description and an ISBN of its own.
    shop.import_rows("goodreads:1,9780306406157,One,Ada,-720,en,Read it.,,2500,USD,3,450,10\n");

    let again = shop.import(&["goodbooks.csv", "--map", "goodbooks"]);
    assert_eq!(again.counts(), [0, 0, 1, 0]);
    let kept = "goodreads:1,9780306406157,One,Ada,-720,en,Read it.,,2500,USD,3,450,10\n";
    assert_eq!(shop.rows(), kept);
}

#[tokio::test]
async fn a_book_that_staff_wrote_down_by_its_isbn_gets_the_key_of_its_source() {
    let shop = Shop::open().await;
    shop.import_rows(",9780306406157,One,Ada,,,,,100,EUR,,,\n");
    assert_eq!(
        shop.import_rows("a:1,9780306406157,One,Ada,,,,,100,EUR,,,\n")
            .counts(),
        [0, 1, 0, 0]
    );
    // Now the key knows it, so that its ISBN may change; an empty one is not taken for "none".
    assert_eq!(
        shop.import_rows("a:1,9781861972712,One,Ada,,,,,100,EUR,,,\n")
            .counts(),
        [0, 1, 0, 0]
    );
    assert_eq!(
        shop.import_rows("a:1,,One,Ada,,,,,100,EUR,,,\n").counts(),
        [0, 0, 1, 0]
    );
    assert_eq!(shop.rows(), "a:1,9781861972712,One,Ada,,,,,100,EUR,0,0,0\n");
}

#[tokio::test]
async fn an_isbn_that_one_book_gives_up_can_be_anothers_at_once() {
    let shop = Shop::open().await;
    shop.import_rows("a:1,9780306406157,One,Ada,,,,,1,EUR,,,\n");
    let ran = shop.import_rows(
        "a:1,9781861972712,One,Ada,,,,,1,EUR,,,\n\
         a:2,9780306406157,Two,Ada,,,,,1,EUR,,,\n",
    );
    assert_eq!((ran.code, ran.counts()), (Some(0), [1, 1, 0, 0]), "{ran:?}");
}

#[tokio::test]
async fn a_dry_run_says_everything_and_writes_nothing() {
    let shop = Shop::open().await;
    shop.import_rows(",9780306406157,One,Ada,,,,,1,EUR,,,\n");
    let before = shop.rows();
    let header = crate::shop::HEADER;
    shop.write(
        "books.csv",
        format!("{header}\n,9780306406157,Eins,Ada,,,,,1,EUR,,,\n,,Two,Ada,,,,,1,EUR,,,\n,,,,,,,,1,EUR,,,\n"),
    );
    insta::assert_snapshot!(shop.import(&["books.csv", "--dry-run"]).seen(), @"
    books.csv:4: refused: title can't be blank
    books.csv:4: refused: authors can't be blank
    error: 1 of 3 rows refused
    books.csv: 3 rows read
              1 added
              1 changed
              0 unchanged
              1 refused
    Dry run: nothing was written.
    exit code 1
    ");
    assert_eq!(shop.rows(), before);
}
