//! A scene for each method that writes.

use core_service::models::change::Audience::{Owner, OwnerAndStaff, Public};
use core_service::models::change::Kind::{Account, Book, Comment, Follow, Like, Order, Post, Session, User};
use core_service::models::change::Operation::{Counted, Created, Deleted, Updated};
use core_service::models::session::Client;
use proto::books::v1::{DeleteBookRequest, UpdateBookRequest};
use proto::orders::v1::{CancelOrderRequest, DeliverOrderRequest, PayOrderRequest, ShipOrderRequest};
use proto::posts::v1::{
    DeleteCommentRequest, DeletePostRequest, LikePostRequest, ModerateCommentRequest, ModeratePostRequest,
    UnlikePostRequest, UpdatePostRequest,
};
use proto::users::v1::{
    CreateSessionRequest, DeleteSessionRequest, FollowRequest, RefreshSessionRequest, RegisterRequest,
    RevokeOtherSessionsRequest, RevokeSessionRequest, UnfollowRequest, UpdateAccountRequest,
};
use tonic::{Response, Status};

use super::writes::{Shop, Told};
use crate::app::{Actor, PASSWORD, a_book, a_post, an_order, mask};
use crate::book_streams::import;

impl Shop {
    /// Calls a method that writes, as somebody who may. What it has to tell.
    pub async fn write(&mut self, method: &str) -> Vec<Told> {
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
                let request = CreateSessionRequest {
                    email: ada.email,
                    password: PASSWORD.to_owned(),
                    device: "a phone".to_owned(),
                    known_device: String::new(),
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
                import(&self.app, &tim, &file("One")).await;
                self.now().await;
                let file = format!("{}a:2,New,Ada,1,EUR,3\r\n", file("Other"));
                import(&self.app, &tim, &file).await;
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
                "{method} is new: if it writes, tell the change (repositories/changes.rs) and add a scene here; \
                 if it only reads, let its name say so (READS)"
            ),
        }
    }
}

fn done<T>(answer: Result<Response<T>, Status>) {
    answer.unwrap();
}
