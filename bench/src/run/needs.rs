//! What one screen takes: how many statements, and how many bytes between the gateway and the core.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Context as _;
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::{Stage, cases::NOTHING_KEPT, servers::Face};

/// How many screens the mean is taken over.
const SCREENS: u64 = 50;
/// Makes the core write every statement into its log.
const LOG_STATEMENTS: &str = "info,sqlx::query=debug";
/// What such a line of the log has where the statement is one of a call, and not of a task in the background.
const STATEMENT_OF_A_CALL: [&str; 2] = ["call{", "sqlx::query"];

impl Stage {
    /// Statements and bytes per screen, of a gateway that keeps nothing and a core on this database.
    pub(super) async fn what_it_takes(
        &self,
        face: Face,
        database_url: &str,
    ) -> anyhow::Result<BTreeMap<String, f64>> {
        let core = self.core(database_url, LOG_STATEMENTS).await?;
        let wire = Wire::before(&core.address).await?;
        let gateway = self.gateway(face, &wire.address, &NOTHING_KEPT).await?;
        let target = gateway.target(face.home());
        // Whatever is prepared once is prepared now.
        self.ask(&target, StatusCode::OK).await?;
        let (statements, bytes) = (self.statements()?, wire.bytes());
        for _ in 0..SCREENS {
            self.ask(&target, StatusCode::OK).await?;
        }
        let statements = self.statements()? - statements;
        let bytes = [0, 1].map(|way| wire.bytes()[way] - bytes[way]);
        gateway.stop().await;
        core.stop().await;
        let each = |total: u64| total as f64 / SCREENS as f64;
        Ok(BTreeMap::from([
            ("statements per screen".to_owned(), each(statements)),
            ("bytes to the core per screen".to_owned(), each(bytes[0])),
            ("bytes from the core per screen".to_owned(), each(bytes[1])),
        ]))
    }

    /// How many statements the core has written into its log.
    fn statements(&self) -> anyhow::Result<u64> {
        let log = std::fs::read_to_string(self.folder.path().join("core.log"))?;
        let of_a_call = |line: &&str| STATEMENT_OF_A_CALL.iter().all(|part| line.contains(part));
        Ok(log.lines().filter(of_a_call).count() as u64)
    }
}

/// A wire to the core that counts what goes over it, both ways.
struct Wire {
    address: String,
    bytes: Arc<[AtomicU64; 2]>,
}

impl Wire {
    async fn before(core: &str) -> anyhow::Result<Self> {
        let core = core.strip_prefix("http://").context("an address")?.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let bytes: Arc<[AtomicU64; 2]> = Arc::default();
        let counted = bytes.clone();
        tokio::spawn(async move {
            while let Ok((gateway, _)) = listener.accept().await {
                let Ok(core) = TcpStream::connect(&core).await else {
                    continue;
                };
                let _ = (gateway.set_nodelay(true), core.set_nodelay(true));
                let ((from_gateway, to_gateway), (from_core, to_core)) =
                    (gateway.into_split(), core.into_split());
                tokio::spawn(pass(from_gateway, to_core, counted.clone(), 0));
                tokio::spawn(pass(from_core, to_gateway, counted.clone(), 1));
            }
        });
        Ok(Self { address, bytes })
    }

    fn bytes(&self) -> [u64; 2] {
        [0, 1].map(|way| self.bytes[way].load(Ordering::Relaxed))
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counted: Arc<[AtomicU64; 2]>, way: usize) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        counted[way].fetch_add(read as u64, Ordering::Relaxed);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
