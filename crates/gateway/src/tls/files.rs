//! Reading and writing key files.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

use super::{Identity, TlsError};

pub(super) fn file_error(path: &Path, error: std::io::Error) -> TlsError {
    TlsError::File {
        path: path.display().to_string(),
        error,
    }
}

pub(super) fn content_error(path: &Path, what: impl ToString) -> TlsError {
    TlsError::Content {
        path: path.display().to_string(),
        what: what.to_string(),
    }
}

pub(super) fn read(path: &Path) -> Result<String, TlsError> {
    fs::read_to_string(path).map_err(|error| file_error(path, error))
}

pub(super) fn identity(chain: &Path, key: &Path) -> Result<Identity, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(read(chain)?.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| content_error(chain, error))?;
    if certificates.is_empty() {
        return Err(content_error(chain, "there is no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_slice(read(key)?.as_bytes())
        .map_err(|error| content_error(key, error))?;
    Ok(Identity {
        chain: certificates,
        key,
    })
}

/// Makes a folder, and those above it, that only its owner can read. One that exists stays as it is.
///
/// # Errors
/// When the file system refuses.
pub fn make_private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a new file that only its owner can read, durably, under its name only when it is complete. Never overwrites.
///
/// # Errors
/// When the file is there already, or the file system refuses.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    // A link fails where the name is taken, unlike a rename.
    let linked = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    linked?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
