//! S20 and R14: orders that race for the last copies, and orders that are sent again and again.

use std::sync::Arc;
use std::time::Duration;

use core_service::models::book;
use core_service::repositories::books;
use futures_util::StreamExt;
use futures_util::future::join_all;
use prost::Message;
use proto::orders::v1::{CancelOrderRequest, Order};
use sea_orm::ConnectionTrait;
use sea_orm::{EntityTrait, Set, Statement};
use tokio::sync::Barrier;
use tonic::{Code, Request, Status};

use crate::app::{Actor, App, a_book, an_order, refusal};
use crate::idempotency::keyed;

/// How many clients race, for how many copies, how often.
const CLIENTS: usize = 64;
const COPIES: i32 = 10;

fn rounds() -> usize {
    test_kit::size(8, 200)
}

/// A book of which there are so many copies.
async fn book_of(app: &App, staff: &Actor, stock: i32) -> i64 {
    let book = proto::books::v1::CreateBookRequest {
        stock,
        ..a_book("Emma", "Jane Austen")
    };
    app.books()
        .create_book(staff.asks(book))
        .await
        .unwrap()
        .into_inner()
        .id
}

async fn stock_of(app: &App, id: i64) -> i32 {
    let book = book::Entity::find_by_id(id).one(app.db.read()).await.unwrap();
    book.unwrap().stock
}

async fn number(app: &App, sql: &str) -> i64 {
    let statement = Statement::from_string(app.db.backend(), sql);
    let row = app.db.read().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Places an order as a well-behaved client does, which asks again where the core is busy.
async fn place(
    app: &App,
    request: impl Fn() -> Request<proto::orders::v1::PlaceOrderRequest>,
) -> Result<Order, Status> {
    loop {
        match app.orders().place_order(request()).await {
            Err(status) if matches!(status.code(), Code::Unavailable | Code::Aborted) => {
                tokio::task::yield_now().await
            }
            answer => return answer.map(tonic::Response::into_inner),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_copies_are_sold_once_however_many_want_them() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    for round in 0..rounds() {
        let (one, other) = (
            book_of(&app, &tim, COPIES).await,
            book_of(&app, &tim, COPIES).await,
        );
        let race = (0..CLIENTS).map(|client| {
            // Half of them name the books the other way round, so that careless locks would wait for each other.
            let items = if client % 2 == 0 {
                [(one, 1), (other, 1)]
            } else {
                [(other, 1), (one, 1)]
            };
            let (app, ada) = (&app, &ada);
            async move { place(app, || ada.asks(an_order(&items))).await }
        });
        let (sold, refused): (Vec<_>, Vec<_>) = join_all(race).await.into_iter().partition(Result::is_ok);

        assert_eq!(sold.len(), COPIES as usize, "round {round}");
        for refusal_of in refused {
            let (code, reason, about) = refusal::<()>(refusal_of.map(|_| unreachable!("it is refused")));
            assert_eq!(
                (code, reason.as_str(), about.len()),
                (Code::FailedPrecondition, "OUT_OF_STOCK", 2)
            );
        }
        assert_eq!(
            (stock_of(&app, one).await, stock_of(&app, other).await),
            (0, 0),
            "round {round}"
        );
        let kept = format!("SELECT coalesce(sum(quantity), 0) FROM order_items WHERE book_id = {one}");
        assert_eq!(number(&app, &kept).await, i64::from(COPIES), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_looks_first_and_takes_then_oversells() {
    // The mutant of the race above.
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let id = book_of(&app, &tim, COPIES).await;
    let everybody_has_looked = Arc::new(Barrier::new(CLIENTS));
    let race = (0..CLIENTS).map(|_| {
        let (app, barrier) = (&app, everybody_has_looked.clone());
        async move {
            let seen = stock_of(app, id).await;
            barrier.wait().await;
            if seen < 1 {
                return false;
            }
            let taken = book::ActiveModel {
                id: Set(id),
                stock: Set(seen - 1),
                ..Default::default()
            };
            let write = app.db.write(move |tx| {
                let taken = taken.clone();
                async move { books::update(&*tx, taken).await.map(drop) }
            });
            write.await.is_ok()
        }
    });
    let sold = join_all(race).await.into_iter().filter(|sold| *sold).count();
    assert!(sold as i32 + stock_of(&app, id).await > COPIES, "{sold} sold");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_are_placed_and_given_up_at_once_leave_the_stock_as_it_was() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let (one, other) = (
        book_of(&app, &tim, COPIES).await,
        book_of(&app, &tim, COPIES).await,
    );
    let race = (0..CLIENTS).map(|client| {
        let (app, ada, tim) = (&app, &ada, &tim);
        async move {
            let items = if client % 2 == 0 {
                [(one, 1), (other, 2)]
            } else {
                [(other, 2), (one, 1)]
            };
            let Ok(order) = place(app, || ada.asks(an_order(&items))).await else {
                return;
            };
            // The buyer and the desk at the same time: one of them is too late.
            let give_up = async |by: &Actor| loop {
                let request = by.asks(CancelOrderRequest { id: order.id });
                match app.orders().cancel_order(request).await {
                    Err(status) if status.code() == Code::Unavailable => tokio::task::yield_now().await,
                    answer => break answer.is_ok(),
                }
            };
            let (buyer, desk) = tokio::join!(give_up(ada), give_up(tim));
            assert!(buyer != desk, "buyer {buyer}, desk {desk}");
        }
    });
    join_all(race).await;
    assert_eq!(
        (stock_of(&app, one).await, stock_of(&app, other).await),
        (COPIES, COPIES)
    );
}

/// How often each order is sent, and how many are sent at a time.
const DELIVERIES: usize = 5;
const AT_ONCE: usize = 24;
/// How many books they are of, a copy each.
const BOOKS: usize = 10;

fn keys() -> usize {
    test_kit::size(1_000, 10_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_has_its_effect_once_however_often_it_arrives_and_however_many_answers_are_lost() {
    let app = App::start().await;
    let (ada, eve, tim) = (
        app.reader("ada").await,
        app.reader("eve").await,
        app.staff("tim").await,
    );
    let mut shelf = Vec::new();
    for _ in 0..BOOKS {
        shelf.push(book_of(&app, &tim, 100_000).await);
    }
    let keys = keys();
    let key = |number: usize| format!("the-order-of-key-{number:05}");
    let order = |number: usize| an_order(&[(shelf[number % BOOKS], 1)]);

    let deliveries = (0..keys * DELIVERIES).map(|delivery| {
        // The deliveries of a key come close to each other, and some of them at the same time.
        let number = delivery / DELIVERIES;
        let (app, ada, key, order) = (&app, &ada, &key, &order);
        async move {
            let call = place(app, || keyed(&key(number), ada.asks(order(number))));
            if delivery % DELIVERIES == number % DELIVERIES {
                // Nobody waits for this answer to its end.
                let patience = Duration::from_micros((number * 37 % 4_000) as u64);
                let _ = tokio::time::timeout(patience, call).await;
                None
            } else {
                Some((number, call.await.unwrap().encode_to_vec()))
            }
        }
    });
    let answers: Vec<_> = futures_util::stream::iter(deliveries)
        .buffer_unordered(AT_ONCE)
        .filter_map(async |answer| answer)
        .collect()
        .await;

    let mut first = vec![None; keys];
    for (number, answer) in &answers {
        assert_eq!(first[*number].get_or_insert(answer), &answer, "key {number}");
    }
    assert_eq!(answers.len(), keys * (DELIVERIES - 1));
    assert_eq!(number(&app, "SELECT count(*) FROM orders").await, keys as i64);
    let mut sold = 0;
    for book in &shelf {
        sold += 100_000 - stock_of(&app, *book).await;
    }
    assert_eq!(sold, keys as i32);

    let other_body = app.orders().place_order(keyed(&key(7), ada.asks(order(8)))).await;
    assert_eq!(refusal(other_body).1, "KEY_REUSED");
    let other_user = app
        .orders()
        .place_order(keyed(&key(7), eve.asks(order(7))))
        .await
        .unwrap();
    assert_eq!(other_user.into_inner().buyer.unwrap().id, eve.id);
}

#[tokio::test]
async fn without_a_key_every_delivery_is_an_order_of_its_own() {
    // The mutant of the test above.
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let book = book_of(&app, &tim, COPIES).await;
    for _ in 0..DELIVERIES {
        app.order(&ada, &[(book, 1)]).await;
    }
    assert_eq!(
        number(&app, "SELECT count(*) FROM orders").await,
        DELIVERIES as i64
    );
}
