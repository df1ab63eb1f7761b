//! The account over loopback HTTP/1.1, for real binaries.

use crate::wire::{self, Answer};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use model::Account;
use std::future::{Future, pending};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// Serves the account on a free port until the runtime ends; every AWS service answers there.
///
/// # Errors
/// When loopback cannot be listened on.
pub async fn serve(account: Arc<Mutex<Account>>) -> io::Result<SocketAddr> {
    let (at, _) = listen(move |request| {
        let account = Arc::clone(&account);
        async move {
            // Answered in one go, so that no lock is held while a reply is sent.
            let answer = {
                let mut account = account.lock().expect("no earlier call panicked on the account");
                wire::answer(&mut account, &request)
            };
            match answer {
                Answer::Reply(reply) => reply,
                Answer::Silence => pending().await,
            }
        }
    })
    .await?;
    Ok(at)
}

/// Serves requests, bodies read to the end, on a free port until aborted or the runtime ends.
///
/// # Errors
/// When loopback cannot be listened on.
pub async fn listen<H, F>(handle: H) -> io::Result<(SocketAddr, AbortHandle)>
where
    H: Fn(Request<Vec<u8>>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Vec<u8>>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let at = listener.local_addr()?;
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, handle.clone()));
        }
    });
    Ok((at, task.abort_handle()))
}

/// One connection. A caller that goes away while it waits is no error: functions are killed, and
/// give up on silence.
async fn converse<H, F>(stream: TcpStream, handle: H)
where
    H: Fn(Request<Vec<u8>>) -> F + Clone,
    F: Future<Output = Response<Vec<u8>>>,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let handle = handle.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes().to_vec();
            let reply = handle(Request::from_parts(parts, body)).await;
            Ok::<_, hyper::Error>(reply.map(|body| Full::new(Bytes::from(body))))
        }
    });
    let _gone = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
