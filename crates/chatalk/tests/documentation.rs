//! docs/testing.md names tests that exist, and the README's commands are commands.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("docs/testing.md")).unwrap();
    let named = text.split('`').filter_map(|quoted| {
        let (place, test) = quoted.split_once(' ')?;
        let (package, target) = place.split_once("::")?;
        Some((package, target, test))
    });
    let mut count = 0;
    for (package, target, test) in named {
        count += 1;
        let tests = root.join("crates").join(package).join("tests");
        let mut files = vec![tests.join(format!("{target}.rs"))];
        sources(&tests.join(target), &mut files);
        let head = format!("fn {test}(");
        let there =
            |file: &PathBuf| fs::read_to_string(file).is_ok_and(|text| text.contains(&head));
        assert!(files.iter().any(there), "{package}::{target} {test}");
    }
    assert!(count > 50, "the names are found in the text");
}

#[test]
fn the_commands_of_the_readme_are_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("README.md")).unwrap();
    let commands = text
        .lines()
        .filter_map(|line| line.strip_prefix("    target/fast/chatalk "));
    let mut count = 0;
    for command in commands {
        count += 1;
        // asked for last, help is given only when everything before it was understood
        let output = Command::new(env!("CARGO_BIN_EXE_chatalk"))
            .args(command.split_whitespace())
            .arg("--help")
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {error}");
    }
    assert!(count >= 1, "the commands are found in the text");
}
