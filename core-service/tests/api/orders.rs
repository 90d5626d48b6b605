//! Placing orders and finding them again.

use core_service::models::session::Client;
use proto::books::v1::{
    BatchGetBookViewerStatesRequest, Book, CreateBookRequest, DeleteBookRequest, GetBookRequest,
    UpdateBookRequest,
};
use proto::orders::v1::{
    BatchGetOrdersRequest, CancelOrderRequest, DaySales, GetOrderRequest, ListOrdersRequest,
    ListOrdersResponse, Order, OrderState, PayOrderRequest, QuoteOrderRequest, QuoteProblem,
    SalesByDayRequest, WantedItem,
};
use tonic::Code;

use crate::access::through;
use crate::app::{Actor, App, a_book, an_order, mask, refusal};
use crate::idempotency::{keyed, was_replayed};

/// A shop with ten copies each of two books, a buyer, and somebody at the desk.
async fn shop() -> (App, Actor, Actor, [Book; 2]) {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let books = [
        priced(&app, &tim, "Emma", 1_250, "EUR").await,
        priced(&app, &tim, "The Iliad", 990, "EUR").await,
    ];
    (app, ada, tim, books)
}

async fn priced(app: &App, staff: &Actor, title: &str, price_cents: i64, currency: &str) -> Book {
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

async fn list(app: &App, by: &Actor, request: ListOrdersRequest) -> ListOrdersResponse {
    app.orders()
        .list_orders(by.asks(request))
        .await
        .unwrap()
        .into_inner()
}

fn ids(orders: &[Order]) -> Vec<i64> {
    orders.iter().map(|order| order.id).collect()
}

async fn pay(app: &App, by: &Actor, id: i64) -> Order {
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

async fn cancel(app: &App, by: &Actor, id: i64) -> Order {
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
async fn somebody_elses_order_is_like_one_that_there_is_not() {
    let (app, ada, tim, [emma, _]) = shop().await;
    let eve = app.reader("eve").await;
    let order = app.order(&ada, &[(emma.id, 1)]).await;
    // Away from the desk even the staff have to do with their own orders only.
    let tim_at_home = through(&app, &tim, Client::Web).await;

    for stranger in [&eve, &tim_at_home] {
        for id in [order.id, 404] {
            let get = GetOrderRequest { id, read_mask: None };
            let batch = BatchGetOrdersRequest {
                ids: vec![id],
                read_mask: None,
            };
            let pay = PayOrderRequest {
                id,
                payment_reference: "mine".to_owned(),
            };
            let missing = (
                Code::NotFound,
                "NOT_FOUND".to_owned(),
                vec![("order".to_owned(), String::new())],
            );
            assert_eq!(refusal(app.orders().get_order(stranger.asks(get)).await), missing);
            assert_eq!(refusal(app.orders().pay_order(stranger.asks(pay)).await), missing);
            let cancel = CancelOrderRequest { id };
            assert_eq!(
                refusal(app.orders().cancel_order(stranger.asks(cancel)).await),
                missing
            );
            let found = app.orders().batch_get_orders(stranger.asks(batch)).await.unwrap();
            assert!(found.into_inner().orders.is_empty());
        }
        assert!(
            list(&app, stranger, ListOrdersRequest::default())
                .await
                .orders
                .is_empty()
        );
    }
    assert_eq!(
        ids(&list(&app, &tim, ListOrdersRequest::default()).await.orders),
        [order.id]
    );
}

#[tokio::test]
async fn lists_go_page_by_page_in_both_directions_and_by_state() {
    let (app, ada, tim, [emma, iliad]) = shop().await;
    let eve = app.reader("eve").await;
    let mut placed = Vec::new();
    for by in [&ada, &eve, &ada, &ada] {
        placed.push(app.order(by, &[(emma.id, 1), (iliad.id, 1)]).await.id);
    }
    pay(&app, &ada, placed[2]).await;

    let two = ListOrdersRequest {
        page_size: 2,
        ..Default::default()
    };
    let first = list(&app, &ada, two.clone()).await;
    assert_eq!(ids(&first.orders), [placed[3], placed[2]]);
    assert!(first.orders.iter().all(|order| order.items.len() == 2));
    let next = ListOrdersRequest {
        page_token: first.next_page_token.clone(),
        ..two.clone()
    };
    let last = list(&app, &ada, next.clone()).await;
    assert_eq!(
        (ids(&last.orders), last.next_page_token.as_str()),
        (vec![placed[0]], "")
    );
    // Somebody else's page is another question.
    let (code, _, about) = refusal(app.orders().list_orders(eve.asks(next)).await);
    assert_eq!((code, about[0].0.as_str()), (Code::InvalidArgument, "page_token"));

    let waiting = ListOrdersRequest {
        state: OrderState::Placed.into(),
        oldest_first: true,
        ..two
    };
    let first = list(&app, &tim, waiting.clone()).await;
    assert_eq!(ids(&first.orders), [placed[0], placed[1]]);
    let next = ListOrdersRequest {
        page_token: first.next_page_token,
        ..waiting
    };
    assert_eq!(ids(&list(&app, &tim, next).await.orders), [placed[3]]);
    let paid = ListOrdersRequest {
        state: OrderState::Paid.into(),
        ..Default::default()
    };
    assert_eq!(ids(&list(&app, &ada, paid).await.orders), [placed[2]]);

    let unknown = ListOrdersRequest {
        state: 99,
        ..Default::default()
    };
    assert_eq!(
        refusal(app.orders().list_orders(ada.asks(unknown)).await).2[0].0,
        "state"
    );
    let batch = BatchGetOrdersRequest {
        ids: vec![placed[3], 404, placed[1], placed[0]],
        read_mask: None,
    };
    let found = app
        .orders()
        .batch_get_orders(ada.asks(batch))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(ids(&found.orders), [placed[3], placed[0]]);
}

#[tokio::test]
async fn a_mask_leaves_out_what_nobody_wants() {
    let (app, ada, _, [emma, iliad]) = shop().await;
    app.order(&ada, &[(emma.id, 1), (iliad.id, 1)]).await;
    let request = ListOrdersRequest {
        read_mask: mask(&["state", "total_cents"]),
        ..Default::default()
    };
    let found = list(&app, &ada, request).await.orders.remove(0);
    let expected = Order {
        id: found.id,
        state: OrderState::Placed.into(),
        total_cents: 2_240,
        ..Default::default()
    };
    assert_eq!(found, expected);
    let unknown = GetOrderRequest {
        id: found.id,
        read_mask: mask(&["secret"]),
    };
    assert_eq!(
        refusal(app.orders().get_order(ada.asks(unknown)).await).2[0].0,
        "read_mask"
    );
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
async fn sales_count_what_was_paid_and_kept_by_day_and_currency() {
    let (app, ada, tim, [emma, iliad]) = shop().await;
    let dollars = priced(&app, &tim, "Walden", 700, "USD").await;
    for (items, kept) in [
        ([(emma.id, 2)], true),
        ([(iliad.id, 1)], true),
        ([(emma.id, 5)], false),
        ([(dollars.id, 1)], true),
    ] {
        let order = app.order(&ada, &items).await;
        pay(&app, &ada, order.id).await;
        if !kept {
            cancel(&app, &tim, order.id).await;
        }
    }
    app.order(&ada, &[(emma.id, 1)]).await; // never paid
    let long_ago = app.order(&ada, &[(emma.id, 1)]).await;
    pay(&app, &ada, long_ago.id).await;
    app.database
        .execute("UPDATE orders SET paid_at = '2025-09-12 23:30:00+00:00' WHERE id = 6")
        .await;

    let sales = async |days| {
        let request = SalesByDayRequest { days };
        app.orders()
            .sales_by_day(tim.asks(request))
            .await
            .unwrap()
            .into_inner()
            .days
    };
    let today = core_service::models::now().date().to_string();
    let day = |currency: &str, orders, copies, total_cents| DaySales {
        day: today.clone(),
        currency: currency.to_owned(),
        orders,
        copies,
        total_cents,
    };
    assert_eq!(sales(1).await, [day("EUR", 2, 3, 3_490), day("USD", 1, 1, 700)]);
    let age = (core_service::models::now() - time::macros::datetime!(2025-09-12 00:00 UTC)).whole_days();
    if age < 366 {
        assert_eq!(sales(366).await.last().unwrap().day, "2025-09-12");
    }
    assert_eq!(
        refusal(
            app.orders()
                .sales_by_day(tim.asks(SalesByDayRequest { days: -1 }))
                .await
        )
        .2[0]
            .0,
        "days"
    );
}

#[tokio::test]
async fn a_viewer_has_bought_what_they_paid_for_and_kept() {
    let (app, ada, tim, [emma, iliad]) = shop().await;
    let eve = app.reader("eve").await;
    let (kept, given_up) = (
        app.order(&ada, &[(emma.id, 1)]).await,
        app.order(&ada, &[(iliad.id, 1)]).await,
    );
    let bought = async |by: &Actor| {
        let request = BatchGetBookViewerStatesRequest {
            book_ids: vec![emma.id, iliad.id],
        };
        let found = app
            .books()
            .batch_get_book_viewer_states(by.asks(request))
            .await
            .unwrap();
        found
            .into_inner()
            .states
            .iter()
            .map(|state| state.bought)
            .collect::<Vec<_>>()
    };
    assert_eq!(bought(&ada).await, [false, false]);
    pay(&app, &ada, kept.id).await;
    pay(&app, &ada, given_up.id).await;
    cancel(&app, &tim, given_up.id).await;
    assert_eq!(
        (bought(&ada).await, bought(&eve).await),
        (vec![true, false], vec![false, false])
    );
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
