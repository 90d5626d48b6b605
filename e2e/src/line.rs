//! A line between a gateway and the core that a test can cut.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// How a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    /// Connections stay, and nothing gets through.
    Silent,
    /// Connections are closed, and there are no others.
    Gone,
}

/// Carries whatever connects to it to the core, until it is cut.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    state: watch::Sender<State>,
    carrying: AbortHandle,
}

impl Line {
    /// A line to the server at this address.
    pub async fn to(core: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (state, seen) = watch::channel(State::Whole);
        let carrying = tokio::spawn(async move {
            while let Ok((gateway, _)) = listener.accept().await {
                if *seen.borrow() != State::Gone {
                    tokio::spawn(carry(gateway, core, seen.clone()));
                }
            }
        });
        Self {
            address,
            state,
            carrying: carrying.abort_handle(),
        }
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets nothing through, and keeps the connections.
    pub fn falls_silent(&self) {
        self.state.send_replace(State::Silent);
    }

    /// Closes the connections, and takes no others.
    pub fn breaks(&self) {
        self.state.send_replace(State::Gone);
    }

    /// Lets everything through again.
    pub fn is_mended(&self) {
        self.state.send_replace(State::Whole);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

async fn carry(gateway: TcpStream, core: SocketAddr, mut state: watch::Receiver<State>) {
    let Ok(core) = TcpStream::connect(core).await else {
        return;
    };
    let _ = (gateway.set_nodelay(true), core.set_nodelay(true));
    let (from_gateway, to_gateway) = gateway.into_split();
    let (from_core, to_core) = core.into_split();
    tokio::select! {
        _ = pump(from_gateway, to_core, state.clone()) => {}
        _ = pump(from_core, to_gateway, state.clone()) => {}
        _ = state.wait_for(|state| *state == State::Gone) => {}
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<State>,
) -> io::Result<()> {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut bytes).await?;
        if count == 0 {
            return Ok(());
        }
        // What comes while it is silent waits, and nothing of it is lost.
        let whole = state.wait_for(|state| *state == State::Whole).await;
        whole.map_err(io::Error::other)?;
        to.write_all(&bytes[..count]).await?;
    }
}
