//! `cargo xtask gen`: files that are made from the code and kept in the repository.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{cmd, licences};

/// Writes the generated files; with `check`, only fails if one of them is not up to date.
pub fn run(check: bool) -> Result<()> {
    let files = [
        ("docs/errors.md", errors()?),
        ("docs/licences.md", licences::page()?),
        ("web/src/engine/generated.ts", types()?),
    ];
    let mut stale = Vec::new();
    for (path, text) in files {
        let file = cmd::root().join(path);
        if fs::read_to_string(&file).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            stale.push(path);
        } else {
            fs::write(&file, text).with_context(|| format!("cannot write {path}"))?;
            println!("wrote {path}");
        }
    }
    if !stale.is_empty() {
        bail!(
            "not up to date: {}; run `cargo xtask gen`",
            stale.join(", ")
        );
    }
    Ok(())
}

/// The page of errors. An example prints it, so that this program need not contain the protocol.
fn errors() -> Result<String> {
    let args = [
        "run",
        "--quiet",
        "--package",
        "xtask",
        "--example",
        "errors",
    ];
    cmd::capture(&mut cmd::cargo(&args))
}

/// What the web app and the engine say to each other, out of the types of `client-wasm`.
fn types() -> Result<String> {
    let args = [
        "run",
        "--quiet",
        "--package",
        "client-wasm",
        "--features",
        "types",
        "--example",
        "types",
    ];
    cmd::capture(&mut cmd::cargo(&args))
}
