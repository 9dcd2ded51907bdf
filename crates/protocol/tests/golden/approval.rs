//! Golden frames of approvals of sign-ins.

use protocol::{
    events::ApprovalChanged,
    methods::{
        Done,
        account::{SignInFinish, SignedIn},
        approval::{
            ApprovalAsked, ApprovalClaim, ApprovalState, AskApproval, ClaimApproval, DenyApproval,
            GetApproval, GiveUpApproval, GrantApproval, RevealApproval, WaitingDevice,
        },
        own_account::{Devices, ListDevices},
    },
};

use crate::{
    cases::{Case, event, reply, request},
    samples as s,
};

fn state() -> ApprovalState {
    ApprovalState {
        waiting: true,
        lapses: Some(s::TIME + 900_000),
        commitment: Some(s::hash(0x71)),
        claim: None,
        sealed: None,
    }
}

fn waiting() -> WaitingDevice {
    WaitingDevice {
        device: s::id(8),
        name: "Library, seat 4".into(),
        asked: s::TIME,
        lapses: s::TIME + 900_000,
        signing_key: s::bytes(0x73, 32),
        wrap_key: s::bytes(0x74, 40),
        commitment: Some(s::hash(0x71)),
        claimed_by: None,
        revealed: None,
    }
}

fn listed(waiting: WaitingDevice) -> Devices {
    Devices {
        devices: vec![],
        revoked: vec![],
        signed_out: vec![],
        forgotten: None,
        waiting: vec![waiting],
    }
}

pub fn cases() -> Vec<Case> {
    let commitment = s::hash(0x71);
    let device = s::id(8);
    let claim = ApprovalClaim {
        by: s::id(4),
        nonce: s::hash(0x72),
        until: s::TIME + 120_000,
    };
    let claimed = ApprovalState {
        claim: Some(claim),
        ..state()
    };
    let let_in = ApprovalState {
        waiting: false,
        lapses: None,
        commitment: None,
        claim: None,
        sealed: Some(s::bytes(0x75, 100)),
    };
    let shown = WaitingDevice {
        claimed_by: Some(s::id(4)),
        revealed: Some(s::hash(0x76)),
        ..waiting()
    };
    let nonce = s::hash(0x72);
    vec![
        reply::<SignInFinish>(
            "-waiting",
            SignedIn {
                waiting: true,
                ..s::signed_in()
            },
        ),
        request("", AskApproval { commitment }),
        reply::<AskApproval>(
            "",
            ApprovalAsked {
                lapses: s::TIME + 900_000,
            },
        ),
        request("", GetApproval {}),
        reply::<GetApproval>("", state()),
        reply::<GetApproval>("-claimed", claimed),
        reply::<GetApproval>("-let_in", let_in),
        request("", RevealApproval { nonce }),
        reply::<RevealApproval>("", Done {}),
        request(
            "",
            ClaimApproval {
                device,
                commitment,
                nonce,
            },
        ),
        reply::<ClaimApproval>("", Done {}),
        request("", GiveUpApproval { device }),
        reply::<GiveUpApproval>("", Done {}),
        request(
            "",
            GrantApproval {
                device,
                commitment,
                sealed: s::bytes(0x75, 100),
            },
        ),
        reply::<GrantApproval>("", Done {}),
        request("", DenyApproval { device }),
        reply::<DenyApproval>("", Done {}),
        reply::<ListDevices>("-waiting", listed(waiting())),
        reply::<ListDevices>("-waiting_claimed", listed(shown)),
        event("", ApprovalChanged { device }),
    ]
}
