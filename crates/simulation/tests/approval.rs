//! Stories of sign-ins that another device of the member has to let in: how it goes, who may not, and what crashes, races and
//! lost connections do to it.
#![allow(clippy::unwrap_used)]

use client::{
    Command, Doing, Failure, Update,
    view::{ApprovalStep, WaitingSignIn},
};
use e2ee::{
    passphrase::{Passphrase, prepare},
    recovery::RecoveryCode,
};
use protocol::{DeviceId, ErrorCode};
use rand::SeedableRng;
use simulation::{
    play::Play,
    story::{command, direct, failed, fresh_device, pass, say, say_on, story},
};

const MINUTE: u64 = 60_000;

fn new_one(n: u8) -> Passphrase {
    prepare(&format!("tired violin market {n}")).unwrap()
}

/// Approval is needed from now on, or no longer; with this passphrase.
async fn require(play: &mut Play, device: usize, required: bool, new: Passphrase) {
    let old = play.members[0].passphrase.clone();
    play.members[0].keys_changed = true;
    play.members[0].passphrase = new.clone();
    let set = Command::SetApproval { old, new, required };
    command(play, device, set).await;
    pass(&mut play.world, MINUTE).await;
    let updates = &play.world.devices[device].updates;
    assert!(
        updates.contains(&Update::Done(Doing::ChangingPassphrase)),
        "{updates:?}"
    );
    assert_eq!(play.world.engine(device).approvals().required, required);
}

/// Two members who talk, and the first one wants approval: (play, the first one's device, the conversation).
async fn begin(seed: u64) -> (Play, usize, protocol::ConversationId) {
    let mut play = Play::begin(seed, 2).await;
    let id = direct(&mut play, 0, 1).await;
    say(&mut play, 0, id, "before").await;
    let a = play.members[0].devices[0];
    require(&mut play, a, true, new_one(0)).await;
    (play, a, id)
}

/// A fresh device of the first member signs in, and waits.
async fn sign_in(play: &mut Play) -> usize {
    let device = play.world.add_device(0).await;
    let sign_in = Command::SignIn {
        login_name: play.members[0].name.clone(),
        passphrase: play.members[0].passphrase.clone(),
        device_name: "a fresh device".to_owned(),
    };
    play.world.command(device, sign_in).await;
    pass(&mut play.world, 5_000).await;
    device
}

fn code_on_new(play: &Play, device: usize) -> Option<String> {
    play.world.engine(device).sign_in_approval()?.code
}

fn is_waiting(play: &Play, device: usize) -> bool {
    let engine = play.world.engine(device);
    engine.sign_in_approval().is_some() && engine.me().is_none()
}

fn is_in(play: &Play, device: usize) -> bool {
    play.world.engine(device).me().is_some()
}

/// The one sign-in that waits, as a device of the member shows it.
fn shown(play: &Play, device: usize) -> Option<WaitingSignIn> {
    let mut waiting = play.world.engine(device).approvals().waiting;
    assert!(waiting.len() <= 1, "{waiting:?}");
    waiting.pop()
}

fn waiting_id(play: &Play, device: usize) -> DeviceId {
    shown(play, device).unwrap().device
}

/// Shows the code on a device of the member.
async fn claim(play: &mut Play, by: usize) -> Option<String> {
    let device = waiting_id(play, by);
    command(play, by, Command::ClaimApproval { device }).await;
    match shown(play, by)?.step {
        ApprovalStep::Code(code) => Some(code),
        _ => None,
    }
}

/// A person with both devices lets the new one in.
async fn let_in(play: &mut Play, by: usize, new: usize) {
    let code = claim(play, by).await;
    assert!(code.is_some());
    assert_eq!(code, code_on_new(play, new), "both show the same");
    let device = waiting_id(play, by);
    command(play, by, Command::GrantApproval { device }).await;
    pass(&mut play.world, MINUTE).await;
    assert!(is_in(play, new), "{:?}", play.world.devices[new].updates);
    play.members[0].devices.push(new);
}

fn not_let_in(play: &Play, device: usize) -> bool {
    let refused = |u: &Update| {
        matches!(
            u,
            Update::Failed {
                failure: Failure::NotLetIn,
                ..
            }
        )
    };
    play.world.devices[device].updates.iter().any(refused)
}

#[test]
fn a_device_is_let_in_by_another_and_reads_everything() {
    story(async {
        let (mut play, a, id) = begin(600).await;
        let b = sign_in(&mut play).await;
        assert!(is_waiting(&play, b));
        assert_eq!(shown(&play, a).unwrap().step, ApprovalStep::Asked);
        let listed = play.world.engine(a).approvals().waiting;
        assert_eq!(listed[0].name, "a fresh device");
        let_in(&mut play, a, b).await;
        assert_eq!(shown(&play, a), None);
        assert!(play.world.engine(a).notices().is_empty(), "it knows of it");
        assert!(play.world.engine(b).approvals().required);
        say_on(&mut play, 0, b, id, "from the new one").await;
        // and the new one lets others in
        let c = sign_in(&mut play).await;
        let_in(&mut play, b, c).await;
        assert_eq!(play.world.engine(a).notices().len(), 1);
        require(&mut play, c, false, new_one(0)).await;
        play.heal_and_check().await;
    });
}

#[test]
fn a_sign_in_that_is_refused_ends_and_has_seen_nothing() {
    story(async {
        let (mut play, a, _) = begin(601).await;
        let b = sign_in(&mut play).await;
        let device = waiting_id(&play, a);
        command(&mut play, a, Command::DenyApproval { device }).await;
        pass(&mut play.world, MINUTE).await;
        assert!(not_let_in(&play, b) && !is_in(&play, b) && !is_waiting(&play, b));
        assert_eq!(shown(&play, a), None);
        assert!(
            play.world.engine(a).notices().is_empty(),
            "it never was signed in"
        );
        // after the codes were shown as well
        let c = sign_in(&mut play).await;
        assert!(claim(&mut play, a).await.is_some());
        let device = waiting_id(&play, a);
        command(&mut play, a, Command::DenyApproval { device }).await;
        pass(&mut play.world, MINUTE).await;
        assert!(not_let_in(&play, c));
        command(&mut play, a, Command::GrantApproval { device }).await;
        let gone = Update::Failed {
            doing: Doing::LettingIn,
            failure: Failure::NoRequest,
        };
        assert!(play.world.devices[a].updates.contains(&gone));
    });
}

#[test]
fn who_gives_up_waiting_is_gone_at_once_and_nobody_waits_for_ever() {
    story(async {
        let (mut play, a, _) = begin(602).await;
        let b = sign_in(&mut play).await;
        command(&mut play, b, Command::CancelSignIn).await;
        assert!(!is_waiting(&play, b));
        assert_eq!(shown(&play, a), None);
        // the same device may try again
        let again = sign_in(&mut play).await;
        assert!(shown(&play, a).is_some());
        pass(&mut play.world, 16 * MINUTE).await;
        assert!(not_let_in(&play, again));
        command(&mut play, a, Command::ListDevices).await;
        assert_eq!(shown(&play, a), None);
        // at most four wait: the newest
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(sign_in(&mut play).await);
        }
        pass(&mut play.world, MINUTE).await;
        assert!(
            not_let_in(&play, all[0]) && is_waiting(&play, all[1]) && is_waiting(&play, all[4])
        );
        assert_eq!(play.world.engine(a).approvals().waiting.len(), 4);
    });
}

#[test]
fn of_two_who_approve_at_once_one_does() {
    story(async {
        let (mut play, a, _) = begin(603).await;
        let b = sign_in(&mut play).await;
        let_in(&mut play, a, b).await;
        let c = sign_in(&mut play).await;
        let device = waiting_id(&play, a);
        play.world
            .command(a, Command::ClaimApproval { device })
            .await;
        play.world
            .command(b, Command::ClaimApproval { device })
            .await;
        pass(&mut play.world, 10_000).await;
        let code_of = |play: &Play, by| match shown(play, by).unwrap().step {
            ApprovalStep::Code(code) => Some(code),
            _ => None,
        };
        let codes = [code_of(&play, a), code_of(&play, b)];
        let (winner, loser) = if codes[0].is_some() { (a, b) } else { (b, a) };
        assert_eq!(codes.iter().flatten().count(), 1);
        assert_eq!(
            codes.iter().flatten().next().cloned(),
            code_on_new(&play, c)
        );
        assert_eq!(
            failed(&play, loser, Doing::ApprovingSignIn),
            Some(ErrorCode::RequestPending)
        );
        assert_eq!(shown(&play, loser).unwrap().step, ApprovalStep::Elsewhere);
        command(&mut play, winner, Command::GrantApproval { device }).await;
        pass(&mut play.world, MINUTE).await;
        assert!(is_in(&play, c));
    });
}

#[test]
fn an_approving_device_that_crashes_begins_again_with_another_code() {
    story(async {
        let (mut play, a, _) = begin(604).await;
        let b = sign_in(&mut play).await;
        let before = claim(&mut play, a).await.unwrap();
        play.world.crash_device(a);
        play.world.start_device(a).await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(shown(&play, a).unwrap().step, ApprovalStep::Asked);
        let after = claim(&mut play, a).await;
        assert_eq!(after, code_on_new(&play, b));
        assert_ne!(after, Some(before), "a nonce is for one commitment");
        let device = waiting_id(&play, a);
        command(&mut play, a, Command::GrantApproval { device }).await;
        pass(&mut play.world, MINUTE).await;
        assert!(is_in(&play, b));
    });
}

#[test]
fn a_claim_lapses_and_another_device_takes_it_up() {
    story(async {
        let (mut play, a, _) = begin(605).await;
        let b = sign_in(&mut play).await;
        let_in(&mut play, a, b).await;
        let c = sign_in(&mut play).await;
        assert!(claim(&mut play, a).await.is_some());
        let device = waiting_id(&play, a);
        pass(&mut play.world, 3 * MINUTE).await;
        assert_eq!(
            shown(&play, a).unwrap().step,
            ApprovalStep::Asked,
            "asked anew"
        );
        assert_eq!(code_on_new(&play, c), None);
        command(&mut play, a, Command::GrantApproval { device }).await;
        assert!(!is_in(&play, c), "not by what has lapsed");
        assert_eq!(claim(&mut play, b).await, code_on_new(&play, c));
        // the one that is at it is signed out: somebody else goes on at once
        let out = play.world.engine(b).device().unwrap();
        command(&mut play, a, Command::SignOutDevice { device: out }).await;
        play.sign_out_in_story(0, b);
        pass(&mut play.world, MINUTE).await;
        let_in(&mut play, a, c).await;
    });
}

#[test]
fn a_device_that_was_signed_out_lets_nobody_in() {
    story(async {
        let (mut play, a, _) = begin(607).await;
        let b = sign_in(&mut play).await;
        let_in(&mut play, a, b).await;
        let c = sign_in(&mut play).await;
        assert!(claim(&mut play, b).await.is_some());
        let device = waiting_id(&play, b);
        let out = play.world.engine(b).device().unwrap();
        // both at the same moment: the sign-out comes first
        play.world.stall(b, 2_000);
        play.world
            .command(b, Command::GrantApproval { device })
            .await;
        play.world
            .command(a, Command::SignOutDevice { device: out })
            .await;
        play.sign_out_in_story(0, b);
        pass(&mut play.world, MINUTE).await;
        assert!(is_waiting(&play, c));
        let_in(&mut play, a, c).await;
    });
}

#[test]
fn a_changed_passphrase_sends_away_who_waits_by_the_old_one() {
    story(async {
        let (mut play, a, _) = begin(608).await;
        let b = sign_in(&mut play).await;
        assert!(claim(&mut play, a).await.is_some());
        let change = Command::ChangePassphrase {
            old: play.members[0].passphrase.clone(),
            new: new_one(1),
            may_be_known: true,
        };
        command(&mut play, a, change).await;
        play.members[0].passphrase = new_one(1);
        play.members[0].keys_changed = true;
        pass(&mut play.world, MINUTE).await;
        assert!(not_let_in(&play, b));
        play.sign_out_in_story(0, b);
        assert_eq!(shown(&play, a), None);
        let c = sign_in(&mut play).await;
        let_in(&mut play, a, c).await;
        require(&mut play, a, false, new_one(1)).await;
        play.heal_and_check().await;
    });
}

#[test]
fn the_recovery_code_needs_no_approval() {
    story(async {
        let (mut play, a, _) = begin(609).await;
        let code = RecoveryCode::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1));
        let make = Command::SetRecovery {
            passphrase: play.members[0].passphrase.clone(),
            code: Some(code.clone()),
        };
        command(&mut play, a, make).await;
        let updates = &play.world.devices[a].updates;
        assert!(
            updates.contains(&Update::Done(Doing::ChangingRecovery)),
            "{updates:?}"
        );
        let b = play.world.add_device(0).await;
        let sign_in_by_code = Command::SignInByCode {
            login_name: play.members[0].name.clone(),
            code: code.clone(),
            device_name: "by code".to_owned(),
        };
        command(&mut play, b, sign_in_by_code).await;
        pass(&mut play.world, MINUTE).await;
        assert!(is_in(&play, b));
        play.members[0].devices.push(b);
        // the new passphrase that it sets is mixed again
        let change = Command::ChangePassphraseByCode {
            code: code.clone(),
            new: new_one(2),
            may_be_known: false,
        };
        command(&mut play, b, change).await;
        play.members[0].passphrase = new_one(2);
        play.members[0].keys_changed = true;
        play.members[0].codes = vec![Some(code)];
        pass(&mut play.world, MINUTE).await;
        let c = sign_in(&mut play).await;
        assert!(is_waiting(&play, c));
        let_in(&mut play, b, c).await;
        require(&mut play, c, false, new_one(2)).await;
        play.heal_and_check().await;
    });
}

#[test]
fn a_forgotten_passphrase_is_replaced_and_approval_stays() {
    story(async {
        let (mut play, a, _) = begin(610).await;
        let b = sign_in(&mut play).await;
        let_in(&mut play, a, b).await;
        let waits = sign_in(&mut play).await;
        command(&mut play, a, Command::AskForgotten).await;
        command(&mut play, b, Command::ApproveForgotten { member: None }).await;
        let new = new_one(3);
        command(&mut play, a, Command::ReplaceForgotten { new }).await;
        pass(&mut play.world, MINUTE).await;
        assert_eq!(failed(&play, a, Doing::ChangingPassphrase), None);
        assert!(not_let_in(&play, waits));
        play.members[0].passphrase = new_one(3);
        play.members[0].keys_changed = true;
        play.world.lied = true; // contacts see another identity
        for device in [a, b] {
            assert!(play.world.engine(device).approvals().required);
        }
        let c = sign_in(&mut play).await;
        let_in(&mut play, b, c).await;
    });
}

#[test]
fn a_device_is_signed_out_and_approval_stays() {
    story(async {
        let (mut play, a, id) = begin(611).await;
        let b = sign_in(&mut play).await;
        let_in(&mut play, a, b).await;
        let device = play.world.engine(b).device().unwrap();
        command(&mut play, a, Command::SignOutDevice { device }).await;
        play.sign_out_in_story(0, b);
        pass(&mut play.world, MINUTE).await;
        assert_eq!(play.world.engine(a).changing_keys(), None);
        say(&mut play, 1, id, "after").await;
        let c = sign_in(&mut play).await;
        let_in(&mut play, a, c).await;
        require(&mut play, a, false, new_one(4)).await;
        play.heal_and_check().await;
    });
}

#[test]
fn it_is_switched_off_with_the_same_passphrase_and_on_with_another_alone() {
    story(async {
        let (mut play, a, _) = begin(612).await;
        require(&mut play, a, false, new_one(0)).await;
        let b = fresh_device(&mut play, 0).await;
        assert!(is_in(&play, b), "as ever");
        let same = Command::SetApproval {
            old: new_one(0),
            new: new_one(0),
            required: true,
        };
        command(&mut play, a, same).await;
        let refused = Update::Failed {
            doing: Doing::ChangingPassphrase,
            failure: Failure::SamePassphrase,
        };
        assert!(play.world.devices[a].updates.contains(&refused));
        require(&mut play, b, true, new_one(5)).await;
        assert!(play.world.engine(a).approvals().required);
        let c = sign_in(&mut play).await;
        let_in(&mut play, a, c).await;
        require(&mut play, c, false, new_one(5)).await;
        play.heal_and_check().await;
    });
}

#[test]
fn it_survives_restarts_of_the_server_and_lost_connections_at_every_step() {
    story(async {
        let (mut play, a, _) = begin(613).await;
        let b = sign_in(&mut play).await;
        restart(&mut play).await;
        assert!(is_waiting(&play, b));
        assert_eq!(shown(&play, a).unwrap().step, ApprovalStep::Asked);
        let code = claim(&mut play, a).await;
        restart(&mut play).await;
        assert_eq!(
            shown(&play, a).unwrap().step,
            ApprovalStep::Code(code.clone().unwrap())
        );
        assert_eq!(code_on_new(&play, b), code);
        let device = waiting_id(&play, a);
        // the new device is away when it is let in
        play.world.stall(b, 30_000);
        command(&mut play, a, Command::GrantApproval { device }).await;
        play.world.cut(b);
        restart(&mut play).await;
        pass(&mut play.world, 2 * MINUTE).await;
        assert!(is_in(&play, b));
        play.members[0].devices.push(b);
        require(&mut play, b, false, new_one(0)).await;
        play.heal_and_check().await;
    });
}

async fn restart(play: &mut Play) {
    play.world.crash_server().await;
    pass(&mut play.world, 5_000).await;
    play.world.server.start().await;
    pass(&mut play.world, 10_000).await;
}

#[test]
fn a_device_that_was_away_finds_who_waits() {
    story(async {
        let (mut play, a, _) = begin(614).await;
        play.world.crash_device(a);
        let b = sign_in(&mut play).await;
        play.world.start_device(a).await;
        pass(&mut play.world, 10_000).await;
        let_in(&mut play, a, b).await;
    });
}

/// Who has lost every way in begins anew, and needs nobody's approval for that, nor afterwards.
#[test]
fn a_reset_ends_it() {
    story(async {
        let mut play = Play::begin(615, 2).await;
        let (admin, a) = (play.members[0].devices[0], play.members[1].devices[0]);
        let set = Command::SetApproval {
            old: play.members[1].passphrase.clone(),
            new: new_one(6),
            required: true,
        };
        command(&mut play, a, set).await;
        assert!(play.world.engine(a).approvals().required);
        let waits = play.world.add_device(1).await;
        let sign_in = |passphrase: Passphrase| Command::SignIn {
            login_name: "member1".to_owned(),
            passphrase,
            device_name: "a fresh device".to_owned(),
        };
        command(&mut play, waits, sign_in(new_one(6))).await;
        assert!(is_waiting(&play, waits));
        let member = play.members[1].id;
        command(&mut play, admin, Command::ResetMember { member }).await;
        let told = &play.world.devices[admin].updates;
        let link = told.iter().find_map(|update| match update {
            Update::ResetLink { link, .. } => Some(link.clone()),
            _ => None,
        });
        let new = play.world.add_device(1).await;
        let begin_anew = Command::BeginAnew {
            link: link.unwrap(),
            passphrase: new_one(7),
            device_name: "begun anew".to_owned(),
        };
        command(&mut play, new, begin_anew).await;
        pass(&mut play.world, 2 * MINUTE).await;
        assert!(is_in(&play, new) && !play.world.engine(new).approvals().required);
        assert!(not_let_in(&play, waits));
        let next = play.world.add_device(1).await;
        command(&mut play, next, sign_in(new_one(7))).await;
        pass(&mut play.world, MINUTE).await;
        assert!(is_in(&play, next));
    });
}

/// Each code is a guess for a server that stands between: there are few of them.
#[test]
fn a_device_does_not_ask_anew_without_end() {
    story(async {
        let (mut play, a, _) = begin(620).await;
        let b = sign_in(&mut play).await;
        let mut codes = 0;
        for _ in 0..8 {
            if not_let_in(&play, b) {
                break;
            }
            codes += usize::from(claim(&mut play, a).await.is_some());
            // nobody compares it: it lapses
            pass(&mut play.world, 3 * MINUTE).await;
        }
        assert_eq!(codes, 4);
        assert!(not_let_in(&play, b));
        assert!(play.world.engine(a).approvals().waiting.is_empty());
    });
}

/// A code is not good for ever, also where the server says so.
#[test]
fn an_approving_device_goes_by_its_own_clock() {
    story(async {
        let (mut play, a, _) = begin(621).await;
        let b = sign_in(&mut play).await;
        assert!(claim(&mut play, a).await.is_some());
        let device = waiting_id(&play, a);
        play.world.crash_server().await;
        pass(&mut play.world, 3 * MINUTE).await;
        play.world.server.start().await;
        pass(&mut play.world, MINUTE).await;
        command(&mut play, a, Command::GrantApproval { device }).await;
        assert!(!is_in(&play, b));
    });
}
