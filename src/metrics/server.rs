//! Answers scrapes and probes over HTTP.
//!
//! Shows only what a [`Recorder`] knows already, so that no request costs the database anything.
//! Unencrypted and open to every client that reaches the port: nothing secret may get here.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus::TEXT_FORMAT;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::metrics::recorder::Recorder;

/// How long a client may take for the head of its request.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);

/// How long a client may take from connecting to having its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Clients at a time from one address; Prometheus and a few probes need one each.
const MAX_CLIENTS_OF_ADDRESS: usize = 16;

/// Clients at a time.
const MAX_CLIENTS: usize = 256;

/// How long to wait after a connection that could not be accepted, as when files run out.
const REST: Duration = Duration::from_millis(100);

/// A server that has its port but doesn't answer yet.
pub(crate) struct Server {
    listener: TcpListener,
}

impl Server {
    /// Takes a port of this host alone, where no address stands before it.
    pub(crate) async fn bind(address: &str) -> Result<Self> {
        let port = address.strip_prefix(':').unwrap_or(address);
        let bound = match port.parse::<u16>() {
            Ok(port) => TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await,
            Err(_) => TcpListener::bind(address).await,
        };
        let listener = bound.with_context(|| format!("can't serve metrics on {address:?}"))?;
        Ok(Self { listener })
    }

    /// Where it listens, with the port that the system chose for port 0.
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Answers until it is dropped. A new client is always let in, the one that has been there for the
    /// longest goes: clients that connect and say nothing keep no probe from its answer.
    pub(crate) async fn serve(self, recorder: Arc<Recorder>) {
        let mut tasks = JoinSet::new();
        let mut clients: VecDeque<(IpAddr, AbortHandle)> = VecDeque::new();
        loop {
            match self.listener.accept().await {
                Ok((stream, from)) => {
                    while tasks.try_join_next().is_some() {}
                    clients.retain(|(_, task)| !task.is_finished());
                    make_room(&mut clients, from.ip());
                    let task = tasks.spawn(serve_client(stream, Arc::clone(&recorder)));
                    clients.push_back((from.ip(), task));
                }
                Err(error) => {
                    tracing::debug!(%error, "a client of the metrics could not be accepted");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }
}

/// Ends the oldest client where one more would be too many.
fn make_room(clients: &mut VecDeque<(IpAddr, AbortHandle)>, address: IpAddr) {
    let of_address = clients.iter().filter(|(from, _)| *from == address).count();
    let leaving = if of_address >= MAX_CLIENTS_OF_ADDRESS {
        clients.iter().position(|(from, _)| *from == address)
    } else {
        (clients.len() >= MAX_CLIENTS).then_some(0)
    };
    if let Some((_, task)) = leaving.and_then(|at| clients.remove(at)) {
        task.abort();
    }
}

/// Answers one request. Errors on the way concern only the client.
async fn serve_client(stream: impl AsyncRead + AsyncWrite + Unpin, recorder: Arc<Recorder>) {
    let service = service_fn(|request: Request<Incoming>| {
        let response = answer(request.method(), request.uri().path(), &recorder);
        async { Ok::<_, Infallible>(response) }
    });
    let client = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let _answered = tokio::time::timeout(PATIENCE, client).await;
}

fn answer(method: &Method, path: &str, recorder: &Recorder) -> Response<String> {
    let (status, text) = match path {
        "/metrics" => match recorder.render() {
            Ok(text) => (StatusCode::OK, text),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
        },
        "/healthz" => (StatusCode::OK, "alive\n".to_owned()),
        "/readyz" => match recorder.readiness() {
            Ok(why) => (StatusCode::OK, format!("ready: {why}\n")),
            Err(why) => (
                StatusCode::SERVICE_UNAVAILABLE,
                format!("not ready: {why}\n"),
            ),
        },
        _ => (
            StatusCode::NOT_FOUND,
            "here are /metrics, /healthz and /readyz\n".to_owned(),
        ),
    };
    let mut response = Response::new(text);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let kind = match path {
        "/metrics" => TEXT_FORMAT,
        _ => "text/plain; charset=utf-8",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if method != Method::GET && method != Method::HEAD {
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        *response.body_mut() = "only GET and HEAD are understood\n".to_owned();
    }
    response
}

/// For fuzzers: answers a client that says this and no more.
#[cfg(any(test, fuzzing))]
pub(crate) fn answer_bytes(request: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let (Ok(runtime), Ok(recorder)) = (runtime, Recorder::new(PATIENCE)) else {
        return;
    };
    let stream = tokio::io::join(std::io::Cursor::new(request.to_vec()), tokio::io::sink());
    runtime.block_on(serve_client(stream, Arc::new(recorder)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_paths_and_reading_are_understood() {
        let recorder = Recorder::new(Duration::from_secs(60)).unwrap();
        let status = |method: Method, path| answer(&method, path, &recorder).status().as_u16();
        assert_eq!(status(Method::GET, "/metrics"), 200);
        assert_eq!(status(Method::HEAD, "/healthz"), 200);
        assert_eq!(status(Method::GET, "/readyz"), 503);
        assert_eq!(status(Method::GET, "/"), 404);
        assert_eq!(status(Method::POST, "/metrics"), 405);
    }
}
