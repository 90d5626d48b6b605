//! The workspace.

use proto::{
    books::v1::{BookOrder, ListBooksResponse},
    orders::v1::{DaySales, ListOrdersResponse, OrderState, SalesByDayResponse},
    posts::v1::ListPostsResponse,
};
use test_kit::fake_core::{ListBooks, ListOrders, ListPosts, SalesByDay};
use tonic::Status;

use crate::harness::{App, book, order, post, start};

fn tell_everything(app: &App) {
    let orders = ListOrdersResponse {
        orders: vec![order(5)],
        next_page_token: "more".to_owned(),
    };
    app.core.gives(ListOrders, orders);
    let today = DaySales {
        day: "2025-09-12".to_owned(),
        currency: "EUR".to_owned(),
        orders: 2,
        copies: 3,
        total_cents: 3897,
    };
    app.core
        .gives(SalesByDay, SalesByDayResponse { days: vec![today] });
    app.core.on(ListBooks, |request| {
        let books = vec![book(if request.order() == BookOrder::Stock { 7 } else { 8 })];
        Ok(ListBooksResponse {
            books,
            next_page_token: "more".to_owned(),
        })
    });
    app.core.gives(
        ListPosts,
        ListPostsResponse {
            posts: vec![post(1)],
            ..Default::default()
        },
    );
}

#[tokio::test]
async fn shows_what_waits_what_runs_low_what_is_new_and_what_is_popular() {
    let app = start().await;
    tell_everything(&app);

    insta::assert_json_snapshot!(app.ada.get("/v1/workspace").await.ok(), @r#"
    {
      "account": {
        "email": "ada@example.org",
        "id": 1,
        "name": "Ada Lovelace",
        "role": "staff",
        "username": "ada"
      },
      "lowStock": [
        {
          "authors": [
            "First Author",
            "Second Author"
          ],
          "currency": "EUR",
          "id": 7,
          "isbn13": "9780306406157",
          "priceCents": 1299,
          "ratingHundredths": 412,
          "ratingsCount": 9,
          "stock": 4,
          "title": "Book 7",
          "updatedAt": "2023-11-14T22:13:21.000Z"
        }
      ],
      "meta": {
        "sections": {
          "popular": {
            "state": "fresh"
          },
          "posts": {
            "state": "fresh"
          },
          "sales": {
            "state": "fresh"
          },
          "toFulfil": {
            "state": "fresh"
          }
        }
      },
      "popular": [
        {
          "authors": [
            "First Author",
            "Second Author"
          ],
          "currency": "EUR",
          "id": 8,
          "isbn13": "9780306406157",
          "priceCents": 1299,
          "ratingHundredths": 412,
          "ratingsCount": 9,
          "stock": 4,
          "title": "Book 8",
          "updatedAt": "2023-11-14T22:13:21.000Z"
        }
      ],
      "posts": [
        {
          "author": {
            "id": 1,
            "name": "Ada Lovelace",
            "username": "ada"
          },
          "commentCount": 2,
          "createdAt": "2023-11-14T22:13:20.000Z",
          "description": "What it is about.",
          "id": 1,
          "likeCount": 3,
          "slug": "post-1",
          "tags": [
            "rust"
          ],
          "title": "Post 1"
        }
      ],
      "sales": [
        {
          "copies": 3,
          "currency": "EUR",
          "day": "2025-09-12",
          "orders": 2,
          "totalCents": 3897
        }
      ],
      "toFulfil": [
        {
          "buyer": {
            "id": 1,
            "name": "Ada Lovelace",
            "username": "ada"
          },
          "copies": 3,
          "currency": "EUR",
          "id": 5,
          "paidAt": "2023-11-14T22:15:00.000Z",
          "placedAt": "2023-11-14T22:13:20.000Z",
          "state": "shipped",
          "totalCents": 3897
        }
      ]
    }
    "#);

    let orders = app.core.call(ListOrders);
    assert_eq!(orders.header("authorization"), "Bearer ada-s-token");
    assert_eq!(
        (orders.message.state(), orders.message.oldest_first),
        (OrderState::Paid, true)
    );

    for call in app.core.calls(ListBooks) {
        assert_eq!(call.header("authorization"), "Bearer ada-s-token");
        assert_eq!(call.message.read_mask.map(|mask| mask.paths.len()), Some(10));
    }
    let posts = app.core.call(ListPosts);
    assert_eq!(posts.header("authorization"), "Bearer ada-s-token");
    assert_eq!(posts.message.read_mask.map(|mask| mask.paths.len()), Some(9));
}

#[tokio::test]
async fn leaves_out_what_it_can_do_without_while_that_is_down() {
    let app = start().await;
    app.core.on(ListBooks, |request| match request.order() {
        BookOrder::Stock => Ok(ListBooksResponse {
            books: vec![book(7)],
            ..Default::default()
        }),
        _ => Err(Status::resource_exhausted("busy")),
    });

    let workspace = app.ada.get("/v1/workspace").await.ok();

    assert_eq!(workspace["lowStock"][0]["id"], 7);
    insta::assert_json_snapshot!(workspace["meta"], @r#"
    {
      "sections": {
        "popular": {
          "state": "missing"
        },
        "posts": {
          "state": "missing"
        },
        "sales": {
          "state": "missing"
        },
        "toFulfil": {
          "state": "missing"
        }
      }
    }
    "#);
}

#[tokio::test]
async fn without_what_runs_low_there_is_no_workspace() {
    let app = start().await;
    tell_everything(&app);
    app.core
        .refuses(ListBooks, Status::internal("a secret of the core"));
    let answer = app.ada.get("/v1/workspace").await;
    assert_eq!(answer.problem(), (500, "INTERNAL"));
    assert!(!answer.body.to_string().contains("secret"), "{}", answer.body);
}
