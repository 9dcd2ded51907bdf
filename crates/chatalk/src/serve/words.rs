//! What the operator reads when the server has started.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::Result;
use e2ee::passphrase::six_words;

use super::{certificates::Certificates, options::Options, start::Running};

/// Prints addresses, fingerprint and, while there is no member, the set-up code.
pub fn tell(
    options: &Options,
    folder: &Path,
    port: u16,
    certificates: &Certificates,
    running: &Running,
) -> Result<()> {
    let mut out = io::stdout().lock();
    if options.print_json {
        writeln!(out, "{}", json(port, certificates, running))?;
    } else {
        out.write_all(words(folder, certificates, running).as_bytes())?;
    }
    Ok(out.flush()?)
}

fn json(port: u16, certificates: &Certificates, running: &Running) -> serde_json::Value {
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
        "addresses": running.addresses,
        "port": port,
        "fingerprint": hex::encode(certificates.fingerprint),
        "words": six_words(&certificates.fingerprint).join(" "),
        "set_up_code": code,
        "read_only": running.read_only,
    })
}

fn words(folder: &Path, certificates: &Certificates, running: &Running) -> String {
    let mut lines = vec![
        format!(
            "ChaTalk {} is running. Its cryptography has not been audited by anybody outside.",
            env!("CARGO_PKG_VERSION")
        ),
        String::new(),
    ];
    let mut label = "Addresses";
    for address in &running.addresses {
        lines.push(format!("  {label:<13}https://{address}"));
        label = "";
    }
    let hexadecimal = hex::encode(certificates.fingerprint);
    let (first, second) = hexadecimal.split_at(hexadecimal.len() / 2);
    lines.push(format!("  {:<13}{first}", "Fingerprint"));
    lines.push(format!("  {:<13}{second}", ""));
    let six = six_words(&certificates.fingerprint).join(" ");
    lines.push(format!("  {:<13}{six}", "in six words"));
    lines.push(format!("  {:<13}{}", "Data", folder.display()));
    if let Some(reason) = &running.read_only {
        lines.push(String::new());
        lines.push(format!("Nothing can be written: {reason}."));
    }
    let server = running
        .addresses
        .first()
        .map_or("HOST:PORT", String::as_str);
    lines.push(String::new());
    if let Some(code) = &running.set_up_code {
        lines.push(format!("  {:<13}{}", "Set-up code", code.reveal().as_str()));
        lines.push(String::new());
        lines.push(
            "Nobody is registered yet. Whoever enters the set-up code first becomes the".into(),
        );
        lines.push("administrator. In another terminal:".into());
    } else {
        lines.push("In another terminal:".into());
    }
    lines.push(format!("  chatalk chat --server https://{server}"));
    lines.push("Stop the server with Ctrl-C.".into());
    lines.push(String::new());
    lines.join("\n")
}
