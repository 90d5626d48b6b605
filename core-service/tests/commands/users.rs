//! `core-service users …`.

use crate::shop::Shop;

async fn seeded() -> Shop {
    let shop = Shop::migrated().await;
    shop.done("seed");
    shop
}

async fn is(shop: &Shop, role: &str) -> bool {
    let sql = format!("SELECT count(*) FROM users WHERE username = 'demo' AND role = '{role}'");
    shop.number(&sql).await == 1
}

/// How many changes of demo's account are told, and of sessions.
async fn told(shop: &Shop) -> (i64, i64) {
    let is_postgres = shop.database.url().starts_with("postgres");
    let table = if is_postgres { "outbox" } else { "change_log" };
    let of = async |kind| {
        let sql = format!(
            "SELECT count(*) FROM {table} WHERE kind = {kind}
             AND owner_id = (SELECT id FROM users WHERE username = 'demo')"
        );
        shop.number(&sql).await
    };
    (of(8).await, of(9).await)
}

#[tokio::test]
async fn whoever_is_made_staff_is_staff() {
    let shop = seeded().await;
    insta::assert_snapshot!(
        shop.done("users grant-role Demo@Triptych.example staff"),
        @"demo was a reader and is staff now."
    );
    assert!(is(&shop, "staff").await);
    assert_eq!(told(&shop).await, (1, 0));

    insta::assert_snapshot!(
        shop.done("users grant-role demo@triptych.example staff"),
        @"Nothing to do: demo is staff already."
    );
    assert_eq!(told(&shop).await, (1, 0));
}

#[tokio::test]
async fn whoever_may_do_less_is_signed_out_everywhere() {
    let shop = seeded().await;
    shop.execute(
        "INSERT INTO sessions (user_id, client, device, generation, confirmed_generation, created_at, refreshed_at,
             used_at, expires_at)
         SELECT id, 'desktop', 'The desk', 1, 0, '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z',
             '2025-08-20 10:00:00Z', '2099-08-20 10:00:00Z'
         FROM users WHERE username IN ('demo', 'mira')",
    )
    .await;
    let open = "SELECT count(*) FROM sessions WHERE revoked_at IS NULL";

    shop.done("users grant-role demo@triptych.example admin");
    assert_eq!(shop.number(open).await, 2);

    insta::assert_snapshot!(
        shop.done("users grant-role demo@triptych.example reader"),
        @"demo was an administrator and is a reader now."
    );
    assert!(is(&shop, "reader").await);
    assert_eq!(shop.number(open).await, 1);
    assert_eq!(told(&shop).await, (2, 1));
}

#[tokio::test]
async fn what_is_mistyped_is_refused_with_what_may_be_meant() {
    let shop = seeded().await;
    insta::assert_snapshot!(
        shop.refused("users grant-role demo@triptich.example staff"),
        @"error: nobody has the address `demo@triptich.example`; did you mean `demo@triptych.example`?"
    );
    insta::assert_snapshot!(
        shop.refused("users grant-role zoe@example.org staff"),
        @"error: nobody has the address `zoe@example.org`"
    );
    let role = shop.refused("users grant-role demo@triptych.example stuff");
    assert!(role.contains("a similar value exists: 'staff'"), "{role}");
    assert!(is(&shop, "reader").await);
}

#[tokio::test]
async fn asks_for_the_schema_first() {
    let shop = Shop::new().await;
    let refused = shop.refused("users grant-role demo@triptych.example staff");
    assert!(
        refused.contains("run `core-service migrate up` first"),
        "{refused}"
    );
}
