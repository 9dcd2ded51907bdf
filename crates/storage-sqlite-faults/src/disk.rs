//! The disk behind the files: what is durable, what is pending, what fails.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What a disk writes whole or not at all, in bytes.
const SECTOR: u64 = 512;

/// What of the pending writes survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survive {
    /// None.
    Nothing,
    /// Any sectors, in whatever order the disk chose.
    SomeSectors,
    /// The first ones in order; the last of them is torn inside.
    TornTail,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Writing finds no space.
    NoSpace,
    /// Writing meets an error of the device.
    WriteFails,
    /// Nothing may be written, truncated or deleted any more.
    ReadOnly,
    /// What was written can't be made durable.
    SyncFails,
    /// The disk says that it has made durable what it has not.
    SyncLies,
}

#[derive(Debug, Clone)]
enum Pending {
    Write { at: u64, bytes: Vec<u8> },
    Truncate { size: u64 },
}

#[derive(Debug, Default)]
struct File {
    /// None until the first sync: the file's name is not durable either.
    durable: Option<Vec<u8>>,
    pending: Vec<Pending>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, File>,
    fault: Option<Fault>,
    operations: u64,
    cut_at: Option<(u64, Survive)>,
    dice: Dice,
    image: Option<Image>,
}

/// A disk under test.
#[derive(Debug, Default)]
pub struct Disk(Mutex<State>);

/// The files as they are found after a power cut.
#[derive(Debug, Clone, Default)]
pub struct Image(BTreeMap<PathBuf, Vec<u8>>);

impl Image {
    /// Writes the files, by their names, into another folder.
    ///
    /// # Errors
    /// When that folder can't be written.
    pub fn write_to(&self, folder: &Path) -> io::Result<()> {
        for (path, bytes) in &self.0 {
            if let Some(name) = path.file_name() {
                fs::write(folder.join(name), bytes)?;
            }
        }
        Ok(())
    }
}

impl Disk {
    /// A disk without faults whose chances follow from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let state = State {
            dice: Dice(seed),
            ..State::default()
        };
        Self(Mutex::new(state))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts the power when `operation` more writes, truncations and syncs have been asked for.
    pub fn cut_at(&self, operation: u64, survive: Survive) {
        let mut state = self.lock();
        state.cut_at = Some((state.operations + operation, survive));
    }

    /// Cuts the power now, unless it is cut already, and gives what is found afterwards.
    pub fn power_cut(&self, survive: Survive) -> Image {
        let mut state = self.lock();
        state.cut(survive);
        state.image.clone().unwrap_or_default()
    }

    /// Whether the power is cut.
    pub fn is_cut(&self) -> bool {
        self.lock().image.is_some()
    }

    /// From now on something goes wrong, or (none) nothing any more.
    pub fn fail(&self, fault: Option<Fault>) {
        self.lock().fault = fault;
    }

    /// Writes, truncations and syncs so far.
    pub fn operations(&self) -> u64 {
        self.lock().operations
    }

    /// A file was opened: what is in it from earlier is durable.
    pub(crate) fn opened(&self, path: &Path) {
        let mut state = self.lock();
        if !state.files.contains_key(path) {
            let durable = fs::read(path).ok().filter(|bytes| !bytes.is_empty());
            let file = File {
                durable,
                pending: Vec::new(),
            };
            state.files.insert(path.to_owned(), file);
        }
    }

    pub(crate) fn write(&self, path: &Path, at: u64, bytes: &[u8]) -> Result<(), Fault> {
        let mut state = self.lock();
        state.operation()?;
        if let Some(fault @ (Fault::NoSpace | Fault::WriteFails | Fault::ReadOnly)) = state.fault {
            return Err(fault);
        }
        let bytes = bytes.to_vec();
        state.file(path).pending.push(Pending::Write { at, bytes });
        Ok(())
    }

    pub(crate) fn truncate(&self, path: &Path, size: u64) -> Result<(), Fault> {
        let mut state = self.lock();
        state.operation()?;
        state.writable()?;
        state.file(path).pending.push(Pending::Truncate { size });
        Ok(())
    }

    pub(crate) fn sync(&self, path: &Path) -> Result<(), Fault> {
        let mut state = self.lock();
        state.operation()?;
        match state.fault {
            Some(fault @ Fault::SyncFails) => return Err(fault),
            Some(Fault::SyncLies) => return Ok(()),
            _ => {}
        }
        let file = state.file(path);
        let mut durable = file.durable.take().unwrap_or_default();
        for pending in file.pending.drain(..) {
            apply(&mut durable, &pending);
        }
        file.durable = Some(durable);
        Ok(())
    }

    pub(crate) fn delete(&self, path: &Path) -> Result<(), Fault> {
        let mut state = self.lock();
        state.operation()?;
        state.writable()?;
        state.files.remove(path);
        Ok(())
    }
}

impl State {
    fn file(&mut self, path: &Path) -> &mut File {
        self.files.entry(path.to_owned()).or_default()
    }

    fn writable(&self) -> Result<(), Fault> {
        match self.fault {
            Some(fault @ Fault::ReadOnly) => Err(fault),
            _ => Ok(()),
        }
    }

    /// Counts an operation; fails when the power is cut before it.
    fn operation(&mut self) -> Result<(), Fault> {
        if let Some((at, survive)) = self.cut_at
            && self.operations >= at
        {
            self.cut(survive);
        }
        self.operations += 1;
        match self.image {
            Some(_) => Err(Fault::WriteFails),
            None => Ok(()),
        }
    }

    fn cut(&mut self, survive: Survive) {
        if self.image.is_some() {
            return;
        }
        let mut image = Image::default();
        for (path, file) in &self.files {
            if let Some(found) = found(file, survive, &mut self.dice) {
                image.0.insert(path.clone(), found);
            }
        }
        self.image = Some(image);
    }
}

/// What is found of a file after a power cut.
fn found(file: &File, survive: Survive, dice: &mut Dice) -> Option<Vec<u8>> {
    let mut bytes = file.durable.clone();
    match survive {
        Survive::Nothing => {}
        Survive::SomeSectors => {
            for pending in file.pending.iter().flat_map(sectors) {
                if dice.below(2) == 0 {
                    apply(bytes.get_or_insert_default(), &pending);
                }
            }
        }
        Survive::TornTail => {
            let whole = dice.below(file.pending.len() as u64 + 1) as usize;
            for pending in &file.pending[..whole] {
                apply(bytes.get_or_insert_default(), pending);
            }
            if let Some(Pending::Write { at, bytes: last }) = file.pending.get(whole) {
                let torn = Pending::Write {
                    at: *at,
                    bytes: last[..dice.below(last.len() as u64 + 1) as usize].to_vec(),
                };
                apply(bytes.get_or_insert_default(), &torn);
            }
        }
    }
    bytes
}

/// A write as the sectors it falls into.
fn sectors(pending: &Pending) -> Vec<Pending> {
    let Pending::Write { at, bytes } = pending else {
        return vec![pending.clone()];
    };
    let mut parts = Vec::new();
    let (mut at, mut rest) = (*at, &bytes[..]);
    while !rest.is_empty() {
        let to_border = (SECTOR - at % SECTOR) as usize;
        let (part, after) = rest.split_at(to_border.min(rest.len()));
        parts.push(Pending::Write {
            at,
            bytes: part.to_vec(),
        });
        at += part.len() as u64;
        rest = after;
    }
    parts
}

fn apply(file: &mut Vec<u8>, pending: &Pending) {
    match pending {
        Pending::Truncate { size } => file.resize(*size as usize, 0),
        Pending::Write { at, bytes } => {
            let at = *at as usize;
            let end = at + bytes.len();
            if file.len() < end {
                file.resize(end, 0);
            }
            file[at..end].copy_from_slice(bytes);
        }
    }
}

/// Chances that follow from a seed (SplitMix64, Steele et al. 2014).
#[derive(Debug, Clone, Default)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below `bound` (at least 1).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "/nowhere/file";

    fn written() -> Disk {
        let disk = Disk::new(3);
        let path = Path::new(FILE);
        disk.write(path, 0, &[1; 2000]).unwrap();
        disk.sync(path).unwrap();
        disk.write(path, 500, &[2; 1000]).unwrap();
        disk.write(path, 3000, &[3; 10]).unwrap();
        disk
    }

    fn image(survive: Survive) -> Vec<u8> {
        written()
            .power_cut(survive)
            .0
            .remove(Path::new(FILE))
            .unwrap()
    }

    #[test]
    fn unsynced_writes_are_lost() {
        assert_eq!(image(Survive::Nothing), vec![1; 2000]);
    }

    #[test]
    fn sectors_survive_whole() {
        let found = image(Survive::SomeSectors);
        for sector in [500..512, 512..1024, 1024..1500] {
            let first = found[sector.start];
            assert!(found[sector].iter().all(|byte| *byte == first));
        }
        assert!(found[..500].iter().all(|byte| *byte == 1));
    }

    #[test]
    fn a_torn_tail_keeps_the_order() {
        let found = image(Survive::TornTail);
        if found.len() > 2000 {
            assert!(
                found[500..1500].iter().all(|byte| *byte == 2),
                "the first write came first"
            );
        }
    }

    #[test]
    fn nothing_succeeds_after_the_cut() {
        let disk = written();
        disk.cut_at(1, Survive::Nothing);
        let path = Path::new(FILE);
        assert!(disk.write(path, 0, &[9]).is_ok());
        assert!(!disk.is_cut());
        assert!(disk.sync(path).is_err());
        assert!(disk.is_cut());
        let found = disk.power_cut(Survive::SomeSectors).0;
        assert_eq!(
            found[path],
            vec![1; 2000],
            "the image is of the cut, not of the asking"
        );
    }

    #[test]
    fn a_file_never_synced_is_not_there() {
        let disk = Disk::new(1);
        disk.write(Path::new(FILE), 0, &[1]).unwrap();
        assert!(disk.power_cut(Survive::Nothing).0.is_empty());
    }
}
