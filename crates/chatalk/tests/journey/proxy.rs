//! A network between clients and server that can be cut, and that can swallow everything.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

/// What the network does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Weather {
    /// Carries everything.
    Fine,
    /// Breaks connections, and takes none.
    Cut,
    /// Takes connections and carries nothing; nobody is told.
    Swallowing,
}

struct State {
    weather: Weather,
    open: Vec<TcpStream>,
    taken: usize,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// A TCP proxy to the server's port.
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    pub fn start(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                weather: Weather::Fine,
                open: Vec::new(),
                taken: 0,
            }),
            changed: Condvar::new(),
        });
        let in_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                in_thread.take(client, server);
            }
        });
        Self { port, shared }
    }

    fn weather(&self, weather: Weather) {
        let mut state = self.shared.state.lock().unwrap();
        state.weather = weather;
        if weather != Weather::Swallowing {
            for stream in state.open.drain(..) {
                // it may be closed already
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
    }

    /// Connections break, and new ones are refused.
    pub fn cut(&self) {
        self.weather(Weather::Cut);
    }

    /// Connections stay, and nothing comes through any more.
    pub fn swallow(&self) {
        self.weather(Weather::Swallowing);
    }

    /// Everything works; what was swallowed does not come back.
    pub fn mend(&self) {
        self.weather(Weather::Fine);
    }
}

impl Shared {
    fn take(self: &Arc<Self>, client: TcpStream, server: u16) {
        let mut state = self.state.lock().unwrap();
        state.taken += 1;
        match state.weather {
            Weather::Cut => return,
            Weather::Swallowing => return state.open.push(client),
            Weather::Fine => {}
        }
        let Ok(upstream) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else {
            return;
        };
        for (from, to) in [(&client, &upstream), (&upstream, &client)] {
            let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            let shared = Arc::clone(self);
            thread::spawn(move || shared.carry(from, to));
        }
        state.open.extend([client, upstream]);
    }

    fn carry(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = [0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let mut state = self.state.lock().unwrap();
            while state.weather == Weather::Swallowing {
                state = self.changed.wait(state).unwrap();
                // the connection did not survive: what was swallowed is gone
                if state.weather != Weather::Swallowing {
                    return;
                }
            }
            drop(state);
            if to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        // the other side may be gone already
        let _ = to.shutdown(Shutdown::Both);
    }
}
