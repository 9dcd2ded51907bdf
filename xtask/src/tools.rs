//! Cargo's own additions that the tasks need, installed when they are missing.

use anyhow::{Context, Result, bail};

use crate::cmd;

/// A program that `cargo install` provides.
pub struct Tool {
    /// The package that holds it.
    package: &'static str,
    /// What to run to learn its version.
    version: (&'static str, &'static [&'static str]),
    /// Whether that version will do.
    will_do: fn(&str) -> bool,
    /// What is installed when none will.
    install: &'static [&'static str],
}

/// The test runner.
pub const NEXTEST: Tool = Tool {
    package: "cargo-nextest",
    version: ("cargo-nextest", &["nextest", "--version"]),
    will_do: |version| version.starts_with("0.9."),
    install: &["--locked", "--version", "0.9.143"],
};

/// Checks licences, bans and sources.
pub const DENY: Tool = Tool {
    package: "cargo-deny",
    version: ("cargo-deny", &["--version"]),
    will_do: |version| version.starts_with("0.20."),
    install: &["--locked", "--version", "0.20.2"],
};

/// Runs tests for wasm32 in Node; must be of the version of the crate `wasm-bindgen`.
pub const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    version: ("wasm-bindgen-test-runner", &["--version"]),
    will_do: |version| version == "0.2.130",
    // without --locked: its lock file names a version that was withdrawn
    install: &["--version", "0.2.130"],
};

/// Runs fuzz targets; needs a nightly tool chain.
pub const FUZZ: Tool = Tool {
    package: "cargo-fuzz",
    version: ("cargo-fuzz", &["--version"]),
    will_do: |version| version.starts_with("0.13."),
    install: &["--locked", "--version", "^0.13"],
};

/// Installs the tool if it is missing or of a version that won't do.
pub fn ensure(tool: &Tool) -> Result<()> {
    let found = version(tool);
    if found.as_deref().is_some_and(tool.will_do) {
        return Ok(());
    }
    let found = found.map_or_else(|| "none".into(), |version| format!("version {version}"));
    eprintln!("{}: found {found}, installing", tool.package);
    let mut install = cmd::cargo(&["install", tool.package, "--force"]);
    cmd::run(install.args(tool.install))
        .with_context(|| format!("{} is needed and could not be installed", tool.package))?;
    match version(tool) {
        Some(version) if (tool.will_do)(&version) => Ok(()),
        Some(version) => bail!(
            "{} is installed, but version {version} is found first on the PATH",
            tool.package
        ),
        None => bail!("{} is installed, but not found on the PATH", tool.package),
    }
}

/// The version that the tool says it has: the second word it prints.
fn version(tool: &Tool) -> Option<String> {
    let text = cmd::probe(tool.version.0, tool.version.1)?;
    text.split_whitespace().nth(1).map(str::to_owned)
}
