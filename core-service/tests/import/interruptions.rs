//! An import that is cut off leaves whole batches, and running it again does the rest.

use std::fmt::Write as _;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::shop::{HEADER, Ran, Shop};

const BATCH: usize = 500;

fn rows(numbers: std::ops::Range<usize>) -> String {
    numbers.fold(String::new(), |mut rows, number| {
        writeln!(rows, "a:{number},,Book {number},Ada,,,,,1,EUR,0,0,0").unwrap();
        rows
    })
}

/// Starts an import that has been given two batches and a half, and waits until the two are there.
async fn half_way(shop: &Shop) -> (Child, std::process::ChildStdin) {
    let mut command = shop.command(&["import", "books", "-"]);
    let mut import = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = import.stdin.take().unwrap();
    write!(pipe, "{HEADER}\n{}", rows(0..2 * BATCH + BATCH / 2)).unwrap();
    pipe.flush().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while shop.rows().lines().count() < 2 * BATCH {
        assert!(Instant::now() < deadline, "the batches do not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (import, pipe)
}

fn finish(shop: &Shop) -> Ran {
    assert_eq!(shop.rows(), rows(0..2 * BATCH), "whole batches and nothing else");
    let ran = shop.import_rows(&rows(0..4 * BATCH));
    assert_eq!(shop.rows(), rows(0..4 * BATCH));
    ran
}

#[tokio::test]
async fn a_killed_import_is_completed_by_the_next() {
    let shop = Shop::open().await;
    let (mut import, _pipe) = half_way(&shop).await;
    import.kill().unwrap();
    import.wait().unwrap();
    assert_eq!(finish(&shop).counts(), [2 * BATCH as u64, 0, 2 * BATCH as u64, 0]);
}

#[tokio::test]
async fn a_stopped_import_says_how_far_it_came() {
    let shop = Shop::open().await;
    let (import, pipe) = half_way(&shop).await;
    let stop = Command::new("kill")
        .args(["-INT", &import.id().to_string()])
        .status();
    assert!(stop.unwrap().success());

    let ran = Ran::of(import.wait_with_output().unwrap());
    drop(pipe);
    insta::assert_snapshot!(ran.seen(), @"
    error: stopped after 1,000 rows; what was written stays, and the same command does the rest
    standard input: 1,000 rows read
          1,000 added
              0 changed
              0 unchanged
              0 refused
    exit code 1
    ");
    assert_eq!(finish(&shop).counts(), [2 * BATCH as u64, 0, 2 * BATCH as u64, 0]);
}

#[tokio::test]
async fn two_imports_at_once_add_each_book_once() {
    let shop = Shop::open().await;
    shop.write("books.csv", format!("{HEADER}\n{}", rows(0..4 * BATCH)));
    let start = || shop.command(&["import", "books", "books.csv"]).spawn().unwrap();
    let ran = [start(), start()].map(|import| Ran::of(import.wait_with_output().unwrap()));

    assert!(ran.iter().all(|ran| ran.code == Some(0)), "{ran:?}");
    assert_eq!(ran[0].counts()[0] + ran[1].counts()[0], 4 * BATCH as u64);
    assert_eq!(shop.rows().lines().count(), 4 * BATCH);
}
