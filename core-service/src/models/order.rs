//! Orders.

use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

use super::fields::fields;
use super::order_item::OrderItemRow;
use super::post::AuthorRow;

/// An order, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who ordered.
    pub buyer_id: i64,
    /// How far it has got.
    pub state: OrderState,
    /// ISO 4217 code of all its prices.
    pub currency: String,
    /// What all of it costs, in the currency's smallest unit.
    pub total_cents: i64,
    /// How many copies it is of, all books together.
    pub copies: i32,
    /// What the payment can be found by.
    pub payment_reference: Option<String>,
    /// When it was placed.
    pub placed_at: OffsetDateTime,
    /// When it was paid.
    pub paid_at: Option<OffsetDateTime>,
    /// When it was sent.
    pub shipped_at: Option<OffsetDateTime>,
    /// When it arrived.
    pub delivered_at: Option<OffsetDateTime>,
    /// When it was given up.
    pub cancelled_at: Option<OffsetDateTime>,
}

/// How far an order has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum OrderState {
    /// Its copies are set aside; it waits to be paid.
    #[sea_orm(string_value = "placed")]
    Placed,
    /// It waits to be sent.
    #[sea_orm(string_value = "paid")]
    Paid,
    /// It is on its way.
    #[sea_orm(string_value = "shipped")]
    Shipped,
    /// It has arrived.
    #[sea_orm(string_value = "delivered")]
    Delivered,
    /// It was given up, and its copies are back in the stock.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
}

impl OrderState {
    /// As a word of a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Tables that an order's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fields! {
    /// The fields of an order.
    OrderField {
        Id = "id", State = "state", Currency = "currency", TotalCents = "total_cents", Copies = "copies",
        Items = "items", Buyer = "buyer", PaymentReference = "payment_reference", PlacedAt = "placed_at",
        PaidAt = "paid_at", ShippedAt = "shipped_at", DeliveredAt = "delivered_at",
        CancelledAt = "cancelled_at",
    }
}

/// An order with all that belongs to it, as far as it was asked for.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OrderRow {
    /// Number.
    pub id: i64,
    /// How far it has got.
    pub state: Option<OrderState>,
    /// ISO 4217 code of all its prices.
    pub currency: Option<String>,
    /// What all of it costs.
    pub total_cents: Option<i64>,
    /// How many copies it is of.
    pub copies: Option<i32>,
    /// What the payment can be found by.
    pub payment_reference: Option<String>,
    /// When it was placed.
    pub placed_at: Option<OffsetDateTime>,
    /// When it was paid.
    pub paid_at: Option<OffsetDateTime>,
    /// When it was sent.
    pub shipped_at: Option<OffsetDateTime>,
    /// When it arrived.
    pub delivered_at: Option<OffsetDateTime>,
    /// When it was given up.
    pub cancelled_at: Option<OffsetDateTime>,
    /// Who ordered.
    #[sea_orm(nested)]
    pub buyer: AuthorRow,
    /// What was ordered, in the buyer's order. The statement brings one row for each.
    #[sea_orm(skip)]
    pub items: Vec<OrderItemRow>,
}

/// What was sold on one day in one currency.
#[derive(Debug, Clone, FromQueryResult)]
pub struct DaySalesRow {
    /// The day in UTC: `2025-09-12`.
    pub day: String,
    /// ISO 4217 code.
    pub currency: String,
    /// How many orders.
    pub orders: i64,
    /// How many copies they were of.
    pub copies: i64,
    /// What they cost together.
    pub total_cents: i64,
}
