//! Finding out what the machine lacks, and installing it where that is ours to do.
//!
//! Everything here is quick when nothing is missing.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{cmd, metadata, node, tools};

const WASM: &str = "wasm32-unknown-unknown";

/// A program or library of the system, and how to see that it is there.
struct System {
    what: &'static str,
    debian: &'static [&'static str],
    there: fn() -> bool,
}

/// For rustc's linking and the C in SQLite and AWS-LC.
const C: System = System {
    what: "a C compiler with the headers of the C library",
    debian: &["gcc", "libc6-dev"],
    there: || compiles("cc", "c", "#include <stdlib.h>"),
};

/// For the fuzzer's runtime.
const CXX: System = System {
    what: "a C++ compiler",
    debian: &["g++"],
    there: || compiles("c++", "c++", "#include <cstdlib>"),
};

/// For the web app, and for the tests of the WebAssembly build.
const NODE: System = System {
    what: "Node.js 20.19 or newer with npm, or pip, with which it is fetched",
    debian: &["python3-pip"],
    there: node::there_or_fetchable,
};

/// For the C of SQLite in WebAssembly.
const CLANG: System = System {
    what: "clang and lld, which compile C to WebAssembly",
    debian: &["clang", "lld", "llvm"],
    there: || {
        let all = ["clang", "wasm-ld", "llvm-ar"];
        all.iter().all(|tool| cmd::quiet(tool, &["--version"]))
    },
};

/// The browser of most journeys.
const CHROMIUM: System = System {
    what: "Chromium",
    debian: &["chromium"],
    there: || cmd::quiet("chromium", &["--version"]),
};

/// A clock that is moved, for the server in the journey of messages that disappear; where distributions put it.
const FAKETIME: System = System {
    what: "libfaketime",
    debian: &["libfaketime"],
    there: || {
        let folders = [
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
        ];
        let library = |folder: &str| Path::new(folder).join("faketime/libfaketime.so.1");
        folders.iter().any(|folder| library(folder).exists())
    },
};

/// The other browser of the journeys.
const FIREFOX: System = System {
    what: "Firefox ESR",
    debian: &["firefox-esr"],
    there: || cmd::quiet("firefox-esr", &["--version"]),
};

/// The browser of the smoke run, which wants a display, if one without a screen.
const WEBKIT: System = System {
    what: "WebKitWebDriver of WebKitGTK, with xvfb-run and xauth",
    debian: &["webkit2gtk-driver", "xvfb", "xauth"],
    there: || {
        let all = ["WebKitWebDriver", "xvfb-run", "xauth"];
        let there = |name: &&str| cmd::quiet("sh", &["-c", &format!("command -v {name}")]);
        all.iter().all(there)
    },
};

/// Tells a browser of the journeys which authority to trust.
const CERTUTIL: System = System {
    what: "certutil of NSS",
    debian: &["libnss3-tools"],
    there: || cmd::quiet("sh", &["-c", "command -v certutil"]),
};

/// For tools that `cargo install` fetches.
const CERTIFICATES: System = System {
    what: "the usual certificate authorities",
    debian: &["ca-certificates"],
    there: || {
        Path::new("/etc/ssl/certs")
            .read_dir()
            .is_ok_and(|mut dir| dir.next().is_some())
    },
};

/// What building and running the product takes.
pub fn for_building() -> Result<()> {
    rust_is_new_enough()?;
    system(&[C])
}

/// What building the web app takes.
pub fn for_web() -> Result<()> {
    rust_is_new_enough()?;
    system(&[C, CLANG, NODE, CERTIFICATES])?;
    rust_target()?;
    node::ensure()
}

/// What looking at the web app in a browser takes, besides building it.
pub fn for_browser() -> Result<()> {
    for_web()?;
    system(&[CHROMIUM, CERTUTIL])
}

/// What fuzzing takes, besides a nightly tool chain.
pub fn for_fuzzing() -> Result<()> {
    rust_is_new_enough()?;
    system(&[C, CXX])
}

/// What every test takes.
pub fn for_testing() -> Result<()> {
    rust_is_new_enough()?;
    system(&[
        C,
        CXX,
        CLANG,
        NODE,
        CHROMIUM,
        FIREFOX,
        FAKETIME,
        CERTUTIL,
        CERTIFICATES,
    ])?;
    rust_components()?;
    rust_target()?;
    node::ensure()?;
    for tool in [&tools::NEXTEST, &tools::WASM_BINDGEN, &tools::DENY] {
        tools::ensure(tool)?;
    }
    Ok(())
}

/// Whether WebKitGTK can be had, which not every system ships. Where it can't, that is said, and is no error.
pub fn for_webkit() -> bool {
    let there = system(&[WEBKIT]);
    if let Err(missing) = &there {
        eprintln!("without WebKit: {missing:#}");
    }
    there.is_ok()
}

fn rust_is_new_enough() -> Result<()> {
    let needed = metadata::rust_version()?;
    let version = cmd::probe("rustc", &["--version"]).context("rustc cannot be run")?;
    let found = version.split_whitespace().nth(1).unwrap_or_default();
    if metadata::parts(found) < metadata::parts(&needed) {
        bail!("{}", too_old(found, &needed));
    }
    Ok(())
}

fn too_old(found: &str, needed: &str) -> String {
    format!(
        "ChaTalK needs Rust {needed} or newer, and this is {found}.\n\
         With rustup:    rustup update stable && rustup default stable\n\
         Without rustup: distributions ship older versions; install rustup from https://rustup.rs"
    )
}

/// Installs what is missing, or says what to install.
fn system(needs: &[System]) -> Result<()> {
    let missing: Vec<&System> = needs.iter().filter(|need| !(need.there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|need| need.debian)
        .copied()
        .collect();
    let debian = cmd::probe("apt-get", &["--version"]).is_some();
    if !debian || !is_root() {
        let names: Vec<&str> = missing.iter().map(|need| need.what).collect();
        bail!(
            "missing: {}.\n{}",
            names.join("; "),
            advice(debian, &packages)
        );
    }
    eprintln!("installing {}", packages.join(" "));
    // a fresh machine has no lists of packages yet; an old one has stale ones
    cmd::run(&mut apt(&["update", "--quiet"]))?;
    let install = ["install", "--quiet", "--yes", "--no-install-recommends"];
    cmd::run(apt(&install).args(&packages))?;
    match missing.iter().find(|need| !(need.there)()) {
        None => Ok(()),
        Some(need) => bail!("{} is still missing after the installation", need.what),
    }
}

fn advice(debian: bool, packages: &[&str]) -> String {
    let packages = packages.join(" ");
    if debian {
        format!("Install with: sudo apt-get install --yes {packages}")
    } else {
        format!(
            "Install with your system's package manager; on Debian the packages are: {packages}"
        )
    }
}

fn apt(args: &[&str]) -> std::process::Command {
    let mut command = cmd::program("apt-get", args);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    cmd::probe("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

/// Whether a compiler is there and finds the headers of its library.
fn compiles(compiler: &str, language: &str, source: &str) -> bool {
    let script = format!("echo '{source}' | {compiler} -fsyntax-only -x {language} -");
    cmd::quiet("sh", &["-c", &script])
}

/// The formatter and the linter, which a minimal installation of Rust lacks.
pub fn rust_components() -> Result<()> {
    let missing = |program: &&str| cmd::probe(program, &["--version"]).is_none();
    if ["cargo-fmt", "cargo-clippy"].iter().any(missing) {
        cmd::run(&mut cmd::program(
            "rustup",
            &["component", "add", "rustfmt", "clippy"],
        ))
        .context(
            "rustfmt and clippy are needed; without rustup, install the packages that hold them",
        )?;
    }
    Ok(())
}

/// The standard library for WebAssembly.
fn rust_target() -> Result<()> {
    let sysroot = cmd::capture(&mut cmd::program("rustc", &["--print", "sysroot"]))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM)
        .exists()
    {
        return Ok(());
    }
    cmd::run(&mut cmd::program("rustup", &["target", "add", WASM])).with_context(|| {
        format!("Rust's standard library for {WASM} is missing; without rustup, install the package that holds it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_rust_is_new_enough() {
        rust_is_new_enough().unwrap();
    }

    #[test]
    fn an_old_rust_is_told_what_to_do() {
        let text = too_old("1.90.0", "1.95");
        assert!(
            text.contains("1.95 or newer")
                && text.contains("1.90.0")
                && text.contains("rustup update")
        );
    }

    #[test]
    fn missing_packages_are_named() {
        assert!(advice(true, &["gcc", "g++"]).ends_with("apt-get install --yes gcc g++"));
        assert!(advice(false, &["gcc"]).ends_with(": gcc"));
    }

    #[test]
    fn a_compiler_without_its_headers_is_noticed() {
        assert!(compiles("cc", "c", "#include <stdlib.h>"));
        assert!(!compiles("cc", "c", "#include <no_such_header.h>"));
        assert!(!compiles(
            "no-such-compiler-here",
            "c",
            "#include <stdlib.h>"
        ));
    }
}
