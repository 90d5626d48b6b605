//! Calls that write: each is one transaction, in which a call that was sent with an idempotency key also keeps its
//! answer. Sent again, it is answered from there and changes nothing.

use prost::Message;
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};

use super::access::Allowed;
use crate::changes::Head;
use crate::database::Transaction;
use crate::error::{Error, Result};
use crate::services::Services;
use crate::services::caller::Caller;
use crate::services::idempotency::{self, Once};

/// The metadata that carries a call's idempotency key.
const KEY: &str = "idempotency-key";
/// The metadata that says how far the log of changes had come when the answer was given: history and number. Whoever
/// reads what is at least as new reads their own write.
const POSITION: &str = "change-position";
/// What it says where that took too long to find out.
const UNKNOWN: &str = "unknown";
/// The metadata that an answer has which was given before.
const REPLAYED: &str = "idempotency-replayed";

/// A call that writes, before it does.
pub(super) struct Write {
    services: Services,
    allowed: Allowed,
    once: Option<Once>,
}

impl Write {
    /// The call, and what it says.
    pub(super) fn of<M: Message>(services: &Services, request: Request<M>) -> Result<(Self, M)> {
        let allowed = Allowed::of(&request)?;
        let (metadata, _, message) = request.into_parts();
        let once = match metadata.get(KEY) {
            None => None,
            Some(key) => {
                let principal = allowed.caller.map(|caller| caller.user_id);
                let said = message.encode_to_vec();
                let key = key.as_encoded_bytes();
                Some(services.secrets.once(principal, key, allowed.method, &said)?)
            }
        };
        let services = services.clone();
        Ok((
            Self {
                services,
                allowed,
                once,
            },
            message,
        ))
    }

    /// Who is calling; refused where nobody is.
    pub(super) fn caller(&self) -> Result<Caller> {
        self.allowed.caller()
    }

    /// Does the work in the call's transaction, unless the same call has been answered before.
    pub(super) async fn run<A, W, F>(self, work: W) -> std::result::Result<Response<A>, Status>
    where
        A: Message + Default + 'static,
        W: FnOnce(Transaction) -> F + Send + 'static,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        let once = self.once;
        let written = self.services.db.write(|tx| async move {
            let Some(once) = once else {
                return Ok((work(tx).await?, false));
            };
            if let Some(answer) = idempotency::claim(&tx, &once).await? {
                return Ok((A::decode(&*answer).map_err(Error::internal)?, true));
            }
            let answer = work(tx.clone()).await?;
            idempotency::keep(&tx, &once, answer.encode_to_vec()).await?;
            Ok((answer, false))
        });
        let (answer, replayed) = written.await?;
        let mut response = Response::new(answer);
        let position = match self.services.feed.settle().await {
            Some(Head { epoch, seq }) => format!("{epoch:016x}.{seq}"),
            None => UNKNOWN.to_owned(),
        };
        if let Ok(position) = position.parse() {
            response.metadata_mut().insert(POSITION, position);
        }
        if replayed {
            let metadata = response.metadata_mut();
            metadata.insert(REPLAYED, MetadataValue::from_static("true"));
        }
        Ok(response)
    }
}
