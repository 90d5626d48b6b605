//! What one connection may cost us. Hyper's own defaults are far more generous, and its time-outs do
//! nothing unless a timer is installed.

use std::time::Duration;

use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto::Builder,
};

/// How long a client may take to send the head of a request, the first byte included.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(5);
/// How many header fields a request may have.
pub const MAX_HEADERS: usize = 64;
/// How many bytes the names and values of a request's header fields may have together.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// How much is read ahead of an HTTP/1 connection.
pub const MAX_READ_BUFFER_BYTES: usize = 64 * 1024;
/// How many requests may be under way on one HTTP/2 connection.
pub const MAX_CONCURRENT_STREAMS: u32 = 100;
/// How much of a body an HTTP/2 client may send ahead on one stream.
pub const STREAM_WINDOW_BYTES: u32 = 64 * 1024;
/// How much an HTTP/2 client may send ahead on all of a connection's streams together.
pub const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// How many streams a client may reset before we have accepted them.
pub const MAX_PENDING_ACCEPT_RESET_STREAMS: usize = 20;
/// How many streams we may have to reset for a client's mistakes.
pub const MAX_LOCAL_ERROR_RESET_STREAMS: usize = 128;
/// How much of an answer waits in our memory for an HTTP/2 stream.
pub const MAX_SEND_BUFFER_BYTES: usize = 64 * 1024;
/// How long an HTTP/2 connection may be silent before we ask whether anybody is there.
pub const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How long we wait for the answer to that.
pub const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// Hyper's connection builder with all of these limits.
pub fn connections() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_READ_BUFFER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_header_list_size(MAX_HEADER_BYTES as u32)
        .max_pending_accept_reset_streams(MAX_PENDING_ACCEPT_RESET_STREAMS)
        .max_local_error_reset_streams(MAX_LOCAL_ERROR_RESET_STREAMS)
        .max_send_buf_size(MAX_SEND_BUFFER_BYTES)
        .keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT);
    builder
}
