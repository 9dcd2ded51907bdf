//! The page of licences: what is built into the binary, and on what terms.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use crate::{cmd, web};

const HEAD: &str = "\
# Licences

ChaTalK is under the Apache License 2.0 (`LICENSE`). The binary `chatalk` for Linux on x86-64 contains the
packages below, each under its own licence; their texts are in their sources. `deny.toml` says which
licences are accepted. Made by `cargo xtask gen`.
";

/// The page, from cargo's tree of what is linked.
pub fn page() -> Result<String> {
    let mut tree = cmd::cargo(&[
        "tree",
        "--package",
        "chatalk",
        "--prefix",
        "none",
        "--quiet",
    ]);
    tree.args([
        "--edges",
        "normal,no-proc-macro",
        "--target",
        "x86_64-unknown-linux-gnu",
    ]);
    tree.args(["--format", "{p}|{l}"]);
    let mut page = render(&cmd::capture(&mut tree)?)?;
    page += &web_app(web::licences(false)?);
    Ok(page)
}

const WEB: &str = "
# Licences of the web app

Besides what stands above for the core, the app that browsers get from `chatalk` is made of the packages below. Which licences are
accepted says `xtask/src/web/steps.rs`.
";

fn web_app(packages: Vec<(String, Vec<String>)>) -> String {
    let mut by_licence: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (licence, names) in packages {
        by_licence
            .entry(normal(&licence))
            .or_default()
            .extend(names);
    }
    let mut page = WEB.to_owned();
    for (licence, names) in by_licence {
        let names: Vec<String> = names.into_iter().collect();
        page += &format!("\n## {licence}\n\n{}\n", names.join(", "));
    }
    page
}

/// From lines such as `serde v1.0.1|MIT OR Apache-2.0`; crates of the workspace have a path behind their version.
fn render(tree: &str) -> Result<String> {
    let mut by_licence: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let (package, licence) = line
            .split_once('|')
            .with_context(|| format!("unexpected line: {line}"))?;
        let name = package.split(' ').next().unwrap_or_default();
        if !package.contains(" (/") {
            let licence = licence.trim_end_matches(" (*)");
            by_licence.entry(normal(licence)).or_default().insert(name);
        }
    }
    let mut page = HEAD.to_owned();
    for (licence, names) in by_licence {
        let names: Vec<&str> = names.into_iter().collect();
        page += &format!("\n## {licence}\n\n{}\n", names.join(", "));
    }
    Ok(page)
}

/// One spelling for what is written in several: `MIT/Apache-2.0` is `Apache-2.0 OR MIT`.
fn normal(licence: &str) -> String {
    if licence.is_empty() {
        return "Named in the sources".to_owned();
    }
    if licence.contains(['(', ')']) || licence.contains(" AND ") {
        return licence.to_owned();
    }
    let spaced = licence.replace('/', " OR ");
    let choices: BTreeSet<&str> = spaced.split(" OR ").map(str::trim).collect();
    choices.into_iter().collect::<Vec<_>>().join(" OR ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_each_choice() {
        assert_eq!(normal("MIT/Apache-2.0"), "Apache-2.0 OR MIT");
        assert_eq!(normal("MIT OR Apache-2.0"), "Apache-2.0 OR MIT");
        assert_eq!(
            normal("(MIT OR Apache-2.0) AND Unicode-3.0"),
            "(MIT OR Apache-2.0) AND Unicode-3.0"
        );
    }

    #[test]
    fn foreign_packages_are_listed_once_under_their_licence() {
        let tree = "chatalk v0.1.0 (/src/crates/chatalk)|Apache-2.0\nb v1.0.0|MIT\na v2.0.0|MIT\nb v1.0.0|MIT (*)\n";
        assert_eq!(render(tree).unwrap(), format!("{HEAD}\n## MIT\n\na, b\n"));
        assert!(render("no bar\n").is_err());
    }

    #[test]
    fn packages_of_the_app_are_listed_under_their_licence() {
        let packages = [("MIT", "b"), ("OFL-1.1", "font"), ("MIT", "a")]
            .map(|(licence, name)| (licence.to_owned(), vec![name.to_owned()]));
        let page = web_app(packages.to_vec());
        assert_eq!(
            page,
            format!("{WEB}\n## MIT\n\na, b\n\n## OFL-1.1\n\nfont\n")
        );
    }
}
