//! An identity that has changed: what a person compares is the new one, and no other is accepted by it.
#![allow(clippy::unwrap_used)]

use client::{Command, Doing, Failure, Update, view::SafetyCheck};
use e2ee::{
    identity::{AccountCertificate, RootIdentity, safety_number, safety_qr},
    signing::PublicKey,
};
use protocol::{Bytes, MemberId, methods::people::GetPeople};
use simulation::{
    Puppet,
    play::Play,
    story::{lie_about, look_around, pass, story},
};

/// Another root for this member: of a server that lies, or of a person who began anew. The server shows it from now on.
async fn shown_anew(play: &mut Play, puppet: &mut Puppet, device: usize) -> RootIdentity {
    let root = RootIdentity::generate(&mut puppet.member.rng);
    let certificate = puppet.certified_by(&root, 1);
    let only = Bytes::copy_from_slice(certificate.bytes());
    lie_about(play, puppet.member.member, move |shown| {
        *shown = vec![only.clone()];
    });
    look_around(play, device).await;
    root
}

/// The root that the server shows to Eve.
async fn root_of(eve: &mut Puppet, member: MemberId) -> PublicKey {
    let members = vec![member];
    let found = eve.ask(&GetPeople { members }).await.unwrap();
    AccountCertificate::decode(&found.people[0].certificates[0])
        .unwrap()
        .root
}

/// How accepting ends, with the number that was compared.
async fn accept(play: &mut Play, device: usize, member: MemberId, number: &str) -> Option<Failure> {
    let told = play.world.devices[device].updates.len();
    let number = Some(number.to_owned());
    play.world
        .command(device, Command::AcceptIdentity { member, number })
        .await;
    let now = &play.world.devices[device].updates[told..];
    now.iter().find_map(|update| match update {
        Update::Failed { doing, failure } if *doing == Doing::Accepting => Some(failure.clone()),
        _ => None,
    })
}

#[test]
fn what_is_compared_after_a_change_is_the_identity_that_is_offered() {
    story(async {
        let mut play = Play::begin(91, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let (a, alice, member) = (
            play.members[0].devices[0],
            play.members[0].id,
            eve.member.member,
        );
        let now = play.world.now();
        eve.open_direct(alice, now).await;
        pass(&mut play.world, 10_000).await;
        let before = play.world.engine(a).safety_number(member).unwrap();
        let hers = root_of(&mut eve, alice).await;
        assert_eq!(
            before,
            safety_number((&eve.member.root.public(), member), (&hers, alice))
        );

        let offered = shown_anew(&mut play, &mut eve, a).await.public();
        let engine = play.world.engine(a);
        let number = engine.safety_number(member).unwrap();
        assert_eq!(number, safety_number((&offered, member), (&hers, alice)));
        let known = safety_qr(&eve.member.root.public(), &hers);
        assert_eq!(
            engine.check_safety_code(member, &known),
            SafetyCheck::Mismatch,
            "on Eve's own screen stands whom she knows: the server lies"
        );
        let anew = safety_qr(&offered, &hers);
        assert_eq!(engine.check_safety_code(member, &anew), SafetyCheck::Match);

        // while they compared, the server offers yet another one
        let last = shown_anew(&mut play, &mut eve, a).await.public();
        assert_eq!(
            accept(&mut play, a, member, &number).await,
            Some(Failure::IdentityChanged(member))
        );
        let number = safety_number((&last, member), (&hers, alice));
        assert_eq!(accept(&mut play, a, member, &number).await, None);
        let engine = play.world.engine(a);
        assert_eq!(engine.safety_number(member), Some(number));
        assert!(
            !engine.conversations()[0]
                .members
                .iter()
                .any(|p| p.verified || p.identity_changed)
        );
    });
}
