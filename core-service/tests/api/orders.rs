//! Placing orders, and giving them up.

use proto::books::v1::{Book, CreateBookRequest, DeleteBookRequest, GetBookRequest, UpdateBookRequest};
use proto::orders::v1::{
    CancelOrderRequest, GetOrderRequest, ListOrdersRequest, ListOrdersResponse, Order, OrderState,
    PayOrderRequest, QuoteOrderRequest, QuoteProblem, WantedItem,
};
use tonic::Code;

use crate::app::{Actor, App, a_book, an_order, mask, refusal};
use crate::idempotency::{keyed, was_replayed};

/// A shop with ten copies each of two books, a buyer, and somebody at the desk.
pub async fn shop() -> (App, Actor, Actor, [Book; 2]) {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let books = [
        priced(&app, &tim, "Emma", 1_250, "EUR").await,
        priced(&app, &tim, "The Iliad", 990, "EUR").await,
    ];
    (app, ada, tim, books)
}

pub async fn priced(app: &App, staff: &Actor, title: &str, price_cents: i64, currency: &str) -> Book {
    let book = CreateBookRequest {
        price_cents,
        currency: currency.to_owned(),
        stock: 10,
        ..a_book(title, "Somebody")
    };
    app.books()
        .create_book(staff.asks(book))
        .await
        .unwrap()
        .into_inner()
}

async fn stock(app: &App, id: i64) -> i32 {
    let request = GetBookRequest {
        id,
        read_mask: mask(&["stock"]),
    };
    app.books()
        .get_book(Actor::guest().asks(request))
        .await
        .unwrap()
        .into_inner()
        .stock
}

pub async fn list(app: &App, by: &Actor, request: ListOrdersRequest) -> ListOrdersResponse {
    app.orders()
        .list_orders(by.asks(request))
        .await
        .unwrap()
        .into_inner()
}

pub async fn pay(app: &App, by: &Actor, id: i64) -> Order {
    let request = PayOrderRequest {
        id,
        payment_reference: "a transfer".to_owned(),
    };
    app.orders()
        .pay_order(by.asks(request))
        .await
        .unwrap()
        .into_inner()
}

pub async fn cancel(app: &App, by: &Actor, id: i64) -> Order {
    app.orders()
        .cancel_order(by.asks(CancelOrderRequest { id }))
        .await
        .unwrap()
        .into_inner()
}

#[tokio::test]
async fn an_order_takes_its_copies_and_keeps_titles_and_prices() {
    let (app, ada, tim, [emma, iliad]) = shop().await;
    let order = app.order(&ada, &[(iliad.id, 2), (emma.id, 3)]).await;

    assert_eq!(
        (order.state(), order.total_cents, order.copies),
        (OrderState::Placed, 5_730, 5)
    );
    assert_eq!(
        (order.currency.as_str(), order.buyer.as_ref().unwrap().id),
        ("EUR", ada.id)
    );
    let items = order
        .items
        .iter()
        .map(|item| (item.book_id, item.title.as_str(), item.price_cents, item.quantity));
    assert_eq!(
        items.collect::<Vec<_>>(),
        [(iliad.id, "The Iliad", 990, 2), (emma.id, "Emma", 1_250, 3)]
    );
    assert_eq!((stock(&app, emma.id).await, stock(&app, iliad.id).await), (7, 8));

    let dearer = CreateBookRequest {
        price_cents: 9_999,
        title: "Dear Emma".to_owned(),
        ..a_book("", "")
    };
    let change = UpdateBookRequest {
        id: emma.id,
        book: Some(dearer),
        update_mask: mask(&["price_cents", "title"]),
    };
    app.books().update_book(tim.asks(change)).await.unwrap();
    let request = GetOrderRequest {
        id: order.id,
        read_mask: None,
    };
    assert_eq!(
        app.orders()
            .get_order(ada.asks(request))
            .await
            .unwrap()
            .into_inner(),
        order
    );
}

#[tokio::test]
async fn an_order_that_breaks_rules_hears_of_all_of_them() {
    let (app, ada, _, [emma, iliad]) = shop().await;
    let refused =
        async |items: &[(i64, i32)]| refusal(app.orders().place_order(ada.asks(an_order(items))).await);
    let field = |field: &str, problem: &str| (field.to_owned(), problem.to_owned());

    assert_eq!(refused(&[]).await.2, [field("items", "can't be empty")]);
    let many: Vec<_> = (1..=51).map(|id| (id, 1)).collect();
    assert_eq!(
        refused(&many).await.2,
        [field("items", "has too many (at most 50)")]
    );
    let (code, reason, about) = refused(&[(emma.id, 0), (iliad.id, 100), (emma.id, 1)]).await;
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "INVALID_INPUT"));
    assert_eq!(
        about,
        [
            field("items[0].quantity", "has to be between 1 and 99"),
            field("items[1].quantity", "has to be between 1 and 99"),
            field("items[2].book_id", "is there twice: order more copies instead"),
        ]
    );
}

#[tokio::test]
async fn an_order_that_cannot_be_had_takes_nothing() {
    let (app, ada, tim, [emma, iliad]) = shop().await;
    let dollars = priced(&app, &tim, "Walden", 700, "USD").await;
    let refused =
        async |items: &[(i64, i32)]| refusal(app.orders().place_order(ada.asks(an_order(items))).await);
    let field = |field: &str, problem: &str| (field.to_owned(), problem.to_owned());

    app.order(&ada, &[(iliad.id, 9)]).await;
    let (code, reason, about) = refused(&[(emma.id, 11), (iliad.id, 2)]).await;
    assert_eq!(
        (code, reason.as_str()),
        (Code::FailedPrecondition, "OUT_OF_STOCK")
    );
    assert_eq!(
        about,
        [
            field("items[0].quantity", "is too high: 10 copies are left"),
            field("items[1].quantity", "is too high: 1 copy is left"),
        ]
    );
    let (code, reason, about) = refused(&[(emma.id, 1), (404, 1), (dollars.id, 1), (iliad.id, 5)]).await;
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "INVALID_INPUT"));
    assert_eq!(
        about,
        [
            field("items[1].book_id", "is no book of ours"),
            field("items[2].book_id", "is priced in USD, and the order in EUR"),
            field("items[3].quantity", "is too high: 1 copy is left"),
        ]
    );
    assert_eq!((stock(&app, emma.id).await, stock(&app, iliad.id).await), (10, 1));
    assert_eq!(
        list(&app, &ada, ListOrdersRequest::default()).await.orders.len(),
        1
    );
}

#[tokio::test]
async fn a_quote_says_what_would_become_of_each_item_and_changes_nothing() {
    let (app, _, tim, [emma, iliad]) = shop().await;
    let dollars = priced(&app, &tim, "Walden", 700, "USD").await;
    let items = [(404, 1), (emma.id, 2), (iliad.id, 11), (dollars.id, 1)];
    let request = QuoteOrderRequest {
        items: items
            .map(|(book_id, quantity)| WantedItem { book_id, quantity })
            .to_vec(),
    };
    let quote = app
        .orders()
        .quote_order(Actor::guest().asks(request))
        .await
        .unwrap()
        .into_inner();

    let lines = quote
        .lines
        .iter()
        .map(|line| (line.title.as_str(), line.price_cents, line.stock, line.problem()));
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            ("", 0, 0, QuoteProblem::Gone),
            ("Emma", 1_250, 10, QuoteProblem::Unspecified),
            ("The Iliad", 990, 10, QuoteProblem::TooFew),
            ("Walden", 700, 10, QuoteProblem::OtherCurrency),
        ]
    );
    assert_eq!(
        (quote.currency.as_str(), quote.total_cents, quote.orderable),
        ("EUR", 2_500, false)
    );
    assert_eq!(stock(&app, emma.id).await, 10);
}

#[tokio::test]
async fn what_is_given_up_goes_back_into_the_stock_even_where_the_book_has_left() {
    let (app, ada, tim, [emma, iliad]) = shop().await;
    let order = app.order(&ada, &[(emma.id, 4), (iliad.id, 3)]).await;
    app.books()
        .delete_book(tim.asks(DeleteBookRequest { id: iliad.id }))
        .await
        .unwrap();

    let order = cancel(&app, &ada, order.id).await;

    assert_eq!(
        (order.state(), order.cancelled_at.is_some()),
        (OrderState::Cancelled, true)
    );
    assert_eq!(stock(&app, emma.id).await, 10);
    let (code, reason, about) = refusal(
        app.orders()
            .cancel_order(ada.asks(CancelOrderRequest { id: order.id }))
            .await,
    );
    assert_eq!((code, reason.as_str()), (Code::FailedPrecondition, "WRONG_STATE"));
    assert_eq!(
        about,
        [(
            "state".to_owned(),
            "is cancelled, and has to be placed for that".to_owned()
        )]
    );
    assert_eq!(stock(&app, emma.id).await, 10);
}

#[tokio::test]
async fn a_payment_has_a_name_that_it_is_found_by() {
    let (app, ada, _, [emma, _]) = shop().await;
    let order = app.order(&ada, &[(emma.id, 1)]).await;
    for reference in ["", "  ", &"x".repeat(101)] {
        let request = PayOrderRequest {
            id: order.id,
            payment_reference: reference.to_owned(),
        };
        let (code, _, about) = refusal(app.orders().pay_order(ada.asks(request)).await);
        assert_eq!(
            (code, about[0].0.as_str()),
            (Code::InvalidArgument, "payment_reference")
        );
    }
    let paid = pay(&app, &ada, order.id).await;
    assert_eq!(paid.payment_reference.as_deref(), Some("a transfer"));
    assert!(paid.paid_at.is_some());
}

#[tokio::test]
async fn the_same_order_sent_twice_is_one_order() {
    let (app, ada, _, [emma, _]) = shop().await;
    let key = "0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f";
    let place = async |copies| {
        app.orders()
            .place_order(keyed(key, ada.asks(an_order(&[(emma.id, copies)]))))
            .await
    };

    let (first, again) = (place(2).await.unwrap(), place(2).await.unwrap());

    assert!(!was_replayed(&first) && was_replayed(&again));
    assert_eq!(first.into_inner(), again.into_inner());
    assert_eq!(stock(&app, emma.id).await, 8);
    let (code, reason, _) = refusal(place(3).await);
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "KEY_REUSED"));
}
