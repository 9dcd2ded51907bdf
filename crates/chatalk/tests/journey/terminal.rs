//! A terminal of a person: the real program on a pseudo terminal, and what stands on its screen.

use std::{
    io::{Read, Write},
    path::Path,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// What has not come to the screen by then does not come.
const PATIENCE: Duration = Duration::from_secs(90);

struct Shown {
    parser: vt100::Parser,
    ended: bool,
}

type Shared = Arc<(Mutex<Shown>, Condvar)>;

/// A running `chatalk chat`; killed when dropped.
pub struct Terminal {
    name: &'static str,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    shown: Shared,
    // the terminal goes away with it
    _pty: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts the client in a terminal of that size.
    pub fn start(name: &'static str, folder: &Path, size: (u16, u16), args: &[&str]) -> Self {
        let (cols, rows) = size;
        let pty = native_pty_system()
            .openpty(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_chatalk"));
        command.arg("chat");
        command.arg("--folder");
        command.arg(folder);
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env("TZ", "UTC");
        for (variable, _) in std::env::vars() {
            if variable.starts_with("CHATALK_") || variable == "NO_COLOR" {
                command.env_remove(variable);
            }
        }
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let shown: Shared = Arc::new((
            Mutex::new(Shown {
                parser: vt100::Parser::new(rows, cols, 0),
                ended: false,
            }),
            Condvar::new(),
        ));
        let mut output = pty.master.try_clone_reader().unwrap();
        let in_thread = Arc::clone(&shown);
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                in_thread.0.lock().unwrap().parser.process(&buffer[..read]);
                in_thread.1.notify_all();
            }
            in_thread.0.lock().unwrap().ended = true;
            in_thread.1.notify_all();
        });
        Self {
            name,
            child,
            keys: pty.master.take_writer().unwrap(),
            shown,
            _pty: pty.master,
        }
    }

    /// The rows of the screen.
    pub fn rows(&self) -> Vec<String> {
        rows(&self.shown.0.lock().unwrap())
    }

    /// Waits until the screen is as told.
    pub fn until(&self, what: &str, reached: impl Fn(&[String]) -> bool) -> Vec<String> {
        let shown = self.shown.0.lock().unwrap();
        let waits = |shown: &mut Shown| !shown.ended && !reached(&rows(shown));
        let waited = self.shown.1.wait_timeout_while(shown, PATIENCE, waits);
        let shown = waited.unwrap().0;
        let now = rows(&shown);
        if reached(&now) {
            return now;
        }
        let ended = if shown.ended { "has ended, " } else { "" };
        panic!(
            "{} {ended}waited for {what}:\n{}",
            self.name,
            now.join("\n")
        );
    }

    /// Waits until the screen shows a text, on one row.
    pub fn sees(&self, text: &str) -> Vec<String> {
        self.until(text, |rows| rows.iter().any(|row| row.contains(text)))
    }

    /// Waits until each of these is among the messages exactly once.
    pub fn sees_once(&self, texts: &[String]) -> Vec<String> {
        self.until(&format!("{texts:?}, each once"), |rows| {
            let messages = rows.iter().filter_map(|row| row.split_once('│'));
            let all: Vec<&str> = messages.map(|(_, right)| right).collect();
            let all = all.join("\n");
            texts
                .iter()
                .all(|text| all.matches(text.as_str()).count() == 1)
        })
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Types a line.
    pub fn enter(&mut self, line: &str) {
        self.press(line);
        self.press("\r");
    }

    /// Pastes, as terminals do it.
    pub fn paste(&mut self, text: &str) {
        self.press(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Waits for a question and answers it.
    pub fn answer(&mut self, question: &str, line: &str) {
        self.sees(question);
        self.enter(line);
    }

    /// Waits until the program has ended in good order and given the terminal back.
    pub fn ends(&mut self) {
        let shown = self.shown.0.lock().unwrap();
        let waits = |shown: &mut Shown| !shown.ended;
        let waited = self.shown.1.wait_timeout_while(shown, PATIENCE, waits);
        let shown = waited.unwrap().0;
        assert!(shown.ended, "{} does not end", self.name);
        let screen = shown.parser.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste());
        drop(shown);
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rows(shown: &Shown) -> Vec<String> {
    let screen = shown.parser.screen();
    let (_, columns) = screen.size();
    screen
        .rows(0, columns)
        .map(|row| row.trim_end().to_owned())
        .collect()
}
