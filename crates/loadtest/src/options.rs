//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use client_native::{Pin, ServerAddress};

/// Measures a running ChaTalk server. It registers members there: use an instance made for it.
#[derive(Parser, Debug, Clone)]
#[command(version)]
pub struct Options {
    /// Where the server is: https://HOST:PORT.
    #[arg(long, value_name = "URL")]
    pub server: ServerAddress,
    /// Fingerprint of its certificate authority: 64 hexadecimal digits, or its six words.
    #[arg(long, value_name = "HEX")]
    pub fingerprint: Pin,
    /// Set-up code of an instance without members: as many are registered as are needed.
    #[arg(long, value_name = "CODE", required_unless_present = "invitation")]
    pub set_up_code: Option<String>,
    /// Link of an invitation; each gives one member.
    #[arg(
        long,
        value_name = "LINK",
        num_args = 1..,
        conflicts_with = "set_up_code"
    )]
    pub invitation: Vec<String>,
    /// What to measure; all of it when not given.
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    pub scenario: Vec<Scenario>,
    /// Writes the result as JSON there.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Process id of the server on this machine: its processor time and memory are read from /proc.
    #[arg(long, value_name = "PID")]
    pub server_pid: Option<u32>,
    /// Folder on the disk that the server writes to: how long it takes to sync is measured there.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub disk: PathBuf,
    /// A figure measured by who calls, to stand in the result.
    #[arg(long, value_name = "NAME=VALUE")]
    pub figure: Vec<String>,
    /// A remark on how it was measured, to stand in the result.
    #[arg(long, value_name = "TEXT")]
    pub note: Vec<String>,
    /// How long each load is kept up and measured (seconds), after a warm-up of a fifth of it.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub seconds: u32,
    /// Bytes of text in a message, before sealing and padding.
    #[arg(long, default_value_t = 100)]
    pub text_bytes: usize,
    /// direct: messages that wait for their acknowledgement at the same time, in total.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [50, 400])]
    pub in_flight: Vec<usize>,
    /// direct: pairs at most; with fewer members than messages in flight, each has several.
    #[arg(long, default_value_t = 200)]
    pub pairs: usize,
    /// fan-out: members of the group, each with one session.
    #[arg(long, default_value_t = 100)]
    pub group: usize,
    /// fan-out: messages of its author that wait for their acknowledgement at the same time.
    #[arg(long, default_value_t = 4)]
    pub group_in_flight: usize,
    /// catch-up: messages that were missed.
    #[arg(long, default_value_t = 1000)]
    pub missed: usize,
    /// catch-up: client cores that do so at the same time.
    #[arg(long, default_value_t = 4)]
    pub cores: usize,
    /// sign-out: conversations whose keys are changed.
    #[arg(long, default_value_t = 200)]
    pub conversations: usize,
    /// removal: members of the group, each with one client core that is online.
    #[arg(long, default_value_t = 50)]
    pub online: usize,
    /// reconnect-storm: sessions.
    #[arg(long, default_value_t = 1000)]
    pub storm: usize,
    /// idle: sessions.
    #[arg(long, default_value_t = 2000)]
    pub sessions: usize,
    /// idle: members that have these sessions; each has one when not given, and no other memory is in the way when it is
    /// a few.
    #[arg(long, value_name = "N")]
    pub idle_members: Option<usize>,
}

/// What can be measured.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Memory of the server for sessions that do nothing.
    Idle,
    /// Pairs write to each other as fast as they are acknowledged.
    Direct,
    /// One message to many sessions.
    FanOut,
    /// Real client cores fetch, check and open what they missed.
    CatchUp,
    /// A member signs a lost device out, and all keys that it had are changed.
    SignOut,
    /// Somebody is removed from a group whose members are all online.
    Removal,
    /// All sessions are cut at once and come back.
    ReconnectStorm,
}

impl Scenario {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Direct => "direct",
            Self::FanOut => "fan-out",
            Self::CatchUp => "catch-up",
            Self::SignOut => "sign-out",
            Self::Removal => "removal",
            Self::ReconnectStorm => "reconnect-storm",
        }
    }
}

impl Options {
    /// What is to be measured, in the order in which it is: idle sessions first, while the server's memory is fresh.
    #[must_use]
    pub fn scenarios(&self) -> Vec<Scenario> {
        let all = Scenario::value_variants().iter().copied();
        all.filter(|scenario| self.scenario.is_empty() || self.scenario.contains(scenario))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(more: &[&str]) -> Result<Options, clap::Error> {
        let fingerprint = "ab".repeat(32);
        let fixed = [
            "loadtest",
            "--server",
            "https://[::1]:7443",
            "--fingerprint",
        ];
        let fixed = fixed.into_iter().chain([fingerprint.as_str()]);
        Options::try_parse_from(fixed.chain(more.iter().copied()))
    }

    #[test]
    fn scenarios_run_in_one_order_however_they_are_given() {
        let options = parse(&["--set-up-code", "x", "--scenario", "direct,idle"]).unwrap();
        assert_eq!(options.scenarios(), [Scenario::Idle, Scenario::Direct]);
        let all = parse(&["--set-up-code", "x"]).unwrap();
        assert_eq!(all.scenarios().len(), 7);
        assert_eq!(all.in_flight, [50, 400]);
    }

    #[test]
    fn members_come_from_a_code_or_from_invitations() {
        assert!(parse(&[]).is_err());
        assert!(parse(&["--set-up-code", "x", "--invitation", "y"]).is_err());
        let links = parse(&["--invitation", "a", "b", "--invitation", "c"]).unwrap();
        assert_eq!(links.invitation, ["a", "b", "c"]);
        assert!(parse(&["--set-up-code", "x", "--scenario", "nothing"]).is_err());
        assert!(parse(&["--set-up-code", "x", "--seconds", "0"]).is_err());
    }
}
