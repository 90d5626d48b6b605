//! Finding orders again: whose they are, how far they have got, what was sold.

use core_service::models::session::Client;
use proto::books::v1::BatchGetBookViewerStatesRequest;
use proto::orders::v1::{
    BatchGetOrdersRequest, CancelOrderRequest, DaySales, GetOrderRequest, ListOrdersRequest, Order,
    OrderState, PayOrderRequest, SalesByDayRequest,
};
use tonic::Code;

use crate::access::through;
use crate::app::{Actor, mask, refusal};
use crate::orders::{cancel, list, pay, priced, shop};

fn ids(orders: &[Order]) -> Vec<i64> {
    orders.iter().map(|order| order.id).collect()
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
