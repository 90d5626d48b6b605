//! Changes: what is told to those who keep something by what was written.

/// What a change is one of. The numbers are those of the contract, and stand in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
