//! What an operator or a test chooses.

use protocol::{Hash32, limits::Limits, methods::account::Stretching};

/// One hour in milliseconds.
pub(crate) const HOUR: u64 = 60 * 60 * 1000;

/// Who may invite, how often an invitation can be used, how long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitationPolicy {
    /// Only admins may invite.
    pub admins_only: bool,
    /// How often one invitation can be used.
    pub uses: u32,
    /// How long it can be used, in milliseconds.
    pub lifetime_ms: u64,
}

impl Default for InvitationPolicy {
    /// By admins, one use, seven days.
    fn default() -> Self {
        Self {
            admins_only: true,
            uses: 1,
            lifetime_ms: 7 * 24 * HOUR,
        }
    }
}

/// Configuration of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Addresses under which this server can be reached, `HOST:PORT`; invitations carry them.
    pub addresses: Vec<String>,
    /// SHA-256 of the certificate authority's certificate; invitations carry it.
    pub ca: Hash32,
    /// The least key stretching that registrations may use, and what unknown names are answered with.
    pub stretching_floor: Stretching,
    /// Invitations.
    pub invitations: InvitationPolicy,
    /// Failed sign-ins an hour for one name, and failed proofs of the passphrase an hour on one device.
    pub sign_ins_per_hour: u32,
    /// Failed sign-ins an hour from one address. Larger, because many people may share one.
    pub sign_ins_per_hour_per_address: u32,
    /// Wrong invitations and set-up codes an hour from one address.
    pub ticket_guesses_per_hour: u32,
    /// Key packages that one member may claim in an hour.
    pub claims_per_hour: u32,
    /// Key packages of one other member that one member may claim in an hour.
    pub claims_of_one_per_hour: u32,
    /// Requests for a new passphrase in the place of a forgotten one that one member may make in an hour.
    pub forgotten_per_hour: u32,
    /// How often one device that waits may ask for approval in an hour.
    pub approvals_per_hour: u32,
    /// Reset links that one admin may make in an hour.
    pub resets_per_hour: u32,
    /// Changes of names that one member may make in an hour.
    pub renames_per_hour: u32,
    /// Names and addresses that are remembered for the limits above.
    pub throttle_capacity: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addresses: Vec::new(),
            ca: Hash32::default(),
            stretching_floor: Stretching {
                memory_kib: 64 * 1024,
                passes: 3,
                lanes: 1,
            },
            invitations: InvitationPolicy::default(),
            sign_ins_per_hour: Limits::default().sign_ins_per_hour,
            sign_ins_per_hour_per_address: 10 * Limits::default().sign_ins_per_hour,
            ticket_guesses_per_hour: 30,
            claims_per_hour: 2000,
            claims_of_one_per_hour: 20,
            forgotten_per_hour: 10,
            approvals_per_hour: 60,
            resets_per_hour: 30,
            renames_per_hour: 30,
            throttle_capacity: 100_000,
        }
    }
}
