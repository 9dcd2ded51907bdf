//! The VFS: passes everything on to the default one, and tells the disk of writes, truncations, syncs and deletions.
//! See <https://www.sqlite.org/vfs.html> and <https://www.sqlite.org/c3ref/io_methods.html>.

use std::{
    ffi::{CStr, CString, OsStr, c_char, c_int, c_void},
    mem::size_of,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    ptr,
    sync::Arc,
};

use rusqlite::ffi;

use crate::disk::{Disk, Fault};

/// What belongs to one registered VFS.
struct App {
    base: *mut ffi::sqlite3_vfs,
    disk: Arc<Disk>,
}

/// An open file: SQLite's part first, the default VFS's own file after it in the same allocation.
#[repr(C)]
struct File {
    methods: *const ffi::sqlite3_io_methods,
    /// Owned; null for files that the disk does not follow (temporary ones).
    followed: *mut Followed,
}

struct Followed {
    path: PathBuf,
    disk: Arc<Disk>,
}

/// Registers a VFS of that name whose files lie on `disk`. It stays for the life of the process.
///
/// # Panics
/// When SQLite has no default VFS, or refuses this one.
pub fn register(name: &str, disk: Arc<Disk>) {
    let name = CString::new(name).unwrap_or_default().into_raw();
    // SAFETY: SQLite's own functions, called as documented. The name, the application data and the VFS itself are
    // leaked, so they outlive every use.
    unsafe {
        ffi::sqlite3_initialize();
        let base = ffi::sqlite3_vfs_find(ptr::null());
        assert!(!base.is_null(), "SQLite has no default VFS");
        let app = Box::into_raw(Box::new(App { base, disk }));
        let vfs = ffi::sqlite3_vfs {
            szOsFile: size_of::<File>() as c_int + (*base).szOsFile,
            pNext: ptr::null_mut(),
            zName: name,
            pAppData: app.cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            ..*base
        };
        let registered = ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 0);
        assert_eq!(registered, ffi::SQLITE_OK, "SQLite refuses the VFS");
    }
}

/// # Safety
/// `vfs` was registered by [`register`].
unsafe fn app<'a>(vfs: *mut ffi::sqlite3_vfs) -> &'a App {
    // SAFETY: its application data is the leaked `App`.
    unsafe { &*(*vfs).pAppData.cast::<App>() }
}

/// # Safety
/// `file` is one of ours, opened or being opened.
unsafe fn inner(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: SQLite allocates `szOsFile` bytes: ours, then those of the default VFS. Ours are two pointers, so that
    // the alignment stays right.
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

/// # Safety
/// `file` is one of ours and open.
unsafe fn followed<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a Followed> {
    // SAFETY: the pointer is null or owned by the open file.
    unsafe { (*file.cast::<File>()).followed.as_ref() }
}

fn code(fault: Fault, of_device: c_int) -> c_int {
    match fault {
        Fault::NoSpace => ffi::SQLITE_FULL,
        Fault::ReadOnly => ffi::SQLITE_READONLY,
        Fault::WriteFails | Fault::SyncFails | Fault::SyncLies => of_device,
    }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: called by SQLite with a file of `szOsFile` bytes and, but for temporary files, a name ending in zero;
    // the default VFS gets its own part of the file.
    unsafe {
        let app = app(vfs);
        let ours = file.cast::<File>();
        (*ours).methods = ptr::null();
        (*ours).followed = ptr::null_mut();
        let Some(base_open) = (*app.base).xOpen else {
            return ffi::SQLITE_CANTOPEN;
        };
        let opened = base_open(app.base, name, inner(file), flags, out_flags);
        if (*inner(file)).pMethods.is_null() {
            return opened;
        }
        (*ours).methods = &raw const METHODS;
        if opened == ffi::SQLITE_OK && !name.is_null() {
            let path = Path::new(OsStr::from_bytes(CStr::from_ptr(name).to_bytes())).to_owned();
            app.disk.opened(&path);
            let disk = Arc::clone(&app.disk);
            (*ours).followed = Box::into_raw(Box::new(Followed { path, disk }));
        }
        opened
    }
}

unsafe extern "C" fn delete(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: called by SQLite with a name ending in zero.
    unsafe {
        let app = app(vfs);
        let path = Path::new(OsStr::from_bytes(CStr::from_ptr(name).to_bytes()));
        if let Err(fault) = app.disk.delete(path) {
            return code(fault, ffi::SQLITE_IOERR_DELETE);
        }
        match (*app.base).xDelete {
            Some(base) => base(app.base, name, sync_folder),
            None => ffi::SQLITE_IOERR_DELETE,
        }
    }
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let base = app(vfs).base;
        match (*base).xAccess {
            Some(call) => call(base, name, flags, out),
            None => ffi::SQLITE_IOERR_ACCESS,
        }
    }
}

unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    size: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let base = app(vfs).base;
        match (*base).xFullPathname {
            Some(call) => call(base, name, size, out),
            None => ffi::SQLITE_CANTOPEN,
        }
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes an open file once; what it owned is freed here.
    unsafe {
        let ours = file.cast::<File>();
        if !(*ours).followed.is_null() {
            drop(Box::from_raw((*ours).followed));
            (*ours).followed = ptr::null_mut();
        }
        let inner = inner(file);
        match (*(*inner).pMethods).xClose {
            Some(call) => call(inner),
            None => ffi::SQLITE_OK,
        }
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: called by SQLite with `amount` bytes at `from`.
    unsafe {
        if let Some(followed) = followed(file) {
            let bytes = std::slice::from_raw_parts(from.cast::<u8>(), amount as usize);
            if let Err(fault) = followed.disk.write(&followed.path, offset as u64, bytes) {
                return code(fault, ffi::SQLITE_IOERR_WRITE);
            }
        }
        let inner = inner(file);
        match (*(*inner).pMethods).xWrite {
            Some(call) => call(inner, from, amount, offset),
            None => ffi::SQLITE_IOERR_WRITE,
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // SAFETY: called by SQLite on an open file.
    unsafe {
        if let Some(followed) = followed(file)
            && let Err(fault) = followed.disk.truncate(&followed.path, size as u64)
        {
            return code(fault, ffi::SQLITE_IOERR_TRUNCATE);
        }
        let inner = inner(file);
        match (*(*inner).pMethods).xTruncate {
            Some(call) => call(inner, size),
            None => ffi::SQLITE_IOERR_TRUNCATE,
        }
    }
}

/// Tells the disk. The real file needs no sync: the machine under test does not lose its power.
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: called by SQLite on an open file.
    match unsafe { followed(file) }.map(|followed| followed.disk.sync(&followed.path)) {
        Some(Err(fault)) => code(fault, ffi::SQLITE_IOERR_FSYNC),
        _ => ffi::SQLITE_OK,
    }
}

/// Methods that pass on to the default VFS's file as they came.
macro_rules! passed_on {
    ($($name:ident = $method:ident($($argument:ident: $type:ty),*) or $missing:expr;)*) => {
        $(unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $type)*) -> c_int {
            // SAFETY: passed on, with the default VFS's part of the file, as it came.
            unsafe {
                let inner = inner(file);
                match (*(*inner).pMethods).$method {
                    Some(call) => call(inner $(, $argument)*),
                    None => $missing,
                }
            }
        })*
    };
}

passed_on! {
    read = xRead(into: *mut c_void, amount: c_int, offset: ffi::sqlite3_int64) or ffi::SQLITE_IOERR_READ;
    file_size = xFileSize(size: *mut ffi::sqlite3_int64) or ffi::SQLITE_IOERR_FSTAT;
    lock = xLock(level: c_int) or ffi::SQLITE_IOERR_LOCK;
    unlock = xUnlock(level: c_int) or ffi::SQLITE_IOERR_UNLOCK;
    check_reserved_lock = xCheckReservedLock(out: *mut c_int) or ffi::SQLITE_IOERR_CHECKRESERVEDLOCK;
    file_control = xFileControl(operation: c_int, argument: *mut c_void) or ffi::SQLITE_NOTFOUND;
    sector_size = xSectorSize() or 512;
    device_characteristics = xDeviceCharacteristics() or 0;
    shm_map = xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) or ffi::SQLITE_IOERR_SHMMAP;
    shm_lock = xShmLock(offset: c_int, count: c_int, flags: c_int) or ffi::SQLITE_IOERR_SHMLOCK;
    shm_unmap = xShmUnmap(delete: c_int) or ffi::SQLITE_OK;
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: passed on, with the default VFS's part of the file.
    unsafe {
        let inner = inner(file);
        if let Some(call) = (*(*inner).pMethods).xShmBarrier {
            call(inner);
        }
    }
}

/// Version 2: with shared memory, without memory mapping.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
