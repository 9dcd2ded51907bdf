//! `cargo xtask layers`: crates depend downward only, by the table in `table.rs`.

mod table;

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::metadata::{self, Graph, Kind, Package};
use table::{FOR_TESTS, Free, LAYERS, Layer};

/// Fails with a list of the dependencies that the table doesn't allow.
pub fn run() -> Result<()> {
    let graph = metadata::graph()?;
    let mut wrong = violations(&graph, LAYERS);
    wrong.extend(asked_for(&graph, FOR_TESTS));
    if !wrong.is_empty() {
        bail!(
            "{} against xtask/src/layers/table.rs:\n  {}",
            wrong.len(),
            wrong.join("\n  ")
        );
    }
    println!("{} crates depend downward only", graph.members.len());
    Ok(())
}

fn violations(graph: &Graph, table: &[Layer]) -> Vec<String> {
    let mut wrong = Vec::new();
    for id in &graph.members {
        let Some(package) = graph.packages.get(id) else {
            continue;
        };
        match table.iter().find(|layer| layer.name == package.name) {
            None => wrong.push(format!(
                "`{}` has no line: say where it stands and why",
                package.name
            )),
            Some(layer) => {
                upward(graph, package, layer, &mut wrong);
                foreign(graph, id, package, layer, &mut wrong);
            }
        }
    }
    for layer in table {
        if graph.member(layer.name).is_none() {
            wrong.push(format!(
                "`{}` has a line but is no crate of the workspace",
                layer.name
            ));
        }
    }
    wrong
}

/// Crates of the workspace that are built with features which are for tests alone.
fn asked_for(graph: &Graph, for_tests: &[(&str, &[&str])]) -> Vec<String> {
    let members = graph.members.iter().filter_map(|id| graph.packages.get(id));
    let mut wrong = Vec::new();
    for package in members {
        for (feature, by) in for_tests {
            let asks = package
                .asks
                .contains(&((*feature).to_owned(), Kind::Normal));
            if asks && !by.contains(&package.name.as_str()) {
                let name = &package.name;
                wrong.push(format!(
                    "`{name}` must not ask for `{feature}`: it is for tests alone"
                ));
            }
        }
    }
    wrong
}

/// Crates of the workspace that `package` may not use.
fn upward(graph: &Graph, package: &Package, layer: &Layer, wrong: &mut Vec<String>) {
    for (need, kind) in &package.needs {
        let Some(used) = graph
            .packages
            .get(need)
            .filter(|_| graph.members.contains(need))
        else {
            continue;
        };
        let used = used.name.as_str();
        let in_tests = *kind == Kind::Dev;
        let allowed = layer.uses.contains(&used) || (in_tests && layer.tests_use.contains(&used));
        if !allowed {
            let how = if in_tests { "tests of " } else { "" };
            wrong.push(format!(
                "{how}`{}` must not use `{used}`: {}",
                layer.name, layer.why
            ));
        }
    }
}

/// Crates from elsewhere that `package` must do without.
fn foreign(graph: &Graph, id: &str, package: &Package, layer: &Layer, wrong: &mut Vec<String>) {
    let built_in: BTreeSet<&str> = match layer.free_of {
        Free::Any => return,
        Free::Io => graph.built_into(id),
        Free::Adapters => {
            let direct = package
                .needs
                .iter()
                .filter(|(_, kind)| *kind == Kind::Normal);
            direct.map(|(need, _)| need.as_str()).collect()
        }
    };
    for need in built_in {
        let Some(used) = graph.packages.get(need) else {
            continue;
        };
        if layer.free_of.forbidden().contains(&used.name.as_str()) {
            wrong.push(format!(
                "`{}` must do without `{}`: {}",
                layer.name, used.name, layer.why
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph whose package ids are their names; `members` belong to the workspace.
    fn graph(members: &[&str], needs: &[(&str, &str, Kind)]) -> Graph {
        let mut graph = Graph::default();
        let names = needs.iter().flat_map(|(from, to, _)| [*from, *to]);
        for name in members.iter().copied().chain(names) {
            let package = Package {
                name: name.to_owned(),
                needs: BTreeSet::new(),
                asks: BTreeSet::new(),
            };
            graph.packages.entry(name.to_owned()).or_insert(package);
        }
        for (from, to, kind) in needs {
            let package = graph.packages.get_mut(*from).unwrap();
            package.needs.insert(((*to).to_owned(), *kind));
        }
        graph.members = members.iter().map(ToString::to_string).collect();
        graph
    }

    fn layer(name: &'static str, uses: &'static [&'static str], free_of: Free) -> Layer {
        Layer {
            name,
            uses,
            tests_use: &["low"],
            free_of,
            why: "because",
        }
    }

    #[test]
    fn an_entry_is_built_from_entries_above_it() {
        for (place, layer) in LAYERS.iter().enumerate() {
            let is_above = |name: &str| LAYERS[..place].iter().any(|above| above.name == name);
            let is_known = |name: &str| LAYERS.iter().any(|other| other.name == name);
            for used in layer.uses {
                assert!(is_above(used), "{} is built from {used}", layer.name);
                assert!(
                    !layer.tests_use.contains(used),
                    "{} lists {used} twice",
                    layer.name
                );
            }
            for used in layer.tests_use {
                assert!(
                    is_known(used) && *used != layer.name,
                    "tests of {} use {used}",
                    layer.name
                );
            }
        }
    }

    #[test]
    fn services_never_import_each_other() {
        let services = ["accounts", "vault", "conversations"];
        for layer in LAYERS.iter().filter(|layer| services.contains(&layer.name)) {
            let mut used = layer.uses.iter().chain(layer.tests_use);
            assert!(!used.any(|used| services.contains(used)), "{}", layer.name);
        }
    }

    #[test]
    fn what_the_table_does_not_allow_is_told_with_the_reason() {
        let table = [layer("low", &[], Free::Any), layer("high", &[], Free::Any)];
        let members = ["low", "high"];
        let down = graph(&members, &[("high", "low", Kind::Dev)]);
        assert_eq!(violations(&down, &table), Vec::<String>::new());

        let built_in = graph(&members, &[("high", "low", Kind::Normal)]);
        assert_eq!(
            violations(&built_in, &table),
            ["`high` must not use `low`: because"]
        );

        let up = graph(&members, &[("low", "high", Kind::Dev)]);
        assert_eq!(
            violations(&up, &table),
            ["tests of `low` must not use `high`: because"]
        );
    }

    #[test]
    fn what_is_for_tests_alone_is_in_no_program() {
        let mut graph = graph(&["low", "high", "play"], &[("play", "low", Kind::Normal)]);
        let for_tests: &[(&str, &[&str])] = &[("low/more", &["play"])];
        let mut ask = |name: &str, kind| {
            let package = graph.packages.get_mut(name).unwrap();
            package.asks.insert(("low/more".to_owned(), kind));
            asked_for(&graph, for_tests)
        };
        assert_eq!(ask("play", Kind::Normal), Vec::<String>::new());
        assert_eq!(ask("high", Kind::Dev), Vec::<String>::new());
        let wrong = ask("high", Kind::Normal);
        assert_eq!(
            wrong,
            ["`high` must not ask for `low/more`: it is for tests alone"]
        );
    }

    #[test]
    fn table_and_workspace_must_name_the_same_crates() {
        let table = [layer("low", &[], Free::Any)];
        assert!(violations(&graph(&["low", "new"], &[]), &table)[0].contains("`new` has no line"));
        assert!(violations(&graph(&[], &[]), &table)[0].contains("`low` has a line"));
    }

    #[test]
    fn input_and_output_are_found_behind_other_crates() {
        let table = [
            layer("low", &[], Free::Io),
            layer("port", &[], Free::Adapters),
        ];
        let needs = [
            ("low", "middle", Kind::Normal),
            ("middle", "tokio", Kind::Normal),
            ("low", "axum", Kind::Dev),
            ("port", "rusqlite", Kind::Normal),
            ("port", "middle", Kind::Normal),
        ];
        let wrong = violations(&graph(&["low", "port"], &needs), &table);
        assert_eq!(
            wrong,
            [
                "`low` must do without `tokio`: because",
                "`port` must do without `rusqlite`: because"
            ]
        );
    }
}
