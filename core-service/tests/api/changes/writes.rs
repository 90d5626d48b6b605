//! Every method that writes tells what it wrote, to whom it is told, and nothing else.

use core_service::grpc::access::METHODS;
use core_service::models::change::Audience::{self, Owner, OwnerAndStaff, Public};
use core_service::models::change::Kind::{
    self, Account, Book, Comment, Follow, Like, Order, Post, Session, User,
};
use core_service::models::change::Operation::{self, Counted, Created, Deleted, Updated};
use core_service::models::session::Client;
use core_service::repositories::changes;
use proto::books::v1::{DeleteBookRequest, UpdateBookRequest};
use proto::orders::v1::{CancelOrderRequest, DeliverOrderRequest, PayOrderRequest, ShipOrderRequest};
use proto::posts::v1::{
    CreateCommentRequest, DeleteCommentRequest, DeletePostRequest, LikePostRequest, ModerateCommentRequest,
    ModeratePostRequest, UnlikePostRequest, UpdatePostRequest,
};
use proto::users::v1::{
    DeleteSessionRequest, FollowRequest, ListSessionsRequest, RefreshSessionRequest, RegisterRequest,
    RevokeOtherSessionsRequest, RevokeSessionRequest, UnfollowRequest, UpdateAccountRequest,
};
use tonic::{Response, Status};

use crate::app::{Actor, App, PASSWORD, a_book, a_post, an_order, mask};

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

type Told = (Kind, Operation, Audience);

/// A shop in which every method can be called.
struct Shop {
    app: App,
    ada: Actor,
    tim: Actor,
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
    async fn now(&mut self) {
        self.app
            .services
            .feed
            .settle()
            .await
            .expect("the feed is followed");
        self.before = self.app.services.feed.head().seq;
    }

    async fn told(&self) -> Vec<Told> {
        self.app
            .services
            .feed
            .settle()
            .await
            .expect("the feed is followed");
        let rows = changes::list_from(self.app.db.read(), self.before + 1, 100).await;
        let rows = rows.unwrap().into_iter();
        rows.map(|row| (row.kind, row.operation, row.audience)).collect()
    }

    /// Signs somebody in once more; the number of the session.
    async fn another_session(&self, who: &Actor) -> i64 {
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

    async fn comment(&self, slug: &str) -> i64 {
        let comment = CreateCommentRequest {
            slug: slug.to_owned(),
            body: "Well".to_owned(),
        };
        let comment = self.app.posts().create_comment(self.ada.asks(comment)).await;
        comment.unwrap().into_inner().id
    }

    /// An order that has been paid, if it is to be.
    async fn an_order(&self, paid: bool, shipped: bool) -> i64 {
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

    /// Calls a method that writes, as somebody who may. What it has to tell.
    async fn write(&mut self, method: &str) -> Vec<Told> {
        let (ada, tim) = (self.ada.clone(), self.tim.clone());
        let slug = method.to_lowercase();
        let (mut users, mut sessions) = (self.app.users(), self.app.sessions());
        let (mut posts, mut books) = (self.app.posts(), self.app.books());
        let (mut orders, mut moderation) = (self.app.orders(), self.app.moderation());
        match method {
            "Register" => {
                let request = RegisterRequest {
                    username: "joe".to_owned(),
                    email: "joe@example.com".to_owned(),
                    password: PASSWORD.to_owned(),
                    ..Default::default()
                };
                self.now().await;
                done(users.register(Actor::guest().asks(request)).await);
                vec![(User, Created, Public)]
            }
            "UpdateAccount" => {
                self.another_session(&ada).await;
                let request = UpdateAccountRequest {
                    bio: "Reads".to_owned(),
                    password: PASSWORD.to_owned(),
                    update_mask: mask(&["bio", "password"]),
                    ..Default::default()
                };
                self.now().await;
                done(users.update_account(ada.asks(request)).await);
                vec![
                    (Session, Deleted, Owner),
                    (User, Updated, Public),
                    (Account, Updated, Owner),
                ]
            }
            "Follow" => {
                let request = FollowRequest {
                    username: "eve".to_owned(),
                    ..Default::default()
                };
                self.now().await;
                done(users.follow(ada.asks(request.clone())).await);
                done(users.follow(ada.asks(request)).await);
                vec![(Follow, Created, Owner)]
            }
            "Unfollow" => {
                let request = UnfollowRequest {
                    username: "eve".to_owned(),
                    ..Default::default()
                };
                self.now().await;
                done(users.unfollow(ada.asks(request.clone())).await);
                done(users.unfollow(ada.asks(request)).await);
                vec![(Follow, Deleted, Owner)]
            }
            "RefreshSession" => {
                // Used three times, a refresh token shows that two have it.
                let phone = Actor::guest_of(Client::Mobile);
                let request = proto::users::v1::CreateSessionRequest {
                    email: ada.email,
                    password: PASSWORD.to_owned(),
                    device: "a phone".to_owned(),
                };
                let begun = sessions
                    .create_session(phone.asks(request))
                    .await
                    .unwrap()
                    .into_inner();
                let first = begun.pass.unwrap().refresh_token;
                self.now().await;
                let refresh = |refresh_token| phone.asks(RefreshSessionRequest { refresh_token });
                let second = sessions.refresh_session(refresh(first.clone())).await.unwrap();
                let second = second.into_inner().refresh_token;
                done(sessions.refresh_session(refresh(second)).await);
                sessions.refresh_session(refresh(first)).await.unwrap_err();
                vec![(Session, Deleted, Owner)]
            }
            "DeleteSession" => {
                let leaving = self.app.reader("leaving").await;
                self.now().await;
                done(
                    sessions
                        .delete_session(leaving.asks(DeleteSessionRequest {}))
                        .await,
                );
                vec![(Session, Deleted, Owner)]
            }
            "RevokeSession" => {
                let id = self.another_session(&ada).await;
                self.now().await;
                done(
                    sessions
                        .revoke_session(ada.asks(RevokeSessionRequest { id }))
                        .await,
                );
                vec![(Session, Deleted, Owner)]
            }
            "RevokeOtherSessions" => {
                self.another_session(&ada).await;
                self.another_session(&ada).await;
                self.now().await;
                let request = ada.asks(RevokeOtherSessionsRequest {});
                done(sessions.revoke_other_sessions(request).await);
                vec![(Session, Deleted, Owner); 2]
            }
            "CreateBook" => {
                self.now().await;
                done(books.create_book(tim.asks(a_book("Emma", "Jane Austen"))).await);
                vec![(Book, Created, Public)]
            }
            "UpdateBook" => {
                let id = self.app.book(&tim, "Emma", "Jane Austen").await.id;
                self.now().await;
                let request = UpdateBookRequest {
                    id,
                    book: Some(a_book("Persuasion", "Jane Austen")),
                    update_mask: mask(&["title"]),
                };
                done(books.update_book(tim.asks(request)).await);
                vec![(Book, Updated, Public)]
            }
            "DeleteBook" => {
                let id = self.app.book(&tim, "Emma", "Jane Austen").await.id;
                self.now().await;
                done(books.delete_book(tim.asks(DeleteBookRequest { id })).await);
                vec![(Book, Deleted, Public)]
            }
            "ImportBooks" => {
                let header = "import_key,title,authors,price_cents,currency,stock\r\n";
                let file = |title| format!("{header}a:1,{title},Ada,1,EUR,3\r\n");
                crate::book_streams::import(&self.app, &tim, &file("One")).await;
                self.now().await;
                let file = format!("{}a:2,New,Ada,1,EUR,3\r\n", file("Other"));
                crate::book_streams::import(&self.app, &tim, &file).await;
                vec![(Book, Updated, Public), (Book, Created, Public)]
            }
            "PlaceOrder" => {
                let one = self.app.book(&tim, "Emma", "Jane Austen").await.id;
                let two = self.app.book(&tim, "Iliad", "Homer").await.id;
                self.now().await;
                done(
                    orders
                        .place_order(ada.asks(an_order(&[(one, 1), (two, 2)])))
                        .await,
                );
                vec![
                    (Order, Created, OwnerAndStaff),
                    (Book, Counted, Public),
                    (Book, Counted, Public),
                ]
            }
            "PayOrder" => {
                let id = self.an_order(false, false).await;
                self.now().await;
                let request = PayOrderRequest {
                    id,
                    payment_reference: "a transfer".to_owned(),
                };
                done(orders.pay_order(ada.asks(request)).await);
                vec![(Order, Updated, OwnerAndStaff)]
            }
            "ShipOrder" => {
                let id = self.an_order(true, false).await;
                self.now().await;
                done(orders.ship_order(tim.asks(ShipOrderRequest { id })).await);
                vec![(Order, Updated, OwnerAndStaff)]
            }
            "DeliverOrder" => {
                let id = self.an_order(true, true).await;
                self.now().await;
                done(orders.deliver_order(tim.asks(DeliverOrderRequest { id })).await);
                vec![(Order, Updated, OwnerAndStaff)]
            }
            "CancelOrder" => {
                let id = self.an_order(false, false).await;
                self.now().await;
                done(orders.cancel_order(ada.asks(CancelOrderRequest { id })).await);
                vec![(Order, Updated, OwnerAndStaff), (Book, Counted, Public)]
            }
            "CreatePost" => {
                self.now().await;
                done(posts.create_post(ada.asks(a_post(method))).await);
                vec![(Post, Created, Public)]
            }
            "UpdatePost" => {
                self.app.post(&ada, method, &[]).await;
                self.now().await;
                let request = UpdatePostRequest {
                    slug,
                    post: Some(a_post("Another")),
                    update_mask: mask(&["body"]),
                };
                done(posts.update_post(ada.asks(request)).await);
                vec![(Post, Updated, Public)]
            }
            "DeletePost" => {
                self.app.post(&ada, method, &[]).await;
                self.now().await;
                done(posts.delete_post(ada.asks(DeletePostRequest { slug })).await);
                vec![(Post, Deleted, Public)]
            }
            "LikePost" | "UnlikePost" => {
                self.app.post(&ada, method, &[]).await;
                let like = LikePostRequest {
                    slug: slug.clone(),
                    ..Default::default()
                };
                if method == "LikePost" {
                    self.now().await;
                    done(posts.like_post(ada.asks(like.clone())).await);
                    done(posts.like_post(ada.asks(like)).await);
                    return vec![(Post, Counted, Public), (Like, Created, Owner)];
                }
                done(posts.like_post(ada.asks(like)).await);
                self.now().await;
                let unlike = UnlikePostRequest {
                    slug,
                    ..Default::default()
                };
                done(posts.unlike_post(ada.asks(unlike.clone())).await);
                done(posts.unlike_post(ada.asks(unlike)).await);
                vec![(Post, Counted, Public), (Like, Deleted, Owner)]
            }
            "CreateComment" => {
                self.app.post(&ada, method, &[]).await;
                self.now().await;
                self.comment(&slug).await;
                vec![(Comment, Created, Public)]
            }
            "DeleteComment" => {
                self.app.post(&ada, method, &[]).await;
                let id = self.comment(&slug).await;
                self.now().await;
                done(
                    posts
                        .delete_comment(ada.asks(DeleteCommentRequest { slug, id }))
                        .await,
                );
                vec![(Comment, Deleted, Public)]
            }
            "ModeratePost" => {
                self.app.post(&ada, method, &[]).await;
                self.now().await;
                let reason = "rude".to_owned();
                done(
                    moderation
                        .moderate_post(tim.asks(ModeratePostRequest { slug, reason }))
                        .await,
                );
                vec![(Post, Deleted, Public)]
            }
            "ModerateComment" => {
                self.app.post(&ada, method, &[]).await;
                let id = self.comment(&slug).await;
                self.now().await;
                let reason = "rude".to_owned();
                let request = ModerateCommentRequest { slug, id, reason };
                done(moderation.moderate_comment(tim.asks(request)).await);
                vec![(Comment, Deleted, Public)]
            }
            _ => panic!(
                "{method} is new: if it writes, tell the change (repositories/changes.rs) and say here what it tells; \
                 if it only reads, let its name say so (READS)"
            ),
        }
    }
}

fn done<T>(answer: Result<Response<T>, Status>) {
    answer.unwrap();
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
