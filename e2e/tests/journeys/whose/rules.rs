//! Who is let in to what: a row for each operation about a single thing, and what follows from its rule.

/// Who may do something with a thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Everybody, signed in or not.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// Whose it is. That it is there is no secret.
    Owner,
    /// Whose it is. Nobody else learns that it is there.
    Private,
    /// The staff, whosever it is.
    Staff,
}

use Rule::{Anyone, Owner, Private, SignedIn, Staff};

pub const WEB: &[(&str, Rule)] = &[
    ("GET /api/articles/{slug}", Anyone),
    ("PUT /api/articles/{slug}", Owner),
    ("DELETE /api/articles/{slug}", Owner),
    ("GET /api/articles/{slug}/comments", Anyone),
    ("POST /api/articles/{slug}/comments", SignedIn),
    ("DELETE /api/articles/{slug}/comments/{id}", Owner),
    ("POST /api/articles/{slug}/favorite", SignedIn),
    ("DELETE /api/articles/{slug}/favorite", SignedIn),
    ("GET /api/orders/{id}", Private),
    ("POST /api/orders/{id}/pay", Private),
    ("POST /api/orders/{id}/cancel", Private),
    ("GET /api/profiles/{username}", Anyone),
    ("POST /api/profiles/{username}/follow", SignedIn),
    ("DELETE /api/profiles/{username}/follow", SignedIn),
    ("DELETE /api/sessions/{id}", Private),
    ("GET /api/views/books/{id}", Anyone),
    ("GET /api/views/posts/{slug}", Anyone),
    ("GET /api/views/posts/{slug}/comments", Anyone),
    ("GET /api/views/profiles/{username}", Anyone),
    ("GET /api/views/profiles/{username}/liked", Anyone),
    ("GET /api/views/profiles/{username}/posts", Anyone),
];

pub const MOBILE: &[(&str, Rule)] = &[
    ("GET /v1/books/{id}", Anyone),
    ("GET /v1/orders/{id}", Private),
    ("POST /v1/orders/{id}/pay", Private),
    ("POST /v1/orders/{id}/cancel", Private),
    ("GET /v1/posts/{slug}", Anyone),
    ("GET /v1/posts/{slug}/body", Anyone),
    ("GET /v1/posts/{slug}/comments", Anyone),
    ("POST /v1/posts/{slug}/comments", SignedIn),
    ("DELETE /v1/posts/{slug}/comments/{id}", Owner),
    ("PUT /v1/posts/{slug}/like", SignedIn),
    ("DELETE /v1/posts/{slug}/like", SignedIn),
    ("PUT /v1/profiles/{username}/follow", SignedIn),
    ("DELETE /v1/profiles/{username}/follow", SignedIn),
    ("DELETE /v1/sessions/{id}", Private),
];

pub const DESKTOP: &[(&str, Rule)] = &[
    ("GET /v1/books/{id}", Staff),
    ("PATCH /v1/books/{id}", Staff),
    ("DELETE /v1/books/{id}", Staff),
    ("GET /v1/orders/{id}", Staff),
    ("POST /v1/orders/{id}/pay", Staff),
    ("POST /v1/orders/{id}/ship", Staff),
    ("POST /v1/orders/{id}/deliver", Staff),
    ("POST /v1/orders/{id}/cancel", Staff),
    ("GET /v1/posts/{slug}", Staff),
    ("POST /v1/posts/{slug}/moderation", Staff),
    ("POST /v1/posts/{slug}/comments/{id}/moderation", Staff),
    ("DELETE /v1/sessions/{id}", Private),
];

/// Who asks. At the desk the owner is of the staff, and the other one is no more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Who {
    Guest,
    SignedOut,
    Other,
    /// Of the staff, but not at the desk.
    StaffElsewhere,
    Owner,
}

/// What they ask about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    There,
    TakenAway,
    NeverThere,
}

/// What they get.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gets {
    LetIn,
    NotSignedIn,
    NotAllowed,
    NotFound,
}

/// What somebody gets who asks about a thing with this rule.
pub fn expected(rule: Rule, who: Who, what: What) -> Gets {
    let if_there = |gets| if what == What::There { gets } else { Gets::NotFound };
    match (rule, who) {
        (Anyone, _) => if_there(Gets::LetIn),
        (_, Who::Guest | Who::SignedOut) => Gets::NotSignedIn,
        (SignedIn, _) | (_, Who::Owner) => if_there(Gets::LetIn),
        (Owner, _) => if_there(Gets::NotAllowed),
        (Private, _) => Gets::NotFound,
        (Staff, _) => Gets::NotAllowed,
    }
}
