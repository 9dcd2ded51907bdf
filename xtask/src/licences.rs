//! The page of licences: what is built into the binary, by whom it may be used how.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use crate::metadata::{self, Graph};

const HEAD: &str = "\
# Licences

ChaTalK is under the Apache License 2.0 (`LICENSE`). The binary `chatalk` for Linux on x86-64 contains the
packages below, each under its own licence; their texts are in their sources. `deny.toml` says which
licences are accepted. Made by `cargo xtask gen`.
";

/// The page, from the graph of packages.
pub fn page() -> Result<String> {
    render(&metadata::graph()?)
}

fn render(graph: &Graph) -> Result<String> {
    let binary = graph.member("chatalk").context("no crate called chatalk")?;
    let mut by_licence: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for id in graph.built_into(binary) {
        let Some(package) = graph
            .packages
            .get(id)
            .filter(|_| !graph.members.contains(id))
        else {
            continue;
        };
        let licence = package.licence.as_deref().unwrap_or("named in its sources");
        by_licence
            .entry(normal(licence))
            .or_default()
            .insert(&package.name);
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
    fn the_page_lists_what_is_built_in_and_not_ourselves() {
        let page = page().unwrap();
        assert!(page.contains("rusqlite"));
        assert!(!page.contains("client-native"));
    }
}
