//! What cargo knows of the workspace and of everything it depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::cmd;

/// How one package needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Part of what is built (or needed by its build script).
    Normal,
    /// Only for tests, examples and benchmarks.
    Dev,
}

/// One package.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Ids of what it needs.
    pub needs: BTreeSet<(String, Kind)>,
    /// Features that it asks for of others, as `package/feature`.
    pub asks: BTreeSet<(String, Kind)>,
}

/// The graph of packages, as resolved for the target of this project's servers.
#[derive(Debug, Default)]
pub struct Graph {
    /// By package id.
    pub packages: BTreeMap<String, Package>,
    /// Ids of the crates of the workspace.
    pub members: BTreeSet<String>,
}

impl Graph {
    /// The crate of the workspace called `name`.
    pub fn member(&self, name: &str) -> Option<&String> {
        self.members
            .iter()
            .find(|id| self.packages.get(*id).is_some_and(|p| p.name == name))
    }

    /// Ids of all that gets built into the package with this id, itself included.
    pub fn built_into(&self, id: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut todo: Vec<&str> = self
            .packages
            .get_key_value(id)
            .map(|(id, _)| id.as_str())
            .into_iter()
            .collect();
        while let Some(id) = todo.pop() {
            if found.insert(id) {
                let needs = self.packages.get(id).into_iter().flat_map(|p| &p.needs);
                todo.extend(
                    needs
                        .filter(|(_, kind)| *kind == Kind::Normal)
                        .map(|(id, _)| id.as_str()),
                );
            }
        }
        found
    }
}

fn query(args: &[&str]) -> Result<Value> {
    let mut command = cmd::cargo(&["metadata", "--format-version", "1", "--quiet"]);
    let json = cmd::capture(command.args(args))?;
    serde_json::from_str(&json).context("cargo metadata printed something that is not JSON")
}

/// Asks cargo for the graph of packages.
pub fn graph() -> Result<Graph> {
    let json = query(&["--filter-platform", "x86_64-unknown-linux-gnu"])?;
    parse(&json).context("cargo metadata printed JSON of an unknown shape")
}

/// Where cargo puts what it builds.
pub fn target_dir() -> Result<PathBuf> {
    let json = query(&["--no-deps"])?;
    let path = json["target_directory"]
        .as_str()
        .context("no target_directory in cargo metadata")?;
    Ok(PathBuf::from(path))
}

/// The Rust version that the workspace needs, as in its Cargo.toml.
pub fn rust_version() -> Result<String> {
    let json = query(&["--no-deps"])?;
    let packages = json["packages"].as_array().into_iter().flatten();
    let mut versions = packages.filter_map(|package| package["rust_version"].as_str());
    let first = versions
        .next()
        .context("no rust-version in the workspace")?;
    Ok(versions
        .fold(first, |a, b| if parts(b) > parts(a) { b } else { a })
        .to_owned())
}

/// The numbers of a version such as `1.95` or `1.95.0-nightly`.
pub fn parts(version: &str) -> Vec<u64> {
    version
        .split(['.', '-'])
        .map_while(|part| part.parse().ok())
        .collect()
}

/// What a package asks of others: beside a dependency, or by a feature of its own.
fn asks(package: &Value) -> BTreeSet<(String, Kind)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut asks = BTreeSet::new();
    for need in list(&package["dependencies"]) {
        let kind = kind_of(&need["kind"]);
        for feature in list(&need["features"]) {
            if let (Some(name), Some(feature)) = (need["name"].as_str(), feature.as_str()) {
                asks.insert((format!("{name}/{feature}"), kind));
            }
        }
    }
    let own = package["features"].as_object();
    for feature in own.into_iter().flat_map(|own| own.values()).flat_map(list) {
        let feature = feature.as_str().filter(|feature| feature.contains('/'));
        asks.extend(feature.map(|feature| (feature.replace('?', ""), Kind::Normal)));
    }
    asks
}

fn kind_of(value: &Value) -> Kind {
    match value.as_str() {
        Some("dev") => Kind::Dev,
        _ => Kind::Normal,
    }
}

fn parse(json: &Value) -> Option<Graph> {
    let mut graph = Graph::default();
    for package in json["packages"].as_array()? {
        graph.packages.insert(
            package["id"].as_str()?.to_owned(),
            Package {
                name: package["name"].as_str()?.to_owned(),
                needs: BTreeSet::new(),
                asks: asks(package),
            },
        );
    }
    for id in json["workspace_members"].as_array()? {
        graph.members.insert(id.as_str()?.to_owned());
    }
    for node in json["resolve"]["nodes"].as_array()? {
        let package = graph.packages.get_mut(node["id"].as_str()?)?;
        for need in node["deps"].as_array()? {
            for kind in need["dep_kinds"].as_array()? {
                let kind = kind_of(&kind["kind"]);
                package
                    .needs
                    .insert((need["pkg"].as_str()?.to_owned(), kind));
            }
        }
    }
    Some(graph)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(parts("1.100.0") > parts("1.95"));
        assert!(parts("1.95.0-nightly") >= parts("1.95"));
        assert!(parts("1.85.1") < parts("1.95"));
    }

    #[test]
    fn the_graph_of_this_workspace_is_read() {
        let graph = graph().unwrap();
        let own = graph.member("xtask").unwrap();
        let names: Vec<_> = graph
            .built_into(own)
            .iter()
            .map(|id| &graph.packages[*id].name)
            .collect();
        assert!(names.iter().any(|name| *name == "serde_json"), "{names:?}");
        assert!(
            !names.iter().any(|name| *name == "protocol"),
            "a dev dependency is not built in: {names:?}"
        );
        let simulation = graph.member("simulation").unwrap();
        let asked = ("e2ee/second-suite".to_owned(), Kind::Normal);
        assert!(graph.packages[simulation].asks.contains(&asked));
    }
}
