//! Puts the web app into the program: a list of the files in `web/packed`, which `cargo xtask run` makes. Where there are none
//! the list is empty, and the server says how to make them.
#![allow(clippy::print_stdout, reason = "this is how cargo is spoken to")]

use std::{
    env,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

/// At the end of the names of files that are kept compressed.
const BROTLI: &str = ".br";

fn main() -> io::Result<()> {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let packed = own.join("../../web/packed");
    // Cargo watches a folder that is there; one that is not would be taken for changed at every build.
    fs::create_dir_all(&packed)?;
    let packed = packed.canonicalize()?;
    println!("cargo::rerun-if-changed={}", packed.display());
    let mut files = Vec::new();
    collect(&packed, &mut files)?;
    files.sort();
    let mut list = "&[\n".to_owned();
    for file in files {
        let path = file.strip_prefix(&packed).map_err(io::Error::other)?;
        let path = path.to_str().ok_or(io::ErrorKind::InvalidData)?;
        let name = path.strip_suffix(BROTLI).unwrap_or(path);
        writeln!(
            list,
            "gateway::Asset {{ path: {name:?}, bytes: include_bytes!({file:?}), brotli: {} }},",
            name.len() < path.len()
        )
        .map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("web_app.rs"), list)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}
