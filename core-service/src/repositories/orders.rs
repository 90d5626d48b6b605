//! Orders with their items, read in one statement.
//!
//! Lists are page-first, like those of posts: the page's ids are found by an index alone, and only then joined.

use sea_orm::sea_query::{CommonTableExpression, Expr, ExprTrait, Order, Query, SelectStatement, WithClause};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Value,
};
use time::OffsetDateTime;

use super::hot::{HotRead, padded, param, params, rows_for, select_wanted};
use crate::error::Result;
use crate::models::fields::Fields;
use crate::models::order::{self, Column, DaySalesRow, Entity, OrderField, OrderRow, OrderState};
use crate::models::order_item::{self, OrderItemRow};

const COLUMNS: [(OrderField, Column); 10] = [
    (OrderField::State, Column::State),
    (OrderField::Currency, Column::Currency),
    (OrderField::TotalCents, Column::TotalCents),
    (OrderField::Copies, Column::Copies),
    (OrderField::PaymentReference, Column::PaymentReference),
    (OrderField::PlacedAt, Column::PlacedAt),
    (OrderField::PaidAt, Column::PaidAt),
    (OrderField::ShippedAt, Column::ShippedAt),
    (OrderField::DeliveredAt, Column::DeliveredAt),
    (OrderField::CancelledAt, Column::CancelledAt),
];

/// Whose orders a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those of the user of this number.
    Buyer(i64),
    /// Everybody's.
    Everybody,
}

impl Whose {
    fn buyer(self) -> Option<i64> {
        match self {
            Self::Buyer(id) => Some(id),
            Self::Everybody => None,
        }
    }
}

/// Which part of somebody's orders.
#[derive(Debug, Clone, Copy)]
pub struct OrderPage {
    /// Only those in this state.
    pub state: Option<OrderState>,
    /// From the oldest on, not from the newest.
    pub oldest_first: bool,
    /// How many at most, up to 100.
    pub size: u32,
    /// Only orders that come after the one with this number.
    pub after: Option<i64>,
}

/// The shape of a list: of one buyer or not, in one state or not, from the start or not, in which direction,
/// how many rows, which fields.
static LIST: HotRead<([bool; 4], u64, u32)> = HotRead::new();

/// A page of orders: up to one more than asked for, so that the caller sees whether more follow.
pub async fn list(
    db: &impl ConnectionTrait,
    whose: Whose,
    page: OrderPage,
    wanted: Fields<OrderField>,
) -> Result<Vec<OrderRow>> {
    let buyer = whose.buyer();
    let conditions = [
        buyer.is_some(),
        page.state.is_some(),
        page.after.is_some(),
        page.oldest_first,
    ];
    let buyer = buyer.map(Value::from);
    let values = buyer.into_iter().chain(page.state.map(Value::from));
    let values = values.chain(page.after.map(Value::from)).collect();
    let shape = (conditions, rows_for(page.size), wanted.bits());
    let build = |&([buyer, state, later, oldest_first], rows, _): &([bool; 4], u64, u32), _| {
        let mut values = 1..;
        let mut next = || param(values.next().unwrap_or(0));
        let mut ids = Query::select();
        let direction = if oldest_first { Order::Asc } else { Order::Desc };
        ids.from(Entity)
            .column((Entity, Column::Id))
            .order_by((Entity, Column::Id), direction.clone())
            .limit(rows);
        if buyer {
            ids.and_where(Column::BuyerId.into_expr().eq(next()));
        }
        if state {
            ids.and_where(Column::State.into_expr().eq(next()));
        }
        if later {
            let id = Column::Id.into_expr();
            ids.and_where(if oldest_first {
                id.gt(next())
            } else {
                id.lt(next())
            });
        }
        page_first(ids, direction, wanted)
    };
    let mut orders = if wanted.has(OrderField::Items) {
        gathered(LIST.all(db, shape, values, build).await?)
    } else {
        LIST.all(db, shape, values, build).await?
    };
    orders.truncate(page.size as usize + 1);
    Ok(orders)
}

/// The shape of a read by ids: of one buyer or not, how many, which fields.
static BY_IDS: HotRead<(bool, usize, u32)> = HotRead::new();

/// Those of somebody's orders that have these numbers, newest first.
pub async fn list_by_ids(
    db: &impl ConnectionTrait,
    whose: Whose,
    ids: Vec<i64>,
    wanted: Fields<OrderField>,
) -> Result<Vec<OrderRow>> {
    let ids = padded(ids);
    let buyer = whose.buyer();
    let shape = (buyer.is_some(), ids.len(), wanted.bits());
    let values = buyer.into_iter().chain(ids).map(Value::from).collect();
    let build = |&(buyer, ids, _): &(bool, usize, u32), _: DbBackend| {
        let mut chosen = Query::select();
        chosen.from(Entity).column((Entity, Column::Id));
        if buyer {
            chosen.and_where(Column::BuyerId.into_expr().eq(param(1)));
        }
        let first = 1 + usize::from(buyer);
        chosen.and_where(Column::Id.into_expr().is_in(params(first, ids)));
        page_first(chosen, Order::Desc, wanted)
    };
    if wanted.has(OrderField::Items) {
        Ok(gathered(BY_IDS.all(db, shape, values, build).await?))
    } else {
        BY_IDS.all(db, shape, values, build).await
    }
}

/// The state of one of somebody's orders.
pub async fn find_state(db: &impl ConnectionTrait, whose: Whose, id: i64) -> Result<Option<OrderState>> {
    let order = Entity::find()
        .select_only()
        .column(Column::State)
        .filter(one_of(whose, id));
    Ok(order.into_tuple().one(db).await?)
}

/// What one order is of: books and quantities, by the books' numbers.
pub async fn list_quantities(db: &impl ConnectionTrait, order_id: i64) -> Result<Vec<(i64, i32)>> {
    let items = order_item::Entity::find()
        .select_only()
        .columns([order_item::Column::BookId, order_item::Column::Quantity])
        .filter(order_item::Column::OrderId.eq(order_id))
        .order_by_asc(order_item::Column::BookId);
    Ok(items.into_tuple().all(db).await?)
}

/// Those of these books of which a buyer has paid for a copy, in an order that was not given up.
pub async fn list_bought(db: &impl ConnectionTrait, buyer_id: i64, book_ids: &[i64]) -> Result<Vec<i64>> {
    let paid = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::BuyerId.eq(buyer_id))
        .filter(Column::PaidAt.is_not_null())
        .filter(Column::CancelledAt.is_null())
        .into_query();
    let bought = order_item::Entity::find()
        .select_only()
        .column(order_item::Column::BookId)
        .distinct()
        .filter(order_item::Column::BookId.is_in(book_ids.iter().copied()))
        .filter(order_item::Column::OrderId.in_subquery(paid));
    Ok(bought.into_tuple().all(db).await?)
}

/// Adds an order. Its number.
pub async fn insert(db: &impl ConnectionTrait, order: order::ActiveModel) -> Result<i64> {
    Ok(order.insert(db).await?.id)
}

/// Adds an order's items.
pub async fn insert_items(db: &impl ConnectionTrait, items: Vec<order_item::ActiveModel>) -> Result<()> {
    order_item::Entity::insert_many(items)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Changes one of somebody's orders, if it is in one of these states. Whether it was.
pub async fn update(
    db: &impl ConnectionTrait,
    whose: Whose,
    id: i64,
    states: &[OrderState],
    changes: order::ActiveModel,
) -> Result<bool> {
    let order = Entity::update_many()
        .set(changes)
        .filter(one_of(whose, id))
        .filter(Column::State.is_in(states.iter().copied()));
    Ok(order.exec(db).await?.rows_affected == 1)
}

static SALES_BY_DAY: HotRead<()> = HotRead::new();

/// What was paid since a moment and not given up, by day, the newest first.
pub async fn list_sales_by_day(db: &impl ConnectionTrait, since: OffsetDateTime) -> Result<Vec<DaySalesRow>> {
    SALES_BY_DAY
        .all(db, (), vec![since.into()], |(), backend| {
            let day = match backend {
                DbBackend::Postgres => "to_char(paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
                _ => "date(paid_at)",
            };
            Query::select()
                .from(Entity)
                .expr_as(Expr::cust(day), "day")
                .column(Column::Currency)
                .expr_as(Column::Id.into_expr().count(), "orders")
                .expr_as(Column::Copies.into_expr().sum().cast_as("bigint"), "copies")
                .expr_as(
                    Column::TotalCents.into_expr().sum().cast_as("bigint"),
                    "total_cents",
                )
                .and_where(Column::PaidAt.into_expr().gte(param(1)))
                .and_where(Column::CancelledAt.is_null())
                .add_group_by([Expr::cust("1"), Column::Currency.into_expr()])
                .order_by_expr(Expr::cust("1"), Order::Desc)
                .order_by(Column::Currency, Order::Asc)
                .take()
        })
        .await
}

/// The condition that names one of somebody's orders.
fn one_of(whose: Whose, id: i64) -> Condition {
    let order = Condition::all().add(Column::Id.eq(id));
    order.add_option(whose.buyer().map(|buyer_id| Column::BuyerId.eq(buyer_id)))
}

/// The orders whose ids `page` finds, with what is wanted of them; where that is their items, a row for each.
fn page_first(page: SelectStatement, direction: Order, wanted: Fields<OrderField>) -> SelectStatement {
    let mut ids = CommonTableExpression::new();
    ids.table_name("page").column("id").query(page).materialized(true);

    let mut select = Query::select();
    select
        .with_cte(WithClause::new().cte(ids).to_owned())
        .from("page")
        .inner_join(Entity, Column::Id.into_expr().equals(("page", "id")))
        .column((Entity, Column::Id))
        .order_by((Entity, Column::Id), direction);
    select_wanted(&mut select, Entity, wanted, &COLUMNS);
    if wanted.has(OrderField::Buyer) {
        super::users::join_author(&mut select, (Entity, Column::BuyerId));
    }
    if wanted.has(OrderField::Items) {
        use order_item::{Column, Entity as Items};
        let of_order = Column::OrderId.into_expr().equals((Entity, order::Column::Id));
        select
            .inner_join(Items, of_order)
            .columns(
                [
                    Column::BookId,
                    Column::Title,
                    Column::PriceCents,
                    Column::Quantity,
                ]
                .map(|one| (Items, one)),
            )
            .order_by((Items, Column::Position), Order::Asc);
    }
    select
}

/// An order beside one of its items.
#[derive(FromQueryResult)]
struct Line {
    #[sea_orm(nested)]
    order: OrderRow,
    #[sea_orm(nested)]
    item: OrderItemRow,
}

/// The orders of lines that stand in their order, each with its items.
fn gathered(lines: Vec<Line>) -> Vec<OrderRow> {
    let mut orders: Vec<OrderRow> = Vec::new();
    for Line { order, item } in lines {
        match orders.last_mut().filter(|last| last.id == order.id) {
            Some(last) => last.items.push(item),
            None => orders.push(OrderRow {
                items: vec![item],
                ..order
            }),
        }
    }
    orders
}
