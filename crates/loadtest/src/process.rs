//! What the server's process used, from `/proc`.

use std::fs;

use crate::{
    error::Error,
    figures::Figures,
    machine::{field, kilobytes},
};

/// A process on this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Processor time so far in seconds, of all its threads, in user and system mode (proc_pid_stat(5), fields 14
    /// and 15).
    pub(crate) fn cpu(self) -> Result<f64, Error> {
        let path = format!("/proc/{}/stat", self.0);
        let stat = fs::read_to_string(&path).map_err(Error::io(&path))?;
        let ticks = ticks(&stat).ok_or_else(|| {
            Error::io(path)(std::io::Error::from(std::io::ErrorKind::InvalidData))
        })?;
        Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
    }

    /// Resident memory in KB.
    pub(crate) fn resident_kb(self) -> Result<u64, Error> {
        let path = format!("/proc/{}/status", self.0);
        let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
        field(&path, "VmRSS")
            .and_then(|text| kilobytes(&text))
            .ok_or_else(|| Error::io(path)(missing()))
    }
}

/// User and system time out of a line of `/proc/PID/stat`. The name in brackets may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Processor time that the server used since this was made; nothing without a process to look at.
pub(crate) struct Meter {
    process: Option<Process>,
    before: f64,
}

impl Meter {
    pub(crate) fn start(process: Option<Process>) -> Result<Self, Error> {
        let before = process.map_or(Ok(0.0), Process::cpu)?;
        Ok(Self { process, before })
    }

    /// Seconds since the start.
    pub(crate) fn read(&self) -> Result<Option<f64>, Error> {
        let now = self.process.map(Process::cpu).transpose()?;
        Ok(now.map(|now| now - self.before))
    }
}

/// `seconds` of processor time for `count` of something.
pub(crate) fn cpu_per_thousand(
    figures: &mut Figures<'_>,
    seconds: Option<f64>,
    of: &str,
    count: usize,
) {
    if let Some(seconds) = seconds
        && count > 0
    {
        let each = seconds * 1000.0 / count as f64;
        figures.add(&format!("server, CPU s per 1,000 {of}"), each);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_past_any_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 17 0 0 20 0 4 0 99 1 2";
        assert_eq!(ticks(stat), Some(267));
        assert_eq!(ticks("7 (a) S 1"), None);
    }

    #[test]
    fn this_process_uses_memory_and_time() {
        let own = Process(std::process::id());
        assert!(own.resident_kb().unwrap() > 100);
        let meter = Meter::start(Some(own)).unwrap();
        while own.cpu().unwrap() <= meter.before {
            std::hint::black_box(own.resident_kb().unwrap());
        }
        assert!(meter.read().unwrap().unwrap() > 0.0);
        assert!(Process(0).cpu().is_err());
        assert_eq!(Meter::start(None).unwrap().read().unwrap(), None);
    }
}
