//! Every method that writes tells what it wrote, to whom it is told, and nothing else.

use core_service::grpc::access::METHODS;
use core_service::models::change::{Audience, Kind, Operation};
use core_service::repositories::changes;
use proto::orders::v1::{PayOrderRequest, ShipOrderRequest};
use proto::posts::v1::CreateCommentRequest;
use proto::users::v1::ListSessionsRequest;

use super::settled;
use crate::app::{Actor, App, PASSWORD, an_order};

/// How the names of methods begin that only read.
const READS: [&str; 10] = [
    "Get",
    "BatchGet",
    "List",
    "Quote",
    "SalesByDay",
    "Export",
    "Run",
    "Subscribe",
    "Check",
    "Watch",
];

/// Methods that write and tell nothing, and why.
const SILENT: [(&str, &str); 3] = [
    (
        "CreateSession",
        "nobody keeps which sessions somebody has, only which have ended",
    ),
    ("BeginFederatedSession", "it writes nothing"),
    (
        "CompleteFederatedSession",
        "as CreateSession; of newcomers it tells by the same function as Register",
    ),
];

/// A change as it was told: of what, what happened, and to whom.
pub type Told = (Kind, Operation, Audience);

/// A shop in which every method can be called.
pub struct Shop {
    pub app: App,
    pub ada: Actor,
    pub tim: Actor,
    /// Where the log ended before the last call.
    before: i64,
}

impl Shop {
    async fn open() -> Self {
        let app = App::start().await;
        let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
        app.reader("eve").await;
        Self {
            app,
            ada,
            tim,
            before: 0,
        }
    }

    /// Everything up to here is not what the next call is about.
    pub async fn now(&mut self) {
        settled(&self.app).await;
        self.before = self.app.services.feed.head().seq;
    }

    async fn told(&self) -> Vec<Told> {
        settled(&self.app).await;
        let rows = changes::list_from(self.app.db.read(), self.before + 1, 100).await;
        let rows = rows.unwrap().into_iter();
        rows.map(|row| (row.kind, row.operation, row.audience)).collect()
    }

    /// Signs somebody in once more; the number of the session.
    pub async fn another_session(&self, who: &Actor) -> i64 {
        self.app.sign_in(&who.email, PASSWORD).await.unwrap();
        let request = who.asks(ListSessionsRequest {});
        let sessions = self
            .app
            .sessions()
            .list_sessions(request)
            .await
            .unwrap()
            .into_inner();
        let others = sessions.sessions.into_iter().filter(|session| !session.current);
        others.map(|session| session.id).max().unwrap()
    }

    pub async fn comment(&self, slug: &str) -> i64 {
        let comment = CreateCommentRequest {
            slug: slug.to_owned(),
            body: "Well".to_owned(),
        };
        let comment = self.app.posts().create_comment(self.ada.asks(comment)).await;
        comment.unwrap().into_inner().id
    }

    /// An order that has been paid, if it is to be.
    pub async fn an_order(&self, paid: bool, shipped: bool) -> i64 {
        let book = self.app.book(&self.tim, "Emma", "Jane Austen").await.id;
        let id = self.app.order(&self.ada, &[(book, 1)]).await.id;
        if paid {
            let pay = PayOrderRequest {
                id,
                payment_reference: "a transfer".to_owned(),
            };
            self.app.orders().pay_order(self.ada.asks(pay)).await.unwrap();
        }
        if shipped {
            let ship = ShipOrderRequest { id };
            self.app.orders().ship_order(self.tim.asks(ship)).await.unwrap();
        }
        id
    }
}

#[tokio::test]
async fn every_method_that_writes_tells_what_it_wrote() {
    let mut shop = Shop::open().await;
    for (method, _) in METHODS {
        let name = method.rsplit('/').next().unwrap();
        let only_reads = READS.iter().any(|read| name.starts_with(read));
        let is_silent = SILENT.iter().any(|(silent, _)| *silent == name);
        if only_reads || is_silent {
            continue;
        }
        let expected = shop.write(name).await;
        assert_eq!(shop.told().await, expected, "{method}");
    }
}

#[tokio::test]
async fn telling_costs_a_write_one_statement() {
    let shop = Shop::open().await;
    let (app, ada) = (&shop.app, &shop.ada);
    let (one, two) = (
        app.book(&shop.tim, "Emma", "Jane Austen").await.id,
        app.book(&shop.tim, "Iliad", "Homer").await.id,
    );
    let mut orders = app.orders();
    let statements = app
        .statements(orders.place_order(ada.asks(an_order(&[(one, 1), (two, 1)]))))
        .await;
    let telling = statements
        .iter()
        .filter(|statement| statement.sql.contains("outbox") || statement.sql.contains("change_log"));
    assert_eq!(telling.count(), 1, "{statements:#?}");
}
