//! `cargo xtask sim`: the simulation, for longer than the tests run it.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::{cmd, setup};

/// Runs the tests of the crate `simulation`, with the bounds it reads from the environment.
pub fn run(bounds: &BTreeMap<String, u64>) -> Result<()> {
    setup::for_building()?;
    let args = [
        "test",
        "--profile",
        "fast",
        "--package",
        "simulation",
        "--",
        "--nocapture",
    ];
    let mut command = cmd::cargo(&args);
    for (option, variable) in [
        ("--seeds", "CHATALK_SIM_SEEDS"),
        ("--minutes", "CHATALK_SIM_MINUTES"),
    ] {
        if let Some(bound) = bounds.get(option) {
            command.env(variable, bound.to_string());
        }
    }
    cmd::run(&mut command)
}
