//! Approval of sign-ins: a phished passphrase, and a server that helps whoever has it.

use client::{Command, Failure, Update, view::ApprovalStep};
use e2ee::{
    approval::{Asking, Nonce},
    device::DeviceKeys,
    passphrase::prepare,
};
use protocol::{
    Bytes, DeviceId, Hash32, Method, ServerFrame, decode, encode,
    events::Hello,
    methods::{
        Done,
        approval::{ApprovalClaim, ApprovalState, ClaimApproval, GetApproval, RevealApproval},
        own_account::{Devices, ListDevices},
        vault::{GetManifest, GetRecords, Manifest, VaultWrite},
    },
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use simulation::{
    play::Play,
    story::{direct, pass, say, story},
};
use storage::StorageError;

use super::{SOON, overhear, overheard};

/// Two members who talk; the first one wants approval of new sign-ins, and somebody signs in with their passphrase.
async fn phished(seed: u64) -> (Play, usize) {
    let mut play = Play::begin(seed, 2).await;
    let id = direct(&mut play, 0, 1).await;
    say(&mut play, 1, id, "only for the two of us").await;
    let a = play.members[0].devices[0];
    let old = play.members[0].passphrase.clone();
    let new = prepare("tired violin market").unwrap();
    play.members[0].passphrase = new.clone();
    let required = true;
    let set = Command::SetApproval { old, new, required };
    play.world.command(a, set).await;
    pass(&mut play.world, 60_000).await;
    assert!(play.world.engine(a).approvals().required);
    (play, a)
}

async fn sign_in(play: &mut Play) -> usize {
    let device = play.world.add_device(0).await;
    let sign_in = Command::SignIn {
        login_name: play.members[0].name.clone(),
        passphrase: play.members[0].passphrase.clone(),
        device_name: "somebody".to_owned(),
    };
    play.world.command(device, sign_in).await;
    pass(&mut play.world, SOON).await;
    device
}

fn waits(play: &Play, device: usize) -> bool {
    let engine = play.world.engine(device);
    engine.sign_in_approval().is_some() && engine.me().is_none()
}

async fn claim(play: &mut Play, by: usize) -> ApprovalStep {
    let device = play.world.engine(by).approvals().waiting[0].device;
    play.world
        .command(by, Command::ClaimApproval { device })
        .await;
    pass(&mut play.world, SOON).await;
    play.world.engine(by).approvals().waiting[0].step.clone()
}

/// The server forgets that the member wants approval and lets whoever has the passphrase in by itself. Without what a
/// device would hand over neither wraps nor root open: the device goes on waiting, has read nothing and writes nothing.
#[test]
fn a28_a_server_that_asks_for_no_approval_gives_nothing_away() {
    story(async {
        let (mut play, _) = phished(471).await;
        let member = play.members[0].id;
        storage::write::<_, StorageError>(play.world.server.storage(), move |unit| {
            unit.set_approval_required(member, false)
        })
        .await
        .unwrap();
        overhear(&mut play);
        let thief = sign_in(&mut play).await;
        assert!(
            !overheard::<GetRecords>(&play, thief).is_empty(),
            "it has the sealed records"
        );
        assert!(waits(&play, thief));
        pass(&mut play.world, 10 * SOON).await;
        assert!(waits(&play, thief), "still");
        pass(&mut play.world, 600_000 + SOON).await;
        assert!(!waits(&play, thief) && play.world.engine(thief).me().is_none());
        assert!(overheard::<VaultWrite>(&play, thief).is_empty());
        assert!(play.world.engine(thief).conversations().is_empty());
    });
}

/// The same server only keeps from the device that it has to wait.
#[test]
fn a28_a_device_that_is_not_told_to_wait_asks_all_the_same() {
    story(async {
        let (mut play, a) = phished(472).await;
        play.world.lie = Some(Box::new(|_, name, mut frame| {
            if let ("account.sign_in_finish", Some(ok)) = (name, &frame.ok) {
                let mut signed_in: protocol::methods::account::SignedIn = decode(ok).unwrap();
                signed_in.waiting = false;
                frame.ok = Some(encode(&signed_in));
            }
            Some(frame)
        }));
        let device = sign_in(&mut play).await;
        assert!(waits(&play, device));
        assert!(matches!(claim(&mut play, a).await, ApprovalStep::Code(_)));
    });
}

/// A server that stands between: keys of its own, with a commitment and a nonce that fit them.
struct Between {
    keys: DeviceKeys,
    nonce: Nonce,
    approver: DeviceId,
}

impl Between {
    fn asking(&self, play: &Play) -> Asking {
        let mut link = play.world.server.connect().unwrap();
        let hello: ServerFrame = decode(&link.1.try_next().unwrap()).unwrap();
        let hello: Hello = decode(&hello.data.unwrap()).unwrap();
        Asking::of(hello.instance, play.members[0].id, &self.keys)
    }
}

fn ok(frame: ServerFrame, answer: Bytes) -> ServerFrame {
    ServerFrame {
        ok: Some(answer),
        err: None,
        ..frame
    }
}

/// The server shows the approving device keys of its own in the place of those of the new device, and plays both parts of the
/// exchange with everything that fits. Since each side bound itself before it knew the other's nonce, it could not look for
/// numbers by which both codes are the same: the person sees that they differ.
#[test]
fn a28_keys_of_somebody_between_make_another_code() {
    story(async {
        let (mut play, a) = phished(473).await;
        let new = sign_in(&mut play).await;
        let device = play.world.engine(a).approvals().waiting[0].device;
        let between = Between {
            keys: DeviceKeys::generate(&mut ChaCha20Rng::seed_from_u64(1), device).unwrap(),
            nonce: Nonce([7; 32]),
            approver: play.world.engine(a).device().unwrap(),
        };
        let commitment = between.asking(&play).commitment(&between.nonce);
        let mut claimed = false;
        play.world.lie = Some(Box::new(move |to, name, frame| {
            Some(match name {
                name if name == ListDevices::NAME && to == a => {
                    let mut listed: Devices = decode(frame.ok.as_ref().unwrap()).unwrap();
                    for waiting in &mut listed.waiting {
                        waiting.signing_key =
                            Bytes::copy_from_slice(between.keys.signing_public().as_bytes());
                        waiting.wrap_key = Bytes::copy_from_slice(between.keys.wrap_public());
                        waiting.commitment = Some(commitment);
                        if claimed {
                            waiting.claimed_by = Some(between.approver);
                            waiting.revealed = Some(Hash32(between.nonce.0));
                        }
                    }
                    ok(frame, encode(&listed))
                }
                name if name == ClaimApproval::NAME => {
                    claimed = true;
                    ok(frame, encode(&Done {}))
                }
                name if name == GetApproval::NAME && to == new && claimed => {
                    let mut state: ApprovalState = decode(frame.ok.as_ref().unwrap()).unwrap();
                    state.claim = Some(ApprovalClaim {
                        by: between.approver,
                        nonce: Hash32([9; 32]),
                        until: u64::from(u32::MAX) << 10,
                    });
                    ok(frame, encode(&state))
                }
                name if name == RevealApproval::NAME => ok(frame, encode(&Done {})),
                _ => frame,
            })
        }));
        // the list once more, as the server shows it now
        play.world.command(a, Command::ListDevices).await;
        pass(&mut play.world, SOON).await;
        let ApprovalStep::Code(shown) = claim(&mut play, a).await else {
            panic!("no code");
        };
        pass(&mut play.world, 3 * SOON).await;
        let code = play.world.engine(new).sign_in_approval().unwrap().code;
        assert!(code.is_some());
        assert_ne!(code, Some(shown), "which the person sees");
    });
}

/// The same with the new device's own commitment: then nothing fits, and no code is shown at all.
#[test]
fn a28_other_keys_than_those_that_were_asked_with_are_found_out() {
    story(async {
        let (mut play, a) = phished(474).await;
        sign_in(&mut play).await;
        let device = play.world.engine(a).approvals().waiting[0].device;
        let keys = DeviceKeys::generate(&mut ChaCha20Rng::seed_from_u64(1), device).unwrap();
        play.world.lie = Some(Box::new(move |to, name, frame| {
            if name != ListDevices::NAME || to != a {
                return Some(frame);
            }
            let mut listed: Devices = decode(frame.ok.as_ref().unwrap()).unwrap();
            for waiting in &mut listed.waiting {
                waiting.wrap_key = Bytes::copy_from_slice(keys.wrap_public());
            }
            Some(ok(frame, encode(&listed)))
        }));
        play.world.command(a, Command::ListDevices).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(claim(&mut play, a).await, ApprovalStep::Differs);
        play.world
            .command(a, Command::GrantApproval { device })
            .await;
        let refused = |u: &Update| {
            matches!(
                u,
                Update::Failed {
                    failure: Failure::NoRequest,
                    ..
                }
            )
        };
        assert!(play.world.devices[a].updates.iter().any(refused));
    });
}

/// A fresh device has no memory of the vault. The one that lets it in has: the server shows the new device an older vault,
/// and it does not take it.
#[test]
fn a16_a_device_that_was_let_in_takes_no_older_vault_than_the_other_has_seen() {
    story(async {
        let (mut play, a) = phished(475).await;
        let member = play.members[0].id;
        let old = storage::read::<_, StorageError>(play.world.server.storage(), move |reader| {
            Ok(Manifest {
                head: reader.vault_head(member)?.map(|head| head.bytes),
                records: reader.vault_manifest(member)?,
            })
        });
        let old = old.await.unwrap();
        let conversation = play.world.engine(a).conversations()[0].conversation;
        super::change_keys(&mut play, a, conversation).await;
        pass(&mut play.world, SOON).await;
        let new = sign_in(&mut play).await;
        let honest = std::rc::Rc::new(std::cell::Cell::new(false));
        let lies = std::rc::Rc::clone(&honest);
        play.world.lie = Some(Box::new(move |to, name, frame| {
            if to == new && name == GetManifest::NAME && !lies.get() {
                return Some(ok(frame, encode(&old)));
            }
            Some(frame)
        }));
        assert!(matches!(claim(&mut play, a).await, ApprovalStep::Code(_)));
        let device = play.world.engine(a).approvals().waiting[0].device;
        play.world
            .command(a, Command::GrantApproval { device })
            .await;
        pass(&mut play.world, SOON).await;
        let told = &play.world.devices[new].updates;
        let older = |u: &Update| matches!(u, Update::Failed { failure: Failure::Unverified(why), .. } if why.contains("newer vault"));
        assert!(told.iter().any(older), "{told:?}");
        assert!(play.world.engine(new).me().is_none());
        // and whoever asks the honest server again comes in
        honest.set(true);
        let again = sign_in(&mut play).await;
        assert!(matches!(claim(&mut play, a).await, ApprovalStep::Code(_)));
        let device = play.world.engine(a).approvals().waiting[0].device;
        play.world
            .command(a, Command::GrantApproval { device })
            .await;
        pass(&mut play.world, SOON).await;
        assert!(play.world.engine(again).me().is_some());
    });
}
