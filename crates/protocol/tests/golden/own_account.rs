//! Golden frames of a member's own account: proof, passphrase, names, devices; and of key packages that are replaced.

use protocol::{
    events::{DevicesChanged, ForgottenChanged, PassphraseChanged, PersonChanged, RecoveryChanged},
    methods::{
        Done,
        account::{CheckReset, Recover, RegisterStart, ResetInfo, Ticket},
        own_account::{
            ApproveForgotten, AskForgotten, CancelForgotten, DeviceInfo, Devices, FinishPassphrase,
            ListDevices, Rename, Renamed, ReplaceRoot, ResetCreated, ResetMember, SetRecovery,
            SignOutDevices, SignedOutDevice, StartPassphrase, StartProof,
        },
        people::{FindPeople, PublishKeyPackages},
        vault::{RecordName, RecordPut, VaultWrite, kind},
    },
};

use crate::{
    cases::{Case, event, reply, request},
    samples as s,
};

/// A write of the records of which a member has one each.
fn writes(kinds: &[u8]) -> VaultWrite {
    let puts = kinds.iter().map(|kind| RecordPut {
        name: RecordName {
            kind: *kind,
            id: s::bytes(0, 0),
        },
        expected: 1,
        version: 2,
        bytes: s::bytes(*kind, 80),
    });
    VaultWrite {
        puts: puts.collect(),
        deletes: vec![],
        joined: vec![],
        ..s::vault_write()
    }
}

fn finish_passphrase() -> FinishPassphrase {
    FinishPassphrase {
        attempt: Some(4),
        ke3: Some(s::bytes(0x27, 64)),
        recovery: None,
        upload: s::bytes(0x23, 192),
        stretching: s::register_started().stretching_floor,
        certificate: None,
        approval: None,
        vault: writes(&[kind::WRAPS, kind::ROOT]),
    }
}

fn finish_passphrase_with_new_keys() -> FinishPassphrase {
    FinishPassphrase {
        certificate: Some(s::bytes(0x29, 90)),
        vault: writes(&[kind::WRAPS, kind::ROOT, kind::IDENTITY]),
        ..finish_passphrase()
    }
}

fn finish_passphrase_by_code() -> FinishPassphrase {
    FinishPassphrase {
        attempt: None,
        ke3: None,
        recovery: Some(s::bytes(0x2b, 64)),
        ..finish_passphrase()
    }
}

fn set_recovery() -> SetRecovery {
    SetRecovery {
        attempt: 6,
        ke3: s::bytes(0x27, 64),
        key: Some(s::bytes(0x2c, 32)),
        vault: writes(&[kind::WRAPS, kind::ROOT]),
    }
}

fn replace_root() -> ReplaceRoot {
    ReplaceRoot {
        upload: s::bytes(0x23, 192),
        stretching: s::register_started().stretching_floor,
        certificate: s::bytes(0x29, 90),
        succession: s::bytes(0x61, 90),
        vault: writes(&[kind::WRAPS, kind::ROOT, kind::IDENTITY]),
    }
}

fn rename() -> Rename {
    Rename {
        attempt: 5,
        ke3: s::bytes(0x27, 64),
        certificate: s::bytes(0x29, 90),
        vault: writes(&[kind::IDENTITY]),
    }
}

fn devices() -> Devices {
    let device = |first, name: &str| DeviceInfo {
        device: s::id(first),
        name: name.into(),
        created: s::TIME,
        last_seen: s::TIME + 3_600_000,
    };
    Devices {
        devices: vec![device(4, "Söner’s laptop"), device(5, "Phone 📱")],
        revoked: vec![s::id(6), s::id(7)],
        signed_out: vec![],
        forgotten: None,
        waiting: vec![],
    }
}

fn devices_with_those_signed_out() -> Devices {
    let device = |first, name: &str| SignedOutDevice {
        device: s::id(first),
        name: name.into(),
        created: s::TIME,
        signed_out: s::TIME + 60_000,
    };
    Devices {
        signed_out: vec![device(6, "Library, seat 4"), device(7, "Téléphone")],
        ..devices()
    }
}

pub fn cases() -> Vec<Case> {
    vec![
        request(
            "",
            StartProof {
                ke1: s::bytes(0x25, 96),
            },
        ),
        reply::<StartProof>("", s::sign_in_started()),
        request(
            "",
            StartPassphrase {
                request: s::bytes(0x21, 32),
            },
        ),
        reply::<StartPassphrase>("", s::register_started()),
        request("", finish_passphrase()),
        request("-new_keys", finish_passphrase_with_new_keys()),
        request("-by_code", finish_passphrase_by_code()),
        request(
            "-approval",
            FinishPassphrase {
                approval: Some(true),
                vault: writes(&[kind::WRAPS, kind::ROOT, kind::APPROVAL]),
                ..finish_passphrase()
            },
        ),
        reply::<FinishPassphrase>("", s::vault_written()),
        request("", set_recovery()),
        request(
            "-removed",
            SetRecovery {
                key: None,
                ..set_recovery()
            },
        ),
        reply::<SetRecovery>("", s::vault_written()),
        request(
            "",
            Recover {
                login_name: "söner".into(),
                device: s::sign_in_finish().device,
                proof: s::bytes(0x2a, 64),
            },
        ),
        reply::<Recover>("", s::signed_in()),
        request("", rename()),
        reply::<Rename>(
            "",
            Renamed {
                certificate: s::bytes(0x29, 90),
                head: 41,
            },
        ),
        request("", AskForgotten {}),
        reply::<AskForgotten>("", s::forgotten(None)),
        reply::<AskForgotten>("-approved", s::forgotten(Some(s::TIME + 60_000))),
        request(
            "",
            ApproveForgotten {
                member: None,
                device: s::id(4),
            },
        ),
        request(
            "-by_admin",
            ApproveForgotten {
                member: Some(s::id(2)),
                device: s::id(4),
            },
        ),
        reply::<ApproveForgotten>("", Done {}),
        request("", CancelForgotten {}),
        reply::<CancelForgotten>("", Done {}),
        request("", replace_root()),
        reply::<ReplaceRoot>("", s::vault_written()),
        request(
            "",
            ResetMember {
                member: s::id(2),
                secret_hash: s::hash(0x55),
            },
        ),
        reply::<ResetMember>(
            "",
            ResetCreated {
                expires: s::TIME + 86_400_000,
                addresses: vec!["chat.example:7443".into()],
            },
        ),
        request(
            "",
            CheckReset {
                secret: s::bytes(0x2d, 16),
            },
        ),
        reply::<CheckReset>(
            "",
            ResetInfo {
                organisation: "Newsroom".into(),
                certificate: s::bytes(0x29, 90),
                head: s::bytes(0x2e, 80),
                expires: s::TIME + 86_400_000,
            },
        ),
        request(
            "-reset",
            RegisterStart {
                ticket: Ticket::Reset {
                    secret: s::bytes(0x2d, 16),
                },
                member: s::id(2),
                request: s::bytes(0x21, 32),
            },
        ),
        reply::<FindPeople>("-ways_back", s::people_with_ways_back()),
        reply::<ListDevices>(
            "-forgotten",
            Devices {
                forgotten: Some(s::forgotten(None)),
                ..devices()
            },
        ),
        event("", ForgottenChanged { member: s::id(2) }),
        request("", ListDevices {}),
        reply::<ListDevices>("", devices()),
        reply::<ListDevices>("-signed_out", devices_with_those_signed_out()),
        request(
            "",
            SignOutDevices {
                devices: vec![s::id(6), s::id(7)],
            },
        ),
        reply::<SignOutDevices>("", Done {}),
        request(
            "-withdraw_all",
            PublishKeyPackages {
                packages: s::key_packages(),
                vault: s::vault_write(),
                withdraw_all: true,
            },
        ),
        event("", DevicesChanged {}),
        event("", PassphraseChanged { time: s::TIME }),
        event("", RecoveryChanged { time: s::TIME }),
        event("", PersonChanged { member: s::id(2) }),
    ]
}
