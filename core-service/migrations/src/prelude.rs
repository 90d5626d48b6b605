//! Everything that a migration is written with.

pub(crate) use sea_orm::sea_query::{
    ColumnDef, ConditionalStatement, Expr, ExprTrait, Index, IndexCreateStatement, IndexOrder, Table,
};

pub(crate) use crate::{columns::*, database::Database, schema::Schema};
