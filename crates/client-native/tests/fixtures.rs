//! Folders that earlier versions of the client left behind are read, and written on.
#![allow(clippy::unwrap_used, missing_docs)]

mod fixture;

use std::path::Path;

#[test]
fn version_1_is_read_and_written_on() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join("v1");
    let folder = tempfile::tempdir().unwrap();
    fixture::copy(&kept, folder.path());
    fixture::is_read(folder.path());
    fixture::is_written_on(folder.path());
}
