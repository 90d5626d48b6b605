//! `core-service migrate …`.

use std::fs;

use migrations::ALL;

use crate::shop::{Answer, Shop};

/// The newest migration.
fn newest() -> &'static str {
    ALL.last().expect("a migration").name
}

/// A table with single spaces, however long the longest name is.
fn squeezed(table: &str) -> String {
    let lines = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn up_applies_what_is_pending_and_then_has_nothing_to_do() {
    let shop = Shop::new().await;
    insta::assert_snapshot!(shop.done("migrate up --steps 2"), @"
    up    20250818150000-create-users
    up    20250818152000-create-posts
    2 migrations applied.
    ");
    insta::assert_snapshot!(shop.done("migrate up --to add-email-to-users"), @"
    up    20250819091000-add-email-to-users
    1 migration applied.
    ");
    let rest = shop.done("migrate up");
    assert!(
        rest.ends_with(&format!("{} migrations applied.", ALL.len() - 3)),
        "{rest}"
    );
    assert_eq!(
        shop.done("migrate up"),
        "Nothing to do: what was asked for is applied already."
    );
}

#[tokio::test]
async fn four_processes_at_once_apply_each_migration_once() {
    let shop = Shop::new().await;
    let running: Vec<_> = (0..4).map(|_| shop.start("migrate up")).collect();
    let answers = running
        .into_iter()
        .map(|child| Answer::from(child.wait_with_output().expect("an end")));

    let mut applied = 0;
    for answer in answers {
        assert!(answer.ok, "{answer:?}");
        applied += answer.out.lines().filter(|line| line.starts_with("up ")).count();
    }

    assert_eq!(applied, ALL.len());
    assert_eq!(
        shop.number("SELECT count(*) FROM migrations").await,
        i64::try_from(ALL.len()).unwrap()
    );
}

#[tokio::test]
async fn status_lists_what_is_applied_and_what_is_pending() {
    let shop = Shop::new().await;
    shop.done("migrate up --to create-users");
    let status = squeezed(&shop.done("migrate status"));
    let lines: Vec<_> = status.lines().collect();
    insta::assert_snapshot!(lines[..3].join("\n"), @"
    MIGRATION STATE SEQ BATCH APPLIED (UTC) TOOK
    20250818150000-create-users applied 1 1 (time)
    20250818152000-create-posts pending
    ");
    assert_eq!(
        lines.last(),
        Some(&format!("1 applied, {} pending", ALL.len() - 1).as_str())
    );
}

#[tokio::test]
async fn status_tells_programs_the_same() {
    let shop = Shop::new().await;
    shop.done("migrate up --to create-users");
    let status: serde_json::Value = serde_json::from_str(&shop.done("migrate status --json")).unwrap();
    insta::assert_json_snapshot!(status[0], { ".appliedAt" => "[time]", ".tookMs" => 0 }, @r#"
    {
      "appliedAt": "[time]",
      "batch": 1,
      "name": "20250818150000-create-users",
      "outOfOrder": false,
      "seq": 1,
      "state": "applied",
      "tookMs": 0
    }
    "#);
    assert_eq!(status[1]["state"], "pending");
    assert_eq!(status[1]["seq"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_dry_run_prints_the_sql_and_changes_nothing() {
    let shop = Shop::new().await;
    let script = shop.done("migrate up --dry-run");
    assert!(
        script.starts_with("-- up 20250818150000-create-users\nCREATE TABLE \"users\" ("),
        "{script}"
    );
    assert!(
        shop.done("migrate status")
            .ends_with(&format!("0 applied, {} pending", ALL.len()))
    );

    shop.done("migrate up --to create-likes");
    insta::assert_snapshot!(shop.done("migrate undo --dry-run"), @r#"
    -- down 20250820101500-create-likes
    DROP TABLE "likes";
    "#);
    assert_eq!(
        shop.done("migrate up --to create-likes --dry-run"),
        "-- nothing to do"
    );
    assert!(
        shop.done("migrate status")
            .ends_with(&format!("4 applied, {} pending", ALL.len() - 4))
    );
}

#[tokio::test]
async fn undo_refuses_where_nobody_can_be_asked() {
    let shop = Shop::with_likes().await;
    let answer = shop.run("migrate undo --steps 2");
    assert!(!answer.ok);
    insta::assert_snapshot!(answer.out, @"
    This will be done, in this order:
      down  20250820101500-create-likes
      down  20250819091000-add-email-to-users
    ");
    insta::assert_snapshot!(answer.err, @"error: the data in what is undone will be lost, and there is no terminal to ask on; say --yes if that is meant");
    assert!(shop.done("migrate status").contains("\n4 applied"));
}

#[tokio::test]
async fn undo_takes_back_the_newest_or_the_newest_n() {
    let shop = Shop::with_likes().await;
    insta::assert_snapshot!(shop.done("migrate undo --yes"), @"
    down  20250820101500-create-likes
    1 migration undone.
    ");
    insta::assert_snapshot!(shop.done("migrate undo --steps 2 --yes"), @"
    down  20250819091000-add-email-to-users
    down  20250818152000-create-posts
    2 migrations undone.
    ");
}

#[tokio::test]
async fn undo_all_stops_after_or_at_a_name_or_goes_to_the_end() {
    let shop = Shop::migrated().await;
    shop.done("migrate undo-all --to create-likes --yes");
    assert!(
        shop.done("migrate status")
            .ends_with(&format!("4 applied, {} pending", ALL.len() - 4))
    );
    insta::assert_snapshot!(shop.done("migrate undo-all --through create-likes --yes"), @"
    down  20250820101500-create-likes
    1 migration undone.
    ");
    shop.done("migrate undo-all --yes");
    assert_eq!(shop.number("SELECT count(*) FROM migrations").await, 0);
    assert_eq!(
        shop.done("migrate undo-all --yes"),
        "Nothing to do: nothing is applied that should be undone."
    );
    assert!(
        shop.refused("migrate undo --yes")
            .contains("only 0 of the 1 migrations")
    );
}

#[tokio::test]
async fn redo_takes_the_newest_back_and_applies_it_again() {
    let shop = Shop::with_likes().await;
    insta::assert_snapshot!(shop.done("migrate redo --yes"), @"
    down  20250820101500-create-likes
    up    20250820101500-create-likes
    1 migration undone and applied again.
    ");
}

#[tokio::test]
async fn verify_says_whether_the_schema_is_what_the_migrations_give() {
    let shop = Shop::migrated().await;
    let all_is_well = format!("The schema is what its {} applied migrations give.", ALL.len());
    assert_eq!(shop.done("migrate verify"), all_is_well);

    shop.execute("DROP INDEX likes_user_id").await;

    let answer = shop.run("migrate verify");
    assert!(!answer.ok);
    let index = if shop.database.is_postgres() {
        "index CREATE INDEX likes_user_id ON likes USING btree (user_id, post_id)"
    } else {
        "index likes_user_id: create index likes_user_id on likes (user_id, post_id)"
    };
    assert!(
        answer.out.ends_with(&format!("\nlikes\n  - {index}")),
        "{}",
        answer.out
    );
    assert_eq!(
        answer.err,
        "error: the schema of the database is not the one that its migrations give\n"
    );
}

#[tokio::test]
async fn an_edited_migration_stops_up_until_repair_accepts_it() {
    let shop = Shop::migrated().await;
    shop.done("migrate undo --yes");
    shop.execute("UPDATE migrations SET checksum = 'another' WHERE name = '20250820101500-create-likes'")
        .await;

    let status = squeezed(&shop.done("migrate status"));
    assert!(status.contains("20250820101500-create-likes changed"), "{status}");
    assert!(
        status.ends_with(&format!("{} applied, 1 pending, 1 changed", ALL.len() - 2)),
        "{status}"
    );
    insta::assert_snapshot!(shop.refused("migrate up"), @"
    error: these migrations were changed after they had been applied here:
      20250820101500-create-likes
    Undo the change, or accept it with `migrate repair` if the database already agrees with it.
    ");

    assert_eq!(
        shop.done("migrate repair"),
        "accepted  20250820101500-create-likes"
    );
    assert_eq!(
        shop.done("migrate repair"),
        "Nothing to do: no applied migration was changed."
    );
    shop.done("migrate up");
}

#[tokio::test]
async fn a_migration_that_fails_is_named_with_its_statement() {
    let shop = Shop::with_likes().await;
    shop.done("migrate undo --yes");
    shop.execute("CREATE TABLE likes (id bigint)").await;
    let answer = shop.run("migrate up --to create-likes");
    assert!(!answer.ok);
    insta::assert_snapshot!(answer.out, @"up    20250820101500-create-likes                      failed");
    let failed = "error: up of `20250820101500-create-likes` failed and left nothing behind\n  statement: CREATE TABLE";
    assert!(answer.err.starts_with(failed), "{}", answer.err);
    assert!(answer.err.contains("already exists"), "{}", answer.err);
}

#[tokio::test]
async fn one_that_was_merged_late_is_applied_with_a_warning() {
    let shop = Shop::migrated().await;
    shop.execute("DROP INDEX post_tags_name").await;
    shop.execute("DELETE FROM migrations WHERE name = '20250908101500-index-post-tags-by-name'")
        .await;

    assert!(
        squeezed(&shop.done("migrate status"))
            .contains("20250908101500-index-post-tags-by-name pending, out of order")
    );
    let answer = shop.run("migrate up");
    assert!(answer.ok);
    insta::assert_snapshot!(answer.err, @"warning: 20250908101500-index-post-tags-by-name is older than one that is applied; it was merged late");

    // It was applied last, so it is undone first, whatever its name.
    assert!(
        shop.done("migrate undo --yes")
            .starts_with("down  20250908101500-index-post-tags-by-name")
    );
}

#[tokio::test]
async fn a_name_that_does_not_exist_brings_up_the_near_ones() {
    let shop = Shop::migrated().await;
    insta::assert_snapshot!(shop.refused("migrate undo-all --to create-coments --yes"), @"
    error: there is no migration `create-coments`; did you mean one of these?
      20250825110000-create-comments
    ");
    insta::assert_snapshot!(shop.refused("migrate up --to create-post"), @"
    error: `create-post` may be any of these, so give more of the name:
      20250818152000-create-posts
      20250822093000-create-post-tags
      20250910100000-create-post-count-deltas
    ");
    assert!(shop.done("migrate status").ends_with("0 pending"));
}

#[tokio::test]
async fn create_writes_a_migration_that_the_next_build_finds() {
    let shop = Shop::new().await;
    let folder = shop.make_folder("core-service/migrations");

    let said = shop.done("migrate create add-subtitle-to-books");

    let file = migrations::folder::list(&folder)
        .unwrap()
        .pop()
        .expect("a new file");
    assert!(
        said.ends_with(&format!("core-service/migrations/{}.rs", file.name)),
        "{said}"
    );
    assert!(file.name.ends_with("-add-subtitle-to-books"));
    let text = fs::read_to_string(&file.path).unwrap();
    assert!(
        text.starts_with("//! Add subtitle to books: say here why.\n"),
        "{text}"
    );
    assert!(
        text.contains("pub fn up(schema: &mut Schema)") && text.contains("pub fn down(schema: &mut Schema)")
    );
    assert!(
        shop.refused("migrate create add-subtitle-to-books")
            .contains("has this name already")
    );
    assert!(
        shop.refused("migrate create AddSubtitle")
            .contains("lower-case words joined by hyphens")
    );
    shop.done("migrate create drop-subtitle");
    assert_eq!(migrations::folder::list(&folder).unwrap().len(), 2);
}

#[tokio::test]
async fn create_says_where_it_belongs() {
    let shop = Shop::new().await;
    let refused = shop.refused("migrate create add-subtitle-to-books");
    let folder = shop.folder().canonicalize().unwrap();
    assert_eq!(
        refused,
        format!(
            "error: there is no core-service/migrations in {} or above it; run this inside the source tree\n",
            folder.display()
        )
    );
}

#[tokio::test]
async fn says_what_is_wrong_with_a_database_url() {
    let shop = Shop::new().await;
    let answer = shop.run_on("mysql://localhost/shop", "migrate up");
    assert!(!answer.ok);
    insta::assert_snapshot!(answer.err, @"error: the database URL must start with `sqlite:` or `postgres:`");

    let answer = shop.run_on("sqlite:///no/such/folder/shop.db", "migrate up");
    assert!(!answer.ok);
    assert!(
        answer.err.contains("unable to open database file"),
        "{}",
        answer.err
    );
}

#[tokio::test]
async fn creates_the_file_of_sqlite_only_when_it_writes() {
    let shop = Shop::new().await;
    let file = shop.folder().join("shop.db");
    for command in [
        "migrate status",
        "migrate up --dry-run",
        "migrate verify",
        "seed status",
    ] {
        assert!(shop.run_on("sqlite://shop.db", command).ok, "{command}");
        assert!(!file.exists(), "{command}");
    }
    assert!(shop.run_on("sqlite://shop.db", "migrate up").ok);
    assert!(file.exists());
    assert!(
        shop.run_on("sqlite://shop.db", "migrate status")
            .out
            .contains(newest())
    );
}
