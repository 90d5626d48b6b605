//! Orders: from the shelf to the buyer, or back.

mod lines;
mod steps;

use sea_orm::Set;
use time::Duration;

use super::caller::{Caller, Role};
use super::in_order_of;
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result, Violation};
use crate::models::change::{Kind, NewChange, Operation};
use crate::models::fields::Fields;
use crate::models::order::{ActiveModel, DaySalesRow, OrderField, OrderRow, OrderState};
use crate::models::session::Client;
use crate::models::{now, order_item};
pub use crate::repositories::orders::{OrderPage, Whose};
use crate::repositories::{books, changes, orders};
use crate::validators::orders::WantedItems;
pub use lines::{Line, Problem, Quote};
pub use steps::Step;

/// The orders.
#[derive(Clone, Debug)]
pub struct Orders {
    db: Database,
}

/// Whose orders somebody has to do with: at the desk, which is for the staff, everybody's; elsewhere one's own.
pub fn whose(caller: Caller, gateway: Client) -> Whose {
    if gateway == Client::Desktop && caller.role >= Role::Staff {
        Whose::Everybody
    } else {
        Whose::Buyer(caller.user_id)
    }
}

impl Orders {
    pub(super) fn new(db: Database) -> Self {
        Self { db }
    }

    /// What an order of these items would be now.
    pub async fn quote(&self, items: WantedItems) -> Result<Quote> {
        let found = books::list_by_ids(self.db.read(), lines::book_ids(&items), lines::fields()).await?;
        let quote = Quote::of(&items, found, |item, stock| stock >= item.quantity);
        Ok(quote)
    }

    /// One order.
    pub async fn get(&self, whose: Whose, id: i64, wanted: Fields<OrderField>) -> Result<OrderRow> {
        let found = self.batch_get(whose, vec![id], wanted).await?.pop();
        found.ok_or(Error::NotFound(Resource::Order))
    }

    /// The orders that there are, in the order of their numbers in the request.
    pub async fn batch_get(
        &self,
        whose: Whose,
        ids: Vec<i64>,
        wanted: Fields<OrderField>,
    ) -> Result<Vec<OrderRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = orders::list_by_ids(self.db.read(), whose, ids.clone(), wanted).await?;
        Ok(in_order_of(&ids, found, |order, id| order.id == *id))
    }

    /// A page of orders, with one more where more follow.
    pub async fn list(
        &self,
        whose: Whose,
        page: OrderPage,
        wanted: Fields<OrderField>,
    ) -> Result<Vec<OrderRow>> {
        orders::list(self.db.read(), whose, page, wanted).await
    }

    /// What was sold on each of the last days, today among them.
    pub async fn sales_by_day(&self, days: u32) -> Result<Vec<DaySalesRow>> {
        let today = now().replace_time(time::Time::MIDNIGHT);
        let since = today - Duration::days(i64::from(days) - 1);
        orders::list_sales_by_day(self.db.read(), since).await
    }
}

/// Places an order: takes its copies from the stock, and keeps titles and prices as they are.
pub async fn place(tx: &Transaction, caller: Caller, items: WantedItems) -> Result<OrderRow> {
    // Everybody takes books in the order of their numbers, so that no two orders wait for each other.
    let mut by_book = items.0.clone();
    by_book.sort_by_key(|item| item.book_id);
    let mut taken = Vec::with_capacity(by_book.len());
    for item in by_book {
        if books::take_copies(&**tx, item.book_id, item.quantity).await? {
            taken.push(item);
        }
    }
    // What was taken is ours until the end of the transaction, so its price cannot change any more.
    let found = books::list_by_ids(&**tx, lines::book_ids(&items), lines::fields()).await?;
    let quote = Quote::of(&items, found, |item, _| taken.contains(&item)).orderable()?;

    let order = ActiveModel {
        buyer_id: Set(caller.user_id),
        state: Set(OrderState::Placed),
        total_cents: Set(quote.total_cents),
        copies: Set(quote.lines.iter().map(|line| line.item.quantity).sum()),
        currency: Set(quote.currency),
        placed_at: Set(now()),
        ..Default::default()
    };
    let id = orders::insert(&**tx, order).await?;
    let items = (0..)
        .zip(quote.lines)
        .map(|(position, line)| order_item::ActiveModel {
            order_id: Set(id),
            book_id: Set(line.item.book_id),
            position: Set(position),
            title: Set(line.title),
            price_cents: Set(line.price_cents),
            quantity: Set(line.item.quantity),
        });
    orders::insert_items(&**tx, items.collect()).await?;
    let order = as_it_is(tx, Whose::Buyer(caller.user_id), id).await?;
    tell(
        tx,
        &order,
        Operation::Created,
        taken.iter().map(|item| item.book_id),
    )
    .await?;
    Ok(order)
}

/// Takes note that an order has been paid.
pub async fn pay(tx: &Transaction, whose: Whose, id: i64, reference: String) -> Result<OrderRow> {
    let changes = ActiveModel {
        paid_at: Set(Some(now())),
        payment_reference: Set(Some(reference)),
        ..Default::default()
    };
    step(tx, whose, id, Step::Pay, changes).await
}

/// Takes note that an order is on its way.
pub async fn ship(tx: &Transaction, whose: Whose, id: i64) -> Result<OrderRow> {
    let changes = ActiveModel {
        shipped_at: Set(Some(now())),
        ..Default::default()
    };
    step(tx, whose, id, Step::Ship, changes).await
}

/// Takes note that an order has arrived.
pub async fn deliver(tx: &Transaction, whose: Whose, id: i64) -> Result<OrderRow> {
    let changes = ActiveModel {
        delivered_at: Set(Some(now())),
        ..Default::default()
    };
    step(tx, whose, id, Step::Deliver, changes).await
}

/// Gives an order up, and puts its copies back into the stock.
pub async fn cancel(tx: &Transaction, whose: Whose, id: i64) -> Result<OrderRow> {
    let changes = ActiveModel {
        cancelled_at: Set(Some(now())),
        ..Default::default()
    };
    let order = go(tx, whose, id, Step::Cancel, changes).await?;
    // In the order of the books' numbers, as they were taken.
    let quantities = orders::list_quantities(&**tx, id).await?;
    for &(book_id, copies) in &quantities {
        books::put_copies_back(&**tx, book_id, copies).await?;
    }
    let books = quantities.into_iter().map(|(book_id, _)| book_id);
    tell(tx, &order, Operation::Updated, books).await?;
    Ok(order)
}

/// Tells the buyer and the staff of an order, and everybody of the books of which there are more or fewer copies now.
async fn tell(
    tx: &Transaction,
    order: &OrderRow,
    operation: Operation,
    counted: impl IntoIterator<Item = i64>,
) -> Result<()> {
    let buyer_id = order.buyer.author_id;
    let buyer_id = buyer_id.ok_or_else(|| Error::internal("an order was read without its buyer"))?;
    let order = NewChange::own(Kind::Order, order.id, operation, buyer_id).and_staff();
    let books = counted.into_iter();
    let books = books.map(|id| NewChange::public(Kind::Book, id, Operation::Counted));
    changes::insert(&**tx, std::iter::once(order).chain(books).collect()).await
}

/// Takes a step that concerns no book, and tells of it. The order as it is then.
async fn step(tx: &Transaction, whose: Whose, id: i64, step: Step, changes: ActiveModel) -> Result<OrderRow> {
    let order = go(tx, whose, id, step, changes).await?;
    tell(tx, &order, Operation::Updated, []).await?;
    Ok(order)
}

/// Takes a step with one of somebody's orders, if it is in a state for it. The order as it is then.
async fn go(
    tx: &Transaction,
    whose: Whose,
    id: i64,
    step: Step,
    mut changes: ActiveModel,
) -> Result<OrderRow> {
    let from = step.from(whose);
    changes.state = Set(step.to());
    if !orders::update(&**tx, whose, id, from, changes).await? {
        let state = orders::find_state(&**tx, whose, id).await?;
        let state = state.ok_or(Error::NotFound(Resource::Order))?;
        return Err(Error::WrongState(wrong_state(state, from)));
    }
    as_it_is(tx, whose, id).await
}

fn wrong_state(state: OrderState, from: &[OrderState]) -> Violation {
    let from: Vec<_> = from.iter().map(|state| state.name()).collect();
    Violation {
        field: "state".to_owned(),
        problem: match from.as_slice() {
            [] => format!("is {}, and only the staff can change that", state.name()),
            from => format!(
                "is {}, and has to be {} for that",
                state.name(),
                from.join(" or ")
            ),
        },
    }
}

/// An order as it is within the transaction.
async fn as_it_is(tx: &Transaction, whose: Whose, id: i64) -> Result<OrderRow> {
    let found = orders::list_by_ids(&**tx, whose, vec![id], Fields::all()).await?;
    found.into_iter().next().ok_or(Error::NotFound(Resource::Order))
}
