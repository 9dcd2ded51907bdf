//! What it was measured on.

use std::{fs, io::Write, path::Path};

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{error::Error, figures::Durations};

/// Writes that are synced one after the other to learn how fast the disk is.
const PROBES: usize = 200;
/// Bytes of each: a page of a database.
const PROBE_BYTES: usize = 4096;

/// Cores, processor, memory, system.
pub(crate) fn describe(server_pid: Option<u32>) -> Value {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let mut machine = json!({
        "processor": field("/proc/cpuinfo", "model name").unwrap_or_default(),
        "cores": cpus(),
        "cores_of_the_load_test": cores,
        "memory_mb": field("/proc/meminfo", "MemTotal").and_then(|kb| kilobytes(&kb)).unwrap_or(0) / 1024,
        "system": read("/proc/sys/kernel/osrelease"),
    });
    if let Some(pid) = server_pid {
        let allowed = field(&format!("/proc/{pid}/status"), "Cpus_allowed_list");
        machine["cores_of_the_server"] = json!(allowed.unwrap_or_default());
    }
    machine
}

/// Adds how long the disk of `folder` takes to sync at this moment, and how busy the machine is: what else runs there
/// changes both, so they are read before and after the test.
pub(crate) fn moment(machine: &mut Value, when: &str, folder: &Path) -> Result<(), Error> {
    machine[format!("load_average_{when}")] =
        json!(read("/proc/loadavg").split(' ').next().unwrap_or_default());
    let mut sync = probe_disk(folder)?;
    machine[format!("disk_sync_{when}_p50_ms")] = json!(rounded(sync.quantile(0.5)));
    machine[format!("disk_sync_{when}_p99_ms")] = json!(rounded(sync.quantile(0.99)));
    Ok(())
}

fn rounded(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

fn read(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn cpus() -> usize {
    let info = read("/proc/cpuinfo");
    info.lines()
        .filter(|line| line.starts_with("processor"))
        .count()
}

/// The value after `name:` in a file of such lines.
pub(crate) fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

/// The number in `1234 kB`.
pub(crate) fn kilobytes(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

fn probe_disk(folder: &Path) -> Result<Durations, Error> {
    let path = folder.join(format!("loadtest-disk-{}", std::process::id()));
    let what = || format!("measuring the disk at {}", folder.display());
    let mut file = fs::File::create(&path).map_err(Error::io(what()))?;
    let mut took = Durations::default();
    let page = [0x5a; PROBE_BYTES];
    for _ in 0..PROBES {
        let begun = Instant::now();
        let written = file.write_all(&page).and_then(|()| file.sync_all());
        took.add(begun.elapsed());
        if let Err(error) = written {
            // the error to tell is the first one
            let _ = fs::remove_file(&path);
            return Err(Error::io(what())(error));
        }
    }
    fs::remove_file(&path).map_err(Error::io(what()))?;
    Ok(took)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_described_and_nothing_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut machine = describe(Some(std::process::id()));
        moment(&mut machine, "before", folder.path()).unwrap();
        assert!(machine["cores"].as_u64().unwrap() >= 1);
        assert!(machine["memory_mb"].as_u64().unwrap() > 0);
        assert!(machine["disk_sync_before_p99_ms"].as_f64().unwrap() > 0.0);
        assert_ne!(machine["cores_of_the_server"], "");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(moment(&mut machine, "after", Path::new("/does/not/exist")).is_err());
    }
}
