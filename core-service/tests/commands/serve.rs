//! `core-service serve`, as far as it comes without a secret.

use crate::shop::Shop;

/// Where it stops once the database is good enough for it.
const WITHOUT_SECRET: &str = "session.secret";

/// What it says when it is told to serve with these settings.
fn refusal(shop: &Shop, settings: &str) -> String {
    let settings = format!("admin.listen = '127.0.0.1:0'\n{settings}");
    std::fs::write(shop.folder().join("serve.toml"), settings).expect("a file of settings");
    shop.refused("serve --settings serve.toml")
}

#[tokio::test]
async fn a_postgres_that_forgets_what_it_has_confirmed_is_not_served_from_unless_that_is_meant() {
    let shop = Shop::new().await;
    let forgets = "SELECT count(*) FROM pg_settings WHERE name = 'fsync' AND setting = 'off'";
    let forgets = test_kit::on_postgres() && shop.number(forgets).await == 1;
    let careful = refusal(&shop, "");
    assert_eq!(careful.contains("fsync = off"), forgets, "{careful}");
    assert_eq!(careful.contains(WITHOUT_SECRET), !forgets, "{careful}");

    let careless = refusal(&shop, "database.require_fsync = false");
    assert!(careless.contains(WITHOUT_SECRET), "{careless}");
}
