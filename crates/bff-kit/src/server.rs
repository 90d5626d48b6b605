//! The edge server: our own accept loop, because `axum::serve` installs no timer, knows no number of
//! connections that is too many, and waits for silent clients for ever.

pub mod limits;
mod seats;
mod stall;

use std::{
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::TryFutureExt as _;
use http::{HeaderValue, Request, Version, header};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{rt::TokioIo, server::conn::auto::Builder};
use service_kit::shutdown;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{edge::Edge, settings::ServerSettings};
use seats::Seats;
pub(crate) use seats::{Seat, network_of};
use stall::Stalling;

/// That no further request is answered on this connection.
const CLOSE: HeaderValue = HeaderValue::from_static("close");
/// How long to wait after the system had no more sockets for us.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(100);

/// The other end of the connection that a request came on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl Peer {
    /// Where there is no connection.
    pub(crate) const UNKNOWN: Self = Self(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
}

/// Serves `edge` on `listener` until `stop` is cancelled, then lets open requests end for as long as
/// the settings say.
pub(crate) async fn serve(
    listener: TcpListener,
    edge: Edge,
    settings: &ServerSettings,
    stop: CancellationToken,
) {
    let builder = Arc::new(limits::connections());
    let seats = Seats::new(settings.max_connections, settings.max_connections_per_ip);
    let mut connections = JoinSet::new();

    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            // Ended ones are taken off the set as they come, or it would grow for ever.
            Some(_) = connections.join_next() => continue,
            () = stop.cancelled() => break,
        };
        let Some(seat) = seats.take(peer.ip()) else {
            tracing::warn!(%peer, "refused a connection: there are too many");
            continue;
        };
        // Answers are small and leave at once.
        let _ = stream.set_nodelay(true);
        let stream = Stalling::new(stream, settings.stall.get());
        let age = give_or_take_a_tenth(settings.connection_age.get());
        let (edge, builder, stop) = (edge.clone(), builder.clone(), stop.clone());
        connections.spawn(async move {
            connection(stream, Peer(peer.ip()), Arc::new(seat), edge, &builder, age, stop).await;
        });
    }

    drop(listener);
    let open = async { while connections.join_next().await.is_some() {} };
    shutdown::within(&stop, settings.drain.get(), open).await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(PAUSE_AFTER_ERROR).await;
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// What a connection and the requests on it know of each other.
#[derive(Default)]
struct Course {
    /// Whether there was a request.
    asked: AtomicBool,
    /// Whether the last one came by HTTP/2.
    http2: AtomicBool,
    /// Whether the client is to open a new one.
    old: AtomicBool,
}

/// Serves one connection to its end.
async fn connection(
    stream: Stalling<TcpStream>,
    peer: Peer,
    seat: Arc<Seat>,
    edge: Edge,
    builder: &Builder<hyper_util::rt::TokioExecutor>,
    age: Duration,
    stop: CancellationToken,
) {
    let course = Arc::new(Course::default());
    let service = {
        let course = course.clone();
        service_fn(move |request: Request<Incoming>| {
            let http2 = request.version() > Version::HTTP_11;
            course.asked.store(true, Ordering::Relaxed);
            course.http2.store(http2, Ordering::Relaxed);
            let course = course.clone();
            edge.answer(request, peer, &seat).map_ok(move |mut answer| {
                if !http2 && course.old.load(Ordering::Relaxed) {
                    answer.headers_mut().insert(header::CONNECTION, CLOSE);
                }
                answer
            })
        })
    };
    let mut served = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let mut silent = pin!(tokio::time::sleep(limits::HEADER_READ_TIMEOUT));
    let mut old = pin!(tokio::time::sleep(age));
    let (mut heard, mut ending) = (false, false);

    loop {
        tokio::select! {
            ended = served.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
            // Hyper's own timer starts only once it knows which version the client speaks.
            () = silent.as_mut(), if !heard => match course.asked.load(Ordering::Relaxed) {
                true => heard = true,
                false => return,
            },
            // HTTP/2 tells the client. HTTP/1 can only close, and a request may be on its way just then: so the next
            // answer says that it is the last.
            () = old.as_mut(), if !course.old.load(Ordering::Relaxed) => {
                course.old.store(true, Ordering::Relaxed);
                if course.http2.load(Ordering::Relaxed) {
                    served.as_mut().graceful_shutdown();
                }
            }
            () = stop.cancelled(), if !ending => ending = true,
        }
        if ending {
            served.as_mut().graceful_shutdown();
        }
    }
}

/// So that connections of one moment do not end in one moment.
fn give_or_take_a_tenth(time: Duration) -> Duration {
    let share = uuid::Uuid::now_v7().as_u64_pair().1 % 200;
    time * (900 + share as u32) / 1000
}
