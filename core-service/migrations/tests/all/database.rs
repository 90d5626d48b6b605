//! A database of each test's own.

use std::{
    env, process,
    sync::atomic::{AtomicU32, Ordering},
};

use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

/// An empty database that goes when the test ends.
pub struct TestDatabase {
    /// Where it is.
    pub url: String,
    _folder: TempDir,
}

impl TestDatabase {
    /// An empty database: a file, or a database on the server that `TEST_DATABASE_URL` names.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match env::var("TEST_DATABASE_URL") {
            Ok(server) => create_on(&server).await,
            Err(_) => format!("sqlite://{}", folder.path().join("test.db").display()),
        };
        Self { url, _folder: folder }
    }
}

/// Creates a database whose name no other test has, also not one of an earlier run.
async fn create_on(server: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let nanos = time::OffsetDateTime::now_utc().unix_timestamp_nanos();
    let name = format!(
        "migrations_{}_{}_{nanos}",
        process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let admin = Database::connect(server)
        .await
        .expect("a PostgreSQL server at TEST_DATABASE_URL");
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a new database");
    admin.close().await.expect("a closed connection");
    let (base, _) = server.rsplit_once('/').expect("a URL that names a database");
    format!("{base}/{name}")
}
