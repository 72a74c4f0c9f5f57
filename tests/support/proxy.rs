//! A proxy between the program and a server, which does harm at a given byte of the traffic.
//!
//! It understands nothing of what it forwards, so that it strikes in the middle of messages as well as
//! between them, and at the same byte each time.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What happens at the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// Every connection ends, for both sides; those that come later are left alone.
    Cut,
    /// What is sent from now on arrives nowhere, and nobody is told.
    Hole,
    /// Nothing but that it is known.
    Note,
}

/// Where it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Which direction counts: to the server, or to the client.
    pub to_server: bool,
    pub bytes: u64,
    pub harm: Harm,
}

/// A proxy on a free port of 127.0.0.1; its connections end with this value.
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    limit: Limit,
    /// Bytes forwarded so far, to the server and to the client.
    forwarded: [AtomicU64; 2],
    is_struck: AtomicBool,
    is_closed: AtomicBool,
    /// How many of the first connections are frozen.
    frozen: AtomicUsize,
    sockets: Mutex<Vec<TcpStream>>,
    /// The ports that the server sees.
    ports: Mutex<Vec<u16>>,
}

impl Proxy {
    /// Starts in front of the server.
    pub fn start(server: SocketAddr, limit: Limit) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            limit,
            forwarded: Default::default(),
            is_struck: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            frozen: AtomicUsize::new(0),
            sockets: Mutex::default(),
            ports: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.is_closed.load(Ordering::SeqCst) {
                    return;
                }
                // A client or a server that is gone already has no connection to forward.
                let Ok(client) = client else { continue };
                let Ok(server) = TcpStream::connect(server) else {
                    continue;
                };
                accepting.connect(&client, &server);
            }
        });
        Self { address, shared }
    }

    /// Lets nothing more pass on the connections that there are, without telling anybody. Those that come later
    /// are left alone.
    pub fn freeze(&self) {
        let connections = self.ports().len();
        self.shared.frozen.store(connections, Ordering::SeqCst);
    }

    /// Whether the byte has come.
    pub fn is_struck(&self) -> bool {
        self.shared.is_struck.load(Ordering::SeqCst)
    }

    /// Bytes forwarded so far, to the server and to the client.
    pub fn forwarded(&self) -> [u64; 2] {
        [0, 1].map(|number: usize| self.shared.forwarded[number].load(Ordering::SeqCst))
    }

    /// The ports of the connections as the server sees them.
    pub fn ports(&self) -> Vec<u16> {
        let ports = self.shared.ports.lock();
        ports.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::SeqCst);
        self.shared.cut();
        // The thread that accepts looks whether it is over only when somebody comes.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, client: &TcpStream, server: &TcpStream) {
        let address = server.local_addr().expect("an address");
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        ports.push(address.port());
        let connection = ports.len();
        drop(ports);
        for (number, (from, to)) in [(client, server), (server, client)].into_iter().enumerate() {
            let (Ok(from), Ok(to), Ok(kept)) = (from.try_clone(), to.try_clone(), to.try_clone())
            else {
                return;
            };
            let _ignored = to.set_nodelay(true);
            self.sockets
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(kept);
            let shared = Arc::clone(self);
            thread::spawn(move || shared.forward(from, to, number, connection));
        }
    }

    /// Forwards in one direction of a connection, which are counted from 1, to the end.
    fn forward(&self, mut from: TcpStream, mut to: TcpStream, number: usize, connection: usize) {
        let mut buffer = [0; 16384];
        let is_counted = self.limit.to_server == (number == 0);
        while let Ok(read) = from.read(&mut buffer) {
            let was_struck = self.is_struck.load(Ordering::SeqCst);
            let is_hole = self.limit.harm == Harm::Hole && was_struck
                || connection <= self.frozen.load(Ordering::SeqCst);
            if read == 0 {
                if !is_hole {
                    let _ignored = to.shutdown(Shutdown::Write);
                }
                return;
            }
            if is_hole {
                continue;
            }
            let before = self.forwarded[number].fetch_add(read as u64, Ordering::SeqCst);
            let left = self.limit.bytes.saturating_sub(before);
            let strikes = is_counted && !was_struck && left <= read as u64;
            let passed = match self.limit.harm {
                Harm::Cut | Harm::Hole if strikes => usize::try_from(left).unwrap_or(read),
                _ => read,
            };
            if to.write_all(&buffer[..passed]).is_err() {
                return;
            }
            if strikes {
                self.is_struck.store(true, Ordering::SeqCst);
                if self.limit.harm == Harm::Cut {
                    self.cut();
                    return;
                }
            }
        }
    }

    fn cut(&self) {
        let sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        for socket in sockets.iter() {
            // It may be closed already.
            let _ignored = socket.shutdown(Shutdown::Both);
        }
    }
}
