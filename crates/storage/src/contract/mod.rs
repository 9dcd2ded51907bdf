//! What every adapter must do, as tests to run on each: `storage::contract_tests!(fixture)`.
//!
//! `fixture` is a `fn() -> impl Fixture` that gives a new, empty database each time. The crate that runs them has
//! `tokio` with its macros.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)] // these are tests; they fail by panicking

pub mod accounts;
pub mod approval;
pub mod closing;
pub mod conversations;
pub mod key_packages;
pub mod logs;
pub mod names;
pub mod queues;
pub mod sizes_and_spent;
pub mod units;
pub mod vault_rules;
pub mod vaults;
pub mod ways_back;

use std::sync::Arc;

use protocol::{
    Bytes, ConversationId, DeviceId, Hash32, MemberId, MessageId,
    methods::{
        account::{OrganisationRole, Stretching},
        conversations::{Entry, kind},
    },
};

use crate::{
    Reader, Storage, StorageError, UnitOfWork, accounts::Account, accounts::Device,
    conversations::Conversation,
};

/// A database to test.
pub trait Fixture: Send + Sync {
    /// Opens it: at first empty, later with what is in it. What it gave before is dropped by then.
    fn open(&self) -> Arc<dyn Storage>;
    /// Units that may wait in its queue. Not asked where it works without one.
    fn queue(&self) -> usize;
}

/// Makes a test of each function of the contract. With `without_queue`, for adapters that do their work on the
/// caller's thread, those are left out that need something to go on at the same time.
#[macro_export]
macro_rules! contract_tests {
    ($fixture:ident) => {
        $crate::contract_tests!($fixture, without_queue);
        $crate::contract_tests!(@ $fixture, queues: a_full_queue_is_busy, a_reader_keeps_its_snapshot,
            given_up_units_are_whole, two_hundred_writers);
    };
    ($fixture:ident, without_queue) => {
        $crate::contract_tests!(@ $fixture, units: values_come_and_go, an_error_leaves_nothing,
            failures_in_a_crowd_leave_nothing, a_failed_statement_fails_its_unit, units_see_what_came_before,
            reopening_keeps_everything, reads_return_their_own_errors);
        $crate::contract_tests!(@ $fixture, accounts: accounts_are_kept, account_rows_are_unique,
            certificates_of_all_generations, a_rename_has_one_certificate, passphrases_are_replaced,
            recovery_keys_come_and_go,
            leaf_certificates_are_kept_once, devices, devices_are_listed, invitations,
            an_invitation_is_used_up_once);
        $crate::contract_tests!(@ $fixture, approval: approval_is_required_or_not, waiting_devices_come_and_go,
            a_closed_account_has_nobody_waiting);
        $crate::contract_tests!(@ $fixture, closing: members_are_suspended, roles_change, a_closed_account_leaves_nothing,
            a_closed_account_is_named_until_it_is_out);
        $crate::contract_tests!(@ $fixture, key_packages: key_packages_in_order, a_last_resort_stays,
            stale_key_packages_are_not_served, withdrawn_key_packages_are_gone,
            key_packages_are_unique_for_ever);
        $crate::contract_tests!(@ $fixture, sizes_and_spent: a_claimed_key_package_is_used_once,
            a_noted_key_package_is_used_once,
            a_last_resort_is_used_again, a_vault_knows_its_size, a_vault_grows_to_its_limit);
        $crate::contract_tests!(@ $fixture, names: found_by_any_word, found_in_any_script_and_case,
            found_in_order_and_limited, renamed_is_found_anew, wildcards_mean_nothing);
        $crate::contract_tests!(@ $fixture, vaults: records_come_and_go, a_manifest_lists_in_order, heads,
            vaults_are_apart, a_cleared_vault_keeps_its_heads);
        $crate::contract_tests!(@ $fixture, ways_back: requests_come_and_go, the_newest_successions_are_kept,
            reset_links_take_each_others_place, the_newest_reset_is_noted, the_admins);
        $crate::contract_tests!(@ $fixture, vault_rules: writes_are_compared_and_swapped,
            states_only_move_forward, a_head_is_needed_and_counted, deletes_are_compared,
            a_refused_write_changes_nothing, joining_drops_the_welcome, malformed_writes_are_refused,
            large_writes_are_refused);
        $crate::contract_tests!(@ $fixture, conversations: conversations_are_kept, conversations_are_unique,
            members_come_and_go, a_leaving_member_leaves_nothing, departures_are_noted, checkpoints, welcomes, repairs, receipts,
            nothing_is_found_in_unknown_conversations);
        $crate::contract_tests!(@ $fixture, logs: entries_come_back_as_they_were, expired_bodies_go, seq_is_gapless,
            seq_is_gapless_in_a_crowd, message_ids_are_unique, pages_end_where_they_should,
            only_commits, replacement_links_are_among_the_commits, complaints_are_found,
            a_restart_goes_on_in_the_log, one_commit_closes_an_epoch, transcripts, logs_are_apart);
    };
    (@ $fixture:ident, $group:ident: $($name:ident),*) => {
        mod $group {
            $(#[tokio::test]
            async fn $name() {
                $crate::contract::$group::$name(&super::$fixture()).await;
            })*
        }
    };
}

/// What units and reads of these tests return.
type Outcome<T = ()> = Result<T, StorageError>;

/// Runs a unit that must succeed.
async fn done<T: Send + 'static>(
    storage: &Arc<dyn Storage>,
    unit: impl FnOnce(&mut dyn UnitOfWork) -> Outcome<T> + Send + 'static,
) -> T {
    crate::write(&**storage, unit).await.unwrap()
}

/// Runs a unit that must fail on something unique, and returns what that is.
async fn conflict(
    storage: &Arc<dyn Storage>,
    unit: impl FnOnce(&mut dyn UnitOfWork) -> Outcome + Send + 'static,
) -> &'static str {
    match crate::write(&**storage, unit).await {
        Err(StorageError::Conflict { what }) => what,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

/// Runs a read that must succeed.
async fn seen<T: Send + 'static>(
    storage: &Arc<dyn Storage>,
    read: impl FnOnce(&dyn Reader) -> Outcome<T> + Send + 'static,
) -> T {
    crate::read(&**storage, read).await.unwrap()
}

fn member(n: u8) -> MemberId {
    MemberId([n; 16])
}

fn conversation(n: u8) -> ConversationId {
    ConversationId([n; 16])
}

fn hash(n: u8) -> Hash32 {
    Hash32([n; 32])
}

fn account(n: u8, login_name: &str, display_name: &str) -> Account {
    Account {
        member: member(n),
        login_name: login_name.to_owned(),
        skeleton: format!("skeleton of {login_name}"),
        display_name: display_name.to_owned(),
        role: OrganisationRole::Member,
        opaque_record: vec![n; 192],
        stretching: Stretching {
            memory_kib: 65_536,
            passes: 3,
            lanes: 1,
        },
        certificate: Bytes::from(vec![n; 200]),
        generation: 1,
        created: 1_700_000_000_000 + u64::from(n),
    }
}

fn device(n: u8, of: MemberId) -> Device {
    Device {
        device: DeviceId([n; 16]),
        member: of,
        name: format!("device {n} 📱"),
        signing_key: [n; 32],
        wrap_key: vec![n; 1216],
        created: 1000,
        last_seen: 2000,
        revoked: false,
    }
}

fn founded(n: u8) -> Conversation {
    Conversation {
        conversation: conversation(n),
        restart: 0,
        direct: None,
        epoch: 0,
        head_seq: 0,
        transcript: hash(0),
        created: 5,
    }
}

/// A message whose body is `size` bytes.
fn message(of: u8, seq: u64, size: usize) -> Entry {
    let mut id = [0u8; 16];
    id[..8].copy_from_slice(&seq.to_be_bytes());
    Entry {
        conversation: conversation(of),
        restart: 0,
        seq,
        kind: kind::MESSAGE,
        sender: member(1),
        epoch: 1,
        time: seq.saturating_add(1_700_000_000_000),
        expiry: 0,
        quiet: false,
        timed: false,
        message: Some(MessageId(id)),
        body_hash: hash(9),
        body: Some(Bytes::from(vec![seq as u8; size])),
        link: None,
    }
}

/// A commit that closes `epoch`.
fn commit(of: u8, seq: u64, epoch: u64) -> Entry {
    Entry {
        kind: kind::COMMIT,
        epoch,
        message: None,
        link: Some(Bytes::from_static(b"link")),
        ..message(of, seq, 10)
    }
}
