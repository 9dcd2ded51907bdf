//! What the operator reads when the server has started.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

use anyhow::Result;
use e2ee::passphrase::six_words;

use super::{certificates::Certificates, options::Options, qr, start::Running};

/// What there is to tell.
pub struct Told<'a> {
    folder: &'a Path,
    port: u16,
    local: Option<u16>,
    certificates: &'a Certificates,
    running: &'a Running,
}

impl<'a> Told<'a> {
    /// `local` is the port of the entrance for this machine, if there is one.
    pub fn new(
        folder: &'a Path,
        port: u16,
        local: Option<u16>,
        certificates: &'a Certificates,
        running: &'a Running,
    ) -> Self {
        Self {
            folder,
            port,
            local,
            certificates,
            running,
        }
    }

    /// Where browsers on this machine find the app.
    fn local_url(&self) -> Option<String> {
        self.local.map(|port| format!("http://localhost:{port}"))
    }

    /// Where a browser on this machine sets the instance up, while nobody is registered. The code is in the fragment, which is sent
    /// nowhere.
    pub fn first_run(&self) -> Option<String> {
        let (url, code) = self.local_url().zip(self.running.set_up_code.as_ref())?;
        Some(format!("{url}/start#{}", code.reveal().as_str()))
    }

    /// The address for people.
    fn first_address(&self) -> &str {
        let first = self.running.addresses.first();
        first.map_or("HOST:PORT", String::as_str)
    }
}

/// Prints addresses, fingerprint and, while there is no member, the set-up code.
pub fn tell(options: &Options, told: &Told<'_>) -> Result<()> {
    let mut out = io::stdout().lock();
    if options.print_json {
        writeln!(out, "{}", json(told))?;
    } else {
        out.write_all(words(told, out.is_terminal()).as_bytes())?;
    }
    Ok(out.flush()?)
}

fn json(told: &Told<'_>) -> serde_json::Value {
    let running = told.running;
    let url = running
        .addresses
        .first()
        .map(|address| format!("https://{address}"));
    let code = running
        .set_up_code
        .as_ref()
        .map(|code| code.reveal().to_string());
    serde_json::json!({
        "url": url,
        "local_url": told.local_url(),
        "addresses": running.addresses,
        "port": told.port,
        "fingerprint": hex::encode(told.certificates.fingerprint),
        "words": six_words(&told.certificates.fingerprint).join(" "),
        "set_up_code": code,
        "read_only": running.read_only,
    })
}

fn words(told: &Told<'_>, terminal: bool) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut lines = vec![
        format!(
            "ChaTalK {version} is running. Its cryptography has not been audited by anybody outside."
        ),
        String::new(),
    ];
    facts(told, &mut lines);
    if let Some(reason) = &told.running.read_only {
        lines.push(String::new());
        lines.push(format!("Nothing can be written: {reason}."));
    }
    lines.push(String::new());
    if let Some(code) = &told.running.set_up_code {
        first_run(told, code.reveal().as_str(), &mut lines);
    } else if let Some(url) = told.local_url() {
        lines.push(format!("On this machine, in a browser: {url}"));
    }
    let address = told.first_address();
    lines.push(format!(
        "In another terminal: chatalk chat --server https://{address}"
    ));
    let for_others = terminal && !is_this_machine_alone(address);
    if for_others && let Some(code) = qr::lines(&format!("https://{address}")) {
        lines.push(format!(
            "For others, on a phone for instance: https://{address}"
        ));
        lines.push(String::new());
        lines.extend(code);
        lines.push(String::new());
    }
    lines.push("Stop the server with Ctrl-C.".into());
    lines.push(String::new());
    lines.join("\n")
}

/// Whether the address means another machine to each who types it.
fn is_this_machine_alone(address: &str) -> bool {
    ["localhost:", "127.", "[::1]:"]
        .iter()
        .any(|own| address.starts_with(own))
}

fn facts(told: &Told<'_>, lines: &mut Vec<String>) {
    let mut label = "Addresses";
    for address in &told.running.addresses {
        lines.push(format!("  {label:<13}https://{address}"));
        label = "";
    }
    let fingerprint = &told.certificates.fingerprint;
    let hexadecimal = hex::encode(fingerprint);
    let (first, second) = hexadecimal.split_at(hexadecimal.len() / 2);
    lines.push(format!("  {:<13}{first}", "Fingerprint"));
    lines.push(format!("  {:<13}{second}", ""));
    let six = six_words(fingerprint).join(" ");
    lines.push(format!("  {:<13}{six}", "in six words"));
    lines.push(format!("  {:<13}{}", "Data", told.folder.display()));
}

fn first_run(told: &Told<'_>, code: &str, lines: &mut Vec<String>) {
    lines.push(format!("  {:<13}{code}", "Set-up code"));
    lines.push(String::new());
    lines.push("Nobody is registered yet. Whoever enters the set-up code first becomes the".into());
    lines.push("administrator.".into());
    if let Some(url) = told.first_run() {
        lines.push("On this machine, in a browser, with the code in it:".into());
        lines.push(format!("  {url}"));
    }
}
