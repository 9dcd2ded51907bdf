//! The load test against a real server: a few members, a second each, and every figure is there.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use clap::Parser;
use loadtest::{Options, Report};

/// A running server; killed at the end.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(data: &std::path::Path, more: &[&str]) -> (Running, serde_json::Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatalk"));
    command.arg("serve").arg("--data").arg(data);
    command.args([
        "--listen",
        "127.0.0.1:0",
        "--local=off",
        "--print-json",
        "--test-stretching",
    ]);
    command.args(["--log", "warn"]).args(more);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let output = child.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    (Running(child), serde_json::from_str(&line).unwrap())
}

/// The options that point at this server.
fn options(told: &serde_json::Value, more: &[&str]) -> Options {
    let text = |key: &str| told[key].as_str().unwrap().to_owned();
    let server = format!("https://127.0.0.1:{}", told["port"]);
    let fixed = ["loadtest".to_owned(), "--server".to_owned(), server];
    let pin = ["--fingerprint".to_owned(), text("fingerprint")];
    let more = more.iter().map(ToString::to_string);
    Options::try_parse_from(fixed.into_iter().chain(pin).chain(more)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_gives_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let limit = [
        "--messages-per-second",
        "1000000",
        "--requests-per-second",
        "1000000",
        "--changes-per-second",
        "1000000",
    ];
    let (server, told) = start(&folder.path().join("data"), &limit);
    let (pid, json) = (
        server.0.id().to_string(),
        folder.path().join("figures.json"),
    );
    let (disk, json_path) = (folder.path().to_str().unwrap(), json.to_str().unwrap());
    let code = told["set_up_code"].as_str().unwrap();
    let sizes = "--seconds 1 --in-flight 4,8 --pairs 2 --group 6 --missed 250 --cores 2 --storm 12 --sessions 9 --conversations 3 --online 4";
    let mut more = vec!["--set-up-code", code, "--server-pid", &pid, "--disk", disk];
    more.extend([
        "--json",
        json_path,
        "--figure",
        "first, s=0.25",
        "--note",
        "small",
    ]);
    more.extend(sizes.split(' '));
    let report = loadtest::run(options(&told, &more)).await.unwrap();
    let table = report.table();

    let value = |load: &str, name: &str| {
        let found = report.value(load, name);
        found.unwrap_or_else(|| panic!("no {name} of {load}:\n{table}"))
    };
    assert_eq!(value("start", "first, s"), 0.25);
    assert_eq!(value("idle, 9 sessions", "members"), 9.0);
    assert!(value("idle, 9 sessions", "server, memory with the sessions, MB") > 1.0);
    for load in ["direct, 4 in flight", "direct, 8 in flight"] {
        assert_eq!(value(load, "sessions"), 4.0);
        let acknowledged = value(load, "acknowledged, messages/s");
        assert!(acknowledged > 0.0, "{table}");
        // each is delivered to its author and to the other; those on their way at the ends count for one or the other
        let delivered = value(load, "delivered, entries/s");
        assert!((delivered - 2.0 * acknowledged).abs() <= 40.0, "{table}");
        assert!(value(load, "server, CPU s per 1,000 messages") > 0.0);
        let (p50, max) = ("acknowledged after, p50, ms", "acknowledged after, max, ms");
        assert!(0.0 < value(load, p50) && value(load, p50) <= value(load, max));
    }
    for load in [
        "fan-out to 6 sessions, 10 messages/s",
        "fan-out to 6 sessions, 4 in flight",
    ] {
        assert!(value(load, "deliveries/s") > 0.0, "{table}");
        assert_eq!(value(load, "missing deliveries"), 0.0, "{table}");
    }
    let load = "catch-up, 2 client cores, 250 messages each";
    assert!(value(load, "fetched, checked and opened, messages/s") > 0.0);
    assert_eq!(value(load, "messages not opened"), 0.0, "{table}");
    assert!(
        value(
            "sign-out, 3 conversations",
            "all keys are changed after, max, ms"
        ) > 0.0
    );
    let load = "removal, 4 members online";
    assert!(
        value(load, "all are past it after, ms")
            >= value(load, "a member is past it after, max, ms")
    );
    assert!(value("reconnect-storm, 12 sessions", "sessions/s") > 0.0);

    assert!(table.contains("small") && table.contains("disk sync after p50 ms"));
    let written: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(
        written["figures"].as_array().unwrap().len(),
        report.figures.len()
    );
    assert_eq!(written["parameters"]["missed"], 250);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_does_not_allow_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (_server, told) = start(&data, &["--connections-per-address", "8"]);
    let code = told["set_up_code"].as_str().unwrap();
    let idle = [
        "--set-up-code",
        code,
        "--scenario",
        "idle",
        "--sessions",
        "9",
    ];
    assert!(
        refusal(&told, &idle)
            .await
            .contains("--connections-per-address 9")
    );
    // now there is a member: the code is used up
    assert!(refusal(&told, &idle).await.contains("give invitations"));
    let link = ["--invitation", "https://example.org/i#abc"];
    refusal(&told, &link).await;
    let mut stranger = told.clone();
    stranger["fingerprint"] = "ab".repeat(32).into();
    assert!(refusal(&stranger, &idle).await.contains("certificate"));
}

async fn refusal(told: &serde_json::Value, more: &[&str]) -> String {
    let result: Result<Report, _> = loadtest::run(options(told, more)).await;
    result.err().unwrap().to_string()
}
