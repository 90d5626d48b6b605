//! All migrations, up and down.

use migrations::{Migrator, Order};

use crate::database::TestDatabase;

#[tokio::test]
async fn goes_up_and_down_and_up_again() {
    let test = TestDatabase::new().await;
    let migrator = Migrator::new(&test.url);
    for order in [Order::Up, Order::UndoAll, Order::Up] {
        let done = migrator.run(&order, None, &mut |_| ()).await.expect("a run");
        assert!(!done.steps.is_empty());
    }
}
