//! The terminal: taken over, listened to, and always given back.

use std::io;

use crossterm::{
    event::{
        self, DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    },
    execute,
};
use ratatui::{DefaultTerminal, Frame};
use tokio::sync::mpsc;

use crate::app::Event;

/// The terminal while it is ours. It is given back when this is dropped, and when anything panics.
pub(super) struct Screen(DefaultTerminal);

fn leave() {
    // nothing can be done about a terminal that is gone
    let _ = execute!(io::stdout(), DisableFocusChange, DisableBracketedPaste);
    ratatui::restore();
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn open() -> io::Result<Self> {
        let terminal = ratatui::try_init()?;
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            leave();
            print(info);
        }));
        let screen = Self(terminal);
        execute!(io::stdout(), EnableBracketedPaste, EnableFocusChange)?;
        Ok(screen)
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        self.0
            .size()
            .map_or((80, 24), |size| (size.width, size.height))
    }

    /// Draws a frame.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.0.draw(draw).map(drop)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Hands on what the terminal tells, from a thread that ends with the process: reading can't be interrupted.
pub(super) fn listen(events: mpsc::Sender<Event>) {
    std::thread::spawn(move || {
        while let Ok(told) = event::read() {
            let event = match told {
                event::Event::Key(key) => Event::Key(key),
                event::Event::Paste(text) => Event::Paste(text),
                event::Event::Resize(columns, rows) => Event::Resize(columns, rows),
                event::Event::FocusGained => Event::Focus(true),
                event::Event::FocusLost => Event::Focus(false),
                event::Event::Mouse(_) => continue,
            };
            if events.blocking_send(event).is_err() {
                return;
            }
        }
    });
}

/// Waits until the system asks the process to end.
pub(super) async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut term), Ok(mut hangup)) = (
            signal(SignalKind::terminate()),
            signal(SignalKind::hangup()),
        ) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = hangup.recv() => {}
        }
    }
    #[cfg(not(unix))]
    std::future::pending::<()>().await;
}
