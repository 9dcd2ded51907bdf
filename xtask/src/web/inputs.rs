//! Telling whether something has to be made again: by the content of what it is made of.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{cmd, metadata};

/// Folders of `web` that are made, not written, or that nothing is built of.
const NOT_OF_THE_APP: [&str; 7] = [
    "node_modules",
    "dist",
    "packed",
    "e2e",
    "stories",
    "test-results",
    "screenshots",
];

/// A sum over everything that a thing is made of, compared with the one from when it was last made.
pub struct Stamp {
    file: PathBuf,
    sum: String,
}

impl Stamp {
    /// Over all files in `made_of` (files and folders), and over `tool`, which tells the version of what makes it.
    pub fn of(name: &str, made_of: &[PathBuf], tool: &str) -> Result<Self> {
        let mut files = BTreeSet::new();
        for path in made_of {
            collect(path, &mut files)?;
        }
        let mut sum = DefaultHasher::new();
        tool.hash(&mut sum);
        for file in files {
            file.hash(&mut sum);
            let bytes =
                fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            bytes.hash(&mut sum);
        }
        Ok(Self {
            file: metadata::target_dir()?
                .join("web")
                .join(format!("{name}.stamp")),
            sum: format!("{:016x}", sum.finish()),
        })
    }

    /// Runs `make`, unless `made` is there and nothing has changed since it was made.
    pub fn unless_made(&self, made: &Path, make: impl FnOnce() -> Result<()>) -> Result<()> {
        let same = fs::read_to_string(&self.file).is_ok_and(|old| old == self.sum);
        if same && made.exists() {
            return Ok(());
        }
        // Gone before it is tried: what is half made is made again.
        let _ = fs::remove_file(&self.file);
        make()?;
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.file, &self.sum)
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.insert(path.to_path_buf());
    } else if path.is_dir() {
        let entries =
            fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.file_name().is_none_or(|name| name != "target") {
                collect(&path, files)?;
            }
        }
    }
    Ok(())
}

/// The folders of a crate and of all crates of the workspace that are built into it.
pub fn crates_below(name: &str) -> Result<Vec<PathBuf>> {
    let graph = metadata::graph()?;
    let own = graph
        .member(name)
        .with_context(|| format!("there is no crate {name}"))?;
    let below = graph.built_into(own);
    let members = below.into_iter().filter(|id| graph.members.contains(*id));
    let names = members.filter_map(|id| graph.packages.get(id));
    let crates = cmd::root().join("crates");
    Ok(names.map(|package| crates.join(&package.name)).collect())
}

/// Everything in `web` that the app is made of.
pub fn files_of_the_app() -> Vec<PathBuf> {
    let entries = fs::read_dir(super::folder());
    let entries = entries.into_iter().flatten().flatten();
    entries
        .filter(|entry| !NOT_OF_THE_APP.contains(&entry.file_name().to_string_lossy().as_ref()))
        .map(|entry| entry.path())
        .collect()
}

/// What compiles the core.
pub fn rust_version() -> Result<String> {
    cmd::probe("rustc", &["--version"]).context("rustc cannot be run")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("stamp-{name}-{}", std::process::id()));
            fs::create_dir_all(path.join("in/deep")).unwrap();
            Self(path)
        }

        fn stamp(&self, tool: &str) -> Stamp {
            let mut stamp = Stamp::of("x", &[self.0.join("in")], tool).unwrap();
            stamp.file = self.0.join("stamps").join("x.stamp");
            stamp
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn only_a_change_of_content_makes_it_again() {
        let folder = Folder::new("changes");
        let (input, made) = (folder.0.join("in/deep/a"), folder.0.join("made"));
        let runs = Cell::new(0);
        let run = |tool: &str| {
            let make = || {
                runs.set(runs.get() + 1);
                Ok(fs::write(&made, "")?)
            };
            folder.stamp(tool).unless_made(&made, make).unwrap();
            runs.get()
        };
        fs::write(&input, "1").unwrap();
        assert_eq!((run("v1"), run("v1")), (1, 1));
        fs::write(&input, "1").unwrap();
        assert_eq!(run("v1"), 1, "the same content, newer");
        fs::write(&input, "2").unwrap();
        assert_eq!((run("v1"), run("v1")), (2, 2));
        assert_eq!(run("v2"), 3, "another compiler");
        fs::write(folder.0.join("in/b"), "").unwrap();
        assert_eq!(run("v2"), 4, "a file more");
        fs::remove_file(&made).unwrap();
        assert_eq!(run("v2"), 5, "the result was removed");
    }

    #[test]
    fn what_failed_is_made_again() {
        let folder = Folder::new("failures");
        let made = folder.0.join("made");
        fs::write(&made, "half").unwrap();
        let fails = folder
            .stamp("v1")
            .unless_made(&made, || anyhow::bail!("no"));
        assert!(fails.is_err());
        let mut ran = false;
        let make = || {
            ran = true;
            Ok(())
        };
        folder.stamp("v1").unless_made(&made, make).unwrap();
        assert!(ran);
    }

    #[test]
    fn the_core_is_made_of_the_crates_below_it() {
        let names: Vec<_> = crates_below("client").unwrap();
        let has = |name: &str| names.iter().any(|path| path.ends_with(name));
        assert!(has("client") && has("e2ee") && has("protocol") && !has("gateway"));
    }
}
