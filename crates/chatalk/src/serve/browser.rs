//! Opens the app in the browser of the person who started the server.

use std::{
    env,
    io::{self, IsTerminal},
    process::{Command, Stdio},
};

use super::options::Options;

/// Opens `url`, when somebody sits in front of it: standard output is a terminal, and there is a display. What can't be
/// opened is no fault: the address is printed as well.
///
/// The address may carry the set-up code, and others who have accounts on this machine could read it from the list of processes while nobody
/// is registered: `--no-open` is for machines that one shares with people one does not trust.
pub fn open(options: &Options, url: &str) {
    let display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    if options.no_open || options.print_json || !display || !io::stdout().is_terminal() {
        return;
    }
    let opener = Command::new("xdg-open")
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut opener) = opener {
        // So that it is not left behind as a zombie; it may be the browser itself and last as long.
        std::thread::spawn(move || opener.wait());
    }
}
