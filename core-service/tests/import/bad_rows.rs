//! Bad rows are told and refused; the good ones around them are taken.

use crate::shop::{HEADER, Shop};

#[tokio::test]
async fn every_bad_row_is_told_with_line_column_and_reason() {
    let shop = Shop::open().await;
    let ran = shop.import_rows(
        ",9780306406157,Good,Ada,1999,en,,,1000,EUR,1,400,7\n\
         ,9780306406158,Wrong check digit,Ada,,,,,1000,EUR,,,\n\
         ,9780306406157,Same ISBN,Ada,,,,,1000,EUR,,,\n\
         ,,  ,,,,,,1000,EUR,,,\n\
         Nowhere,,Bad key,Ada,,,,,1000,EUR,,,\n\
         ,,Bad numbers,Ada,MCMXC,,,,10.50,EUR,-1,501,many\n\
         ,,Bad words,Ada,,e n,,ftp://covers,1000,euro,,,\n\
         ,,Short,Ada\n\
         ,,\"Two\nlines\",Ada,9999,,,,1000,EUR,,,\n\
         ,,Long,Ada;;B;C,,,,,1000,EUR,99999999999,,\n\
         ,,Also good,\"King\\; Countess; Ada\",-720,,,,0,USD,,,\n",
    );
    insta::assert_snapshot!(ran.seen(), @r#"
    books.csv:3: refused: isbn13 "9780306406158" is not an ISBN with a right check digit
    books.csv:4: refused: isbn13 "9780306406157" is that of line 2 already
    books.csv:5: refused: title "  " can't be blank
    books.csv:5: refused: authors can't be blank
    books.csv:6: refused: import_key "Nowhere" is not SOURCE:KEY with a source of small letters, digits and hyphens
    books.csv:7: refused: published_year "MCMXC" is not a whole number
    books.csv:7: refused: price_cents "10.50" is not a whole number
    books.csv:7: refused: ratings_count "many" is not a whole number
    books.csv:7: refused: rating_hundredths "501" has to be between 0 and 500
    books.csv:7: refused: stock "-1" has to be between 0 and 1000000
    books.csv:8: refused: language "e n" is not a language tag such as en or en-US
    books.csv:8: refused: cover_url "ftp://covers" is not an http or https address
    books.csv:8: refused: currency "euro" is not three capital letters such as EUR
    books.csv:9: refused: the row has 4 columns where the header has 13
    books.csv:10: refused: published_year "9999" has to be between -5000 and 3000
    books.csv:12: refused: stock "99999999999" has to be between 0 and 1000000
    error: 9 of 11 rows refused
    books.csv: 11 rows read
              2 added
              0 changed
              0 unchanged
              9 refused
    exit code 1
    "#);
    insta::assert_snapshot!(shop.rows(), @r#"
    ,9780306406157,Good,Ada,1999,en,,,1000,EUR,1,400,7
    ,,Also good,King\; Countess; Ada,-720,,,,0,USD,0,0,0
    "#);
}

#[tokio::test]
async fn a_report_lists_what_the_screen_has_no_room_for() {
    let shop = Shop::open().await;
    let rows: String = (1..=30)
        .map(|number| format!(",,Book {number},Ada,,,,,free,EUR,,,\n"))
        .collect();
    shop.write("books.csv", format!("{HEADER}\n{rows}"));

    let ran = shop.import(&["books.csv", "--report", "wrong.ndjson"]);
    assert_eq!(ran.err.matches("refused: ").count(), 20);
    assert!(
        ran.err.contains("… and 10 more: `--report FILE` lists them all"),
        "{}",
        ran.err
    );
    assert!(ran.err.ends_with("error: 30 of 30 rows refused\n"), "{}", ran.err);
    let report = shop.read("wrong.ndjson");
    assert_eq!(report.lines().count(), 30);
    let first = r#"{"line":2,"column":"price_cents","value":"free","outcome":"refused","reason":"is not a whole number"}"#;
    assert_eq!(report.lines().next(), Some(first));
}

#[tokio::test]
async fn bad_lines_of_json_are_told_like_bad_rows() {
    let shop = Shop::open().await;
    let lines = [
        r#"{"title": "Good", "authors": ["Ada", "Bo; Cy"], "price_cents": 5, "currency": "EUR", "isbn13": 9780306406157}"#,
        r#"{"title": "No authors", "price_cents": 5, "currency": "EUR"}"#,
        r#"{"titel": "Typing error", "authors": ["Ada"], "price_cents": 5, "currency": "EUR"}"#,
        r#"{"title": true, "authors": [1], "price_cents": 5.5, "currency": null}"#,
        r#"{"title": "Blank author", "authors": ["Ada", " "], "price_cents": 5, "currency": "EUR"}"#,
        r#"["not", "an", "object"]"#,
        r#"{"title": "#,
    ];
    shop.write("books.ndjson", lines.join("\n"));
    insta::assert_snapshot!(shop.import(&["books.ndjson"]).seen(), @r#"
    books.ndjson:2: refused: authors can't be blank
    books.ndjson:3: refused: titel "Typing error" is no column of the map; did you mean `title`?
    books.ndjson:4: refused: title is not a text, a number or a list of texts
    books.ndjson:4: refused: authors is a list of other things than texts
    books.ndjson:4: refused: price_cents "5.5" is not a whole number
    books.ndjson:4: refused: currency can't be blank
    books.ndjson:5: refused: authors[1] "Ada;  " can't be blank
    books.ndjson:6: refused: the row is not a JSON object: invalid type: sequence, expected a map
    books.ndjson:7: refused: the row is not a JSON object: EOF while parsing a value (byte 9)
    error: 6 of 7 rows refused
    books.ndjson: 7 rows read
              1 added
              0 changed
              0 unchanged
              6 refused
    exit code 1
    "#);
    insta::assert_snapshot!(shop.export("ndjson"), @r#"{"import_key":null,"isbn13":"9780306406157","title":"Good","authors":["Ada","Bo; Cy"],"published_year":null,"language":null,"description":null,"cover_url":null,"price_cents":5,"currency":"EUR","stock":0,"rating_hundredths":0,"ratings_count":0}"#);
}

#[tokio::test]
async fn what_is_not_utf8_spoils_only_its_own_row() {
    let shop = Shop::open().await;
    let rows = [
        HEADER.as_bytes(),
        b"\n,,Caf\xE9,Ada,,,,,5,EUR,,,\n",
        ",,Café,Ada,,,,,5,EUR,,,\n".as_bytes(),
    ];
    shop.write("books.csv", rows.concat());
    insta::assert_snapshot!(shop.import(&["books.csv"]).seen(), @"
    books.csv:2: refused: title is not UTF-8 (byte 4); save the file as UTF-8
    error: 1 of 2 rows refused
    books.csv: 2 rows read
              1 added
              0 changed
              0 unchanged
              1 refused
    exit code 1
    ");
}

#[tokio::test]
async fn a_row_of_many_megabytes_spoils_only_itself() {
    let shop = Shop::open().await;
    let long = "x".repeat(5 << 20);
    let ran = shop.import_rows(&format!(",,{long},Ada,,,,,5,EUR,,,\n,,Short,Ada,,,,,5,EUR,,,\n"));
    insta::assert_snapshot!(ran.seen(), @"
    books.csv:2: refused: the row is too long (at most 1048576 bytes in 4096 columns)
    error: 1 of 2 rows refused
    books.csv: 2 rows read
              1 added
              0 changed
              0 unchanged
              1 refused
    exit code 1
    ");
}

#[tokio::test]
async fn a_map_may_take_books_without_what_is_wrong_with_them() {
    let shop = Shop::open().await;
    let map = r#"
        separator = ";"
        other_columns = "ignore"
        [fields.isbn13]
        column = "ISBN"
        on_error = "omit"
        [fields.title]
        column = "Titel"
        [fields.authors]
        column = "Autoren"
        convert = [{ split = "/" }]
        [fields.price_cents]
        column = "Preis"
        convert = ["hundredths"]
        initial = 999
        on_error = "omit"
        [fields.currency]
        initial = "EUR"
    "#;
    shop.write("german.toml", map);
    shop.write(
        "books.csv",
        "Titel;Autoren;ISBN;Preis;Regal\nEins;Ada / Bo;123;12.5;A1\nZwei;Cy;;gratis;A2\n",
    );
    insta::assert_snapshot!(shop.import(&["books.csv", "--map", "german.toml"]).seen(), @r#"
    books.csv:2: left out: ISBN "123" is not an ISBN with a right check digit
    books.csv:3: left out: Preis "gratis" is not a number with at most two decimals
    books.csv: 2 rows read
              2 added
              0 changed
              0 unchanged
              0 refused
              2 left out (single values; their rows were taken)
    exit code 0
    "#);
    insta::assert_snapshot!(shop.rows(), @"
    ,,Eins,Ada; Bo,,,,,1250,EUR,0,0,0
    ,,Zwei,Cy,,,,,999,EUR,0,0,0
    ");
}
