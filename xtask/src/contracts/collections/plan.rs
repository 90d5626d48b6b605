//! In which order a gateway's operations are tried, by whom, and with which values.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The plan of one gateway.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What is known before anything is asked; `{{name}}` stands for it.
    pub variables: BTreeMap<String, String>,
    /// What belongs together, one after the other.
    pub chapters: Vec<Chapter>,
}

/// A folder of the collection.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Its name.
    pub name: String,
    /// What is asked, one after the other.
    pub steps: Vec<Step>,
}

/// One request. What is not said here follows from the document: values from its examples, or from the variable of a
/// parameter's name.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    /// The operation, by the name that the document gives it.
    pub ask: String,
    /// What is different this time.
    pub note: Option<String>,
    /// The variable with the token, or `guest`; `token` by default.
    #[serde(rename = "as")]
    pub who: Option<String>,
    /// Values for parameters.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// The media type of the body; the first that is documented by default.
    pub media_type: Option<String>,
    /// The body.
    pub body: Option<Value>,
    /// The status of the answer; the first good one that is documented by default.
    pub status: Option<u16>,
    /// What of the answer is needed later: variable and path, such as `items.0.id`.
    #[serde(default)]
    pub keep: Map<String, Value>,
    /// Why it cannot be run, only tried by hand.
    pub by_hand: Option<String>,
}
