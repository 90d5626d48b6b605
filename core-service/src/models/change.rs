//! Changes: what is told to those who keep something by what was written.

use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

/// What a change is one of. The numbers are those of the contract, and stand in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
#[repr(u8)]
pub enum Kind {
    /// A book.
    Book = 1,
    /// A post.
    Post = 2,
    /// A comment; its parent is the post.
    Comment = 3,
    /// A user's profile.
    User = 4,
    /// An order.
    Order = 5,
    /// A like, by the number of the post.
    Like = 6,
    /// A follow, by the number of whom one follows.
    Follow = 7,
    /// A user's account.
    Account = 8,
    /// A session.
    Session = 9,
}

impl Kind {
    /// What an answer depends on that shows this one thing.
    pub fn one(self, id: i64) -> u64 {
        (id.unsigned_abs() << 4) | self as u64
    }

    /// What an answer depends on that shows which of these things there are, such as a list.
    pub fn all(self) -> u64 {
        self as u64
    }
}

/// What happened to it. The numbers are those of the contract, and stand in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
#[repr(u8)]
pub enum Operation {
    /// It is new.
    Created = 1,
    /// It is another.
    Updated = 2,
    /// It is gone.
    Deleted = 3,
    /// No more than its numbers are others: likes, comments, stock.
    Counted = 4,
}

/// Keys of all whose answers a change may have changed: the thing itself; which things of its kind there are and in what
/// order, unless it has only been counted; what it belongs to. Posts are counted by likes and books by orders, so these are
/// others as well.
pub fn touches(kind: Kind, id: i64, operation: Operation, parent_id: Option<i64>) -> Vec<u64> {
    let mut keys = vec![kind.one(id)];
    match (kind, operation) {
        (Kind::Post, Operation::Counted) => keys.push(Kind::Like.all()),
        (Kind::Book, Operation::Counted) => keys.push(Kind::Order.all()),
        (_, Operation::Counted) => {}
        _ => keys.push(kind.all()),
    }
    if let (Kind::Comment, Some(post_id)) = (kind, parent_id) {
        keys.push(Kind::Post.one(post_id));
    }
    keys
}

/// Who is told of a change. The numbers stand in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Audience {
    /// Everybody.
    Public = 1,
    /// Whose it is.
    Owner = 2,
    /// Whose it is, and the staff.
    OwnerAndStaff = 3,
    /// The staff.
    Staff = 4,
}

/// A change that is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// What it is one of.
    pub kind: Kind,
    /// What happened.
    pub operation: Operation,
    /// The thing's number.
    pub id: i64,
    /// The thing's name in addresses.
    pub name: Option<String>,
    /// The number of what the thing belongs to.
    pub parent_id: Option<i64>,
    /// Who is told.
    pub audience: Audience,
    /// Whose it is, where that matters for who is told.
    pub owner_id: Option<i64>,
}

impl NewChange {
    /// One that everybody is told.
    pub fn public(kind: Kind, id: i64, operation: Operation) -> Self {
        Self {
            kind,
            operation,
            id,
            name: None,
            parent_id: None,
            audience: Audience::Public,
            owner_id: None,
        }
    }

    /// One that nobody is told but whose it is.
    pub fn own(kind: Kind, id: i64, operation: Operation, owner_id: i64) -> Self {
        Self {
            audience: Audience::Owner,
            owner_id: Some(owner_id),
            ..Self::public(kind, id, operation)
        }
    }

    /// One that the staff are told as well.
    pub fn and_staff(self) -> Self {
        Self {
            audience: Audience::OwnerAndStaff,
            ..self
        }
    }

    /// One of a thing that has a name in addresses.
    pub fn named(self, name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..self
        }
    }

    /// One of a thing that belongs to another.
    pub fn part_of(self, parent_id: i64) -> Self {
        Self {
            parent_id: Some(parent_id),
            ..self
        }
    }
}

/// A place in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Position {
    /// Which history it is a place in; 0 for none.
    pub epoch: i64,
    /// The number of the change that stands there; 0 for the place before all.
    pub seq: i64,
    /// What was drawn for that change.
    pub tag: i64,
}

/// A change, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct ChangeRow {
    /// Its place.
    #[sea_orm(nested)]
    pub position: Position,
    /// What it is one of.
    pub kind: Kind,
    /// What happened.
    pub operation: Operation,
    /// The thing's number.
    pub entity_id: i64,
    /// The thing's name in addresses.
    pub name: Option<String>,
    /// The number of what the thing belongs to.
    pub parent_id: Option<i64>,
    /// Who is told.
    pub audience: Audience,
    /// Whose it is.
    pub owner_id: Option<i64>,
    /// When it was taken into the log.
    pub at: OffsetDateTime,
}

/// Somebody who reads the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The user; nobody where it is for everybody.
    pub user_id: Option<i64>,
    /// Whether the user reads for the staff.
    pub is_staff: bool,
}

impl ChangeRow {
    /// Whether a reader is told.
    pub fn is_for(&self, reader: Reader) -> bool {
        let is_own = reader.user_id.is_some() && self.owner_id == reader.user_id;
        match self.audience {
            Audience::Public => true,
            Audience::Owner => is_own,
            Audience::OwnerAndStaff => is_own || reader.is_staff,
            Audience::Staff => reader.is_staff,
        }
    }
}
