//! Malicious members and servers: commits, key packages, Welcomes and trees that MLS alone would let through.

use openmls::prelude::{
    BasicCredential, Capabilities, CredentialWithKey, Extension, ExtensionType, Extensions,
    ExternalSender, KeyPackage as MlsKeyPackage, LeafNodeIndex, Lifetime, MlsGroup,
    NewSignerBundle, ProtocolVersion, UnknownExtension,
};
use openmls_traits::OpenMlsProvider;

use super::*;
use crate::{
    error::Error,
    identity::{LeafCertificate, Purpose},
    mls::{
        MlsError, Said,
        check::CommitData,
        key_package, profile,
        provider::{LeafSigner, Provider},
        store::Values,
    },
    signing::SigningKey,
};

/// A commit with no check of ours: what a changed client could send.
fn raw(
    world: &mut World,
    author: &Conversation,
    aad: Vec<u8>,
    extensions: Option<Vec<Extension>>,
    add: Vec<MlsKeyPackage>,
    remove: Vec<u32>,
    signer: Option<(&SigningKey, CredentialWithKey)>,
) -> Vec<u8> {
    let provider = Provider::with_rng(author.values.clone(), &mut world.rng).unwrap();
    let mut group = MlsGroup::load(provider.storage(), &author.group_id())
        .unwrap()
        .unwrap();
    group.set_aad(aad);
    let mut builder = group
        .commit_builder()
        .propose_removals(remove.into_iter().map(LeafNodeIndex::new))
        .propose_adds(add);
    if let Some(extensions) = extensions {
        let extensions = Extensions::from_vec(extensions).unwrap();
        builder = builder
            .propose_group_context_extensions(extensions)
            .unwrap();
    }
    let builder = builder.load_psks(provider.storage()).unwrap();
    let (rand, crypto, old) = (provider.rand(), provider.crypto(), LeafSigner(&author.leaf));
    let built = match signer {
        None => builder.build(rand, crypto, &old, |_| true),
        Some((key, credential_with_key)) => {
            let bundle = NewSignerBundle {
                signer: &LeafSigner(key),
                credential_with_key,
            };
            builder.build_with_new_signer(rand, crypto, &old, bundle, |_| true)
        }
    };
    let bundle = built.unwrap().stage_commit(&provider).unwrap();
    profile::write(bundle.commit()).unwrap()
}

fn honest_aad(author: &Conversation) -> Vec<u8> {
    CommitData::new(author.epoch_secret(), CONTEXT, Said::default()).encode()
}

/// A change forced through without the checks of an honest maker.
pub(super) fn forced(world: &mut World, author: &Conversation, change: &Change<'_>) -> Vec<u8> {
    let add = change
        .add
        .iter()
        .map(|(_, p)| key_package::read(p).unwrap())
        .collect();
    let members = author.members();
    let index = |m: &MemberId| members.iter().position(|(id, _)| id == m).unwrap() as u32;
    let remove = change.remove.iter().map(index).collect();
    let policy = change.policy.as_ref();
    let policy = policy.map(|p| profile::extensions(p).unwrap().iter().cloned().collect());
    raw(world, author, honest_aad(author), policy, add, remove, None)
}

fn refused(
    world: &World,
    all: &[Conversation],
    server: &PublicConversation,
    author: usize,
    commit: &[u8],
) -> MlsError {
    let by_server = world.check(server, commit, author).err().unwrap();
    for (n, member) in all.iter().enumerate().filter(|(n, _)| *n != author) {
        assert_eq!(
            world.process(member, commit, author).err().as_ref(),
            Some(&by_server),
            "member {n}"
        );
    }
    by_server
}

fn swapped(
    world: &mut World,
    all: &[Conversation],
    author: usize,
    certificate: &LeafCertificate,
    key: &SigningKey,
) -> Vec<u8> {
    let credential = CredentialWithKey {
        credential: BasicCredential::new(certificate.bytes().to_vec()).into(),
        signature_key: key.public().as_bytes().to_vec().into(),
    };
    let aad = honest_aad(&all[author]);
    raw(
        world,
        &all[author],
        aad,
        None,
        vec![],
        vec![],
        Some((key, credential)),
    )
}

fn leaf_for(
    account: &AccountKey,
    member: MemberId,
    key: &SigningKey,
    purpose: Purpose,
) -> LeafCertificate {
    LeafCertificate::issue(account, INSTANCE, member, &key.public(), NOW, purpose)
}

/// A key package of any make.
fn package(
    world: &mut World,
    certificate: &LeafCertificate,
    key: &SigningKey,
    capabilities: Capabilities,
    lifetime: Lifetime,
) -> MlsKeyPackage {
    let provider = Provider::with_rng(Values::new(), &mut world.rng).unwrap();
    let credential = CredentialWithKey {
        credential: BasicCredential::new(certificate.bytes().to_vec()).into(),
        signature_key: key.public().as_bytes().to_vec().into(),
    };
    let bundle = MlsKeyPackage::builder()
        .leaf_node_capabilities(capabilities)
        .key_package_lifetime(lifetime)
        .build(
            profile::MlsSuite::XWing.mls(),
            &provider,
            &LeafSigner(key),
            credential,
        )
        .unwrap();
    bundle.into_key_package()
}

test_everywhere! {
    fn the_stated_author_must_be_the_signing_leaf() {
        let mut world = World::new(3);
        let (all, server) = world.group(3);
        let account = world.people[1].account.clone();
        let made = world.prepare(&all[1], &Change { update: Some(&account), ..Change::default() }, true);
        assert_eq!(world.check(&server, &made.commit, 2).err(), Some(MlsError::WrongAuthor));
        assert_eq!(world.process(&all[0], &made.commit, 2).err(), Some(MlsError::WrongAuthor));
    }

    fn a_path_does_not_change_whose_leaf_it_is() {
        let mut world = World::new(3);
        let (all, server) = world.group(3);
        let key = SigningKey::generate(&mut world.rng);
        let own = world.people[2].account.clone();
        // Another member's name, certified by the attacker's own account key.
        let forged = leaf_for(&own, world.id(1), &key, Purpose::Conversation);
        let commit = swapped(&mut world, &all, 2, &forged, &key);
        assert!(matches!(refused(&world, &all, &server, 2, &commit), MlsError::Forbidden(_)));
        // Another member's true certificate, with the attacker's key.
        let stolen = all[1].own_certificate().clone();
        let commit = swapped(&mut world, &all, 2, &stolen, &key);
        assert!(matches!(refused(&world, &all, &server, 2, &commit), MlsError::Certificate(_)));
        // The own name, certified by nobody who may.
        let stranger = AccountKey::generate(&mut world.rng, 1);
        let uncertified = leaf_for(&stranger, world.id(2), &key, Purpose::Conversation);
        let commit = swapped(&mut world, &all, 2, &uncertified, &key);
        assert!(matches!(refused(&world, &all, &server, 2, &commit), MlsError::Certificate(Error::BadSignature(_))));
        // A key package's certificate is not a conversation's.
        let other = leaf_for(&own, world.id(2), &key, Purpose::KeyPackage);
        let commit = swapped(&mut world, &all, 2, &other, &key);
        assert!(matches!(refused(&world, &all, &server, 2, &commit), MlsError::Certificate(_)));
        // Not a certificate at all.
        let credential = CredentialWithKey {
            credential: BasicCredential::new(vec![1, 0, 1, 7]).into(),
            signature_key: key.public().as_bytes().to_vec().into(),
        };
        let aad = honest_aad(&all[2]);
        let commit = raw(&mut world, &all[2], aad, None, vec![], vec![], Some((&key, credential)));
        assert!(matches!(refused(&world, &all, &server, 2, &commit), MlsError::Malformed(_)));
    }

    fn a_key_generation_never_goes_back() {
        let mut world = World::new(2);
        let (mut all, mut server) = world.group(2);
        let old = world.people[1].account.clone();
        world.people[1].account = AccountKey::generate(&mut rng(77), 2);
        let new = world.people[1].account.clone();
        let made = world.prepare_unknown(&all[1], &new);
        // The new generation is not known at first: fetched, checked against the pins, tried again.
        assert_eq!(world.check(&server, &made, 1).err(), Some(MlsError::UnknownMember(world.id(1), 2)));
        assert_eq!(world.process(&all[0], &made, 1).err(), Some(MlsError::UnknownMember(world.id(1), 2)));
        world.certify(1);
        let made = world.prepare(&all[1], &Change { update: Some(&new), ..Change::default() }, true);
        server = world.check(&server, &made.commit, 1).unwrap().next;
        all[0] = world.process(&all[0], &made.commit, 1).unwrap().next.unwrap();
        all[1] = made.next;
        let back = Change { update: Some(&old), ..Change::default() };
        assert!(matches!(world.try_prepare(&all[1], &back, true).err(), Some(MlsError::Certificate(Error::NotNewer(_)))));
        let key = SigningKey::generate(&mut world.rng);
        let older = leaf_for(&old, world.id(1), &key, Purpose::Conversation);
        let commit = swapped(&mut world, &all, 1, &older, &key);
        assert!(matches!(refused(&world, &all, &server, 1, &commit), MlsError::Certificate(Error::NotNewer(_))));
    }

    fn keys_that_were_changed_come_in_no_more() {
        let mut world = World::new(4);
        let (all, server) = world.group(3);
        let key = SigningKey::generate(&mut world.rng);
        let stale = |n: usize, world: &World, purpose| leaf_for(&world.people[n].account, world.id(n), &key, purpose);
        let (added, own) = (stale(3, &world, Purpose::KeyPackage), stale(2, &world, Purpose::Conversation));
        let unused = world.package(3).public;
        let honest = Change { add: vec![(world.id(3), unused.clone())], ..Change::default() };
        let before = world.prepare(&all[0], &honest, true).commit;
        // A thief has the old account keys; their owners have changed them since.
        for n in [2, 3] {
            world.people[n].account = AccountKey::generate(&mut rng(80 + n as u64), 2);
            world.certify(n);
        }
        let not_newest = |error| matches!(error, MlsError::Certificate(Error::NotNewer(_)));
        // A key package made with the old key, new or left over, by an honest adder or not.
        let aad = honest_aad(&all[0]);
        let forged = package(&mut world, &added, &key, profile::capabilities(profile::MlsSuite::XWing), profile::lifetime());
        let commit = raw(&mut world, &all[0], aad, None, vec![forged], vec![], None);
        assert!(not_newest(refused(&world, &all, &server, 0, &commit)));
        assert!(not_newest(refused(&world, &all, &server, 0, &before)));
        assert!(not_newest(world.try_prepare(&all[0], &honest, true).err().unwrap()));
        // A path with a leaf certified by the old key, or with the old leaf itself.
        let commit = swapped(&mut world, &all, 2, &own, &key);
        assert!(not_newest(refused(&world, &all, &server, 2, &commit)));
        // A new conversation founded with the old key.
        let account = AccountKey::generate(&mut rng(90), 2);
        let policy = world.group_policy();
        let p = &world.people[0];
        let founded = Conversation::found(&mut rng(91), &p.account, p.id, &policy, NOW).unwrap();
        let info = &founded.group_info;
        PublicConversation::found(info, CHAT, INSTANCE, p.id, &world.roster).unwrap();
        world.people[0].account = account;
        world.certify(0);
        let late = PublicConversation::found(&founded.group_info, CHAT, INSTANCE, world.id(0), &world.roster);
        assert!(not_newest(late.err().unwrap()));
        // Who follows history does not judge.
        struct History<'a>(&'a World);
        impl crate::identity::Roster for History<'_> {
            fn certificate(&self, member: MemberId, generation: u32) -> Option<crate::identity::AccountCertificate> {
                self.0.roster.certificate(member, generation)
            }
        }
        let author = world.id(0);
        server.check_commit(&before, author, &History(&world), &nobody_left()).unwrap();
        all[1].process(&before, author, &History(&world), &nobody_left()).unwrap();
    }

    fn a_ghost_is_not_added() {
        let mut world = World::new(4);
        let (all, server) = world.group(3);
        let key = SigningKey::generate(&mut world.rng);
        let stranger = AccountKey::generate(&mut world.rng, 1);
        // In the name of somebody known, certified by somebody else's key (the server's, say).
        let ghost = leaf_for(&stranger, world.id(3), &key, Purpose::KeyPackage);
        let forged = package(&mut world, &ghost, &key, profile::capabilities(profile::MlsSuite::XWing), profile::lifetime());
        let aad = honest_aad(&all[0]);
        let commit = raw(&mut world, &all[0], aad.clone(), None, vec![forged], vec![], None);
        assert!(matches!(refused(&world, &all, &server, 0, &commit), MlsError::Certificate(Error::BadSignature(_))));
        // A second leaf for somebody who is in already.
        let account = world.people[1].account.clone();
        let second = leaf_for(&account, world.id(1), &key, Purpose::KeyPackage);
        let second = package(&mut world, &second, &key, profile::capabilities(profile::MlsSuite::XWing), profile::lifetime());
        let commit = raw(&mut world, &all[0], aad.clone(), None, vec![second], vec![], None);
        assert_eq!(refused(&world, &all, &server, 0, &commit), MlsError::Forbidden("two leaves of one member"));
        // Somebody of whom nobody has heard.
        let nobody = leaf_for(&stranger, MemberId([99; 16]), &key, Purpose::KeyPackage);
        let nobody = package(&mut world, &nobody, &key, profile::capabilities(profile::MlsSuite::XWing), profile::lifetime());
        let commit = raw(&mut world, &all[0], aad.clone(), None, vec![nobody], vec![], None);
        assert_eq!(refused(&world, &all, &server, 0, &commit), MlsError::UnknownMember(MemberId([99; 16]), 1));
        // A leaf that claims to understand more than the profile.
        let account = world.people[3].account.clone();
        let more = Capabilities::new(Some(&[ProtocolVersion::Mls10]), Some(&[profile::MlsSuite::XWing.mls()]),
            Some(&[ExtensionType::Unknown(0xF0A1), ExtensionType::Unknown(0xF0A2)]), Some(&[]), None);
        let true_one = leaf_for(&account, world.id(3), &key, Purpose::KeyPackage);
        let more = package(&mut world, &true_one, &key, more, profile::lifetime());
        let commit = raw(&mut world, &all[0], aad.clone(), None, vec![more], vec![], None);
        assert_eq!(refused(&world, &all, &server, 0, &commit), MlsError::Forbidden("other capabilities"));
        // A leaf that is valid now and soon is not: nobody could load the tree any more.
        let soon = package(&mut world, &true_one, &key, profile::capabilities(profile::MlsSuite::XWing), Lifetime::init(0, 4_000_000_000));
        let commit = raw(&mut world, &all[0], aad, None, vec![soon], vec![], None);
        assert_eq!(refused(&world, &all, &server, 0, &commit), MlsError::Forbidden("a leaf that expires"));
    }

    fn the_group_context_takes_nothing_but_the_policy() {
        let mut world = World::new(2);
        let (all, server) = world.group(2);
        let aad = honest_aad(&all[0]);
        let honest: Vec<Extension> = profile::extensions(all[0].policy()).unwrap().iter().cloned().collect();
        // External senders could propose without being members.
        let sender = ExternalSender::new(all[1].leaf.public().as_bytes().to_vec().into(), BasicCredential::new(b"x".to_vec()).into());
        let mut more = honest.clone();
        more.push(Extension::ExternalSenders(vec![sender]));
        let commit = raw(&mut world, &all[0], aad.clone(), Some(more), vec![], vec![], None);
        assert!(matches!(refused(&world, &all, &server, 0, &commit), MlsError::Forbidden(_)));
        // No policy, and one that is none.
        let commit = raw(&mut world, &all[0], aad.clone(), Some(honest[..1].to_vec()), vec![], vec![], None);
        assert!(matches!(refused(&world, &all, &server, 0, &commit), MlsError::Malformed(_)));
        let mut garbage = honest.clone();
        garbage[1] = Extension::Unknown(0xF0A1, UnknownExtension(vec![0xc1; 9]));
        let commit = raw(&mut world, &all[0], aad, Some(garbage), vec![], vec![], None);
        assert!(matches!(refused(&world, &all, &server, 0, &commit), MlsError::Malformed(_)));
    }

    fn authenticated_data_must_be_there_and_true() {
        let mut world = World::new(2);
        let (all, server) = world.group(2);
        let key = SigningKey::generate(&mut world.rng);
        let account = world.people[0].account.clone();
        let certificate = leaf_for(&account, world.id(0), &key, Purpose::Conversation);
        let mut update = |aad: Vec<u8>| {
            let signer = Some((&key, profile::credential(&certificate)));
            raw(&mut world, &all[0], aad, None, vec![], vec![], signer)
        };
        let (none, mut newer) = (update(Vec::new()), honest_aad(&all[0]));
        newer[0] = 2;
        let newer = update(newer);
        let lie = update(CommitData { c_n: Hash32([1; 32]), context: CONTEXT, said: Said::default() }.encode());
        assert!(matches!(refused(&world, &all, &server, 0, &none), MlsError::Malformed(_)));
        assert!(matches!(refused(&world, &all, &server, 0, &newer), MlsError::UnknownVersion(_)));
        // The server does not know e_n; every member does.
        assert!(world.check(&server, &lie, 0).is_ok());
        assert_eq!(world.process(&all[1], &lie, 0).err(), Some(MlsError::WrongCommitment));
    }

    fn a_commit_does_what_its_author_says() {
        let mut world = World::new(4);
        let (all, server) = world.group(3);
        let package = world.package(3).public;
        let unsaid = MlsError::Forbidden("saying another change than it makes");
        let add = Change { add: vec![(world.id(3), package)], ..Change::default() };
        let commit = forced(&mut world, &all[0], &add);
        assert_eq!(refused(&world, &all, &server, 0, &commit), unsaid);
        let mut policy = all[0].policy().clone();
        policy.announcements = true;
        let rules = Change { policy: Some(policy), ..Change::default() };
        let commit = forced(&mut world, &all[0], &rules);
        assert_eq!(refused(&world, &all, &server, 0, &commit), unsaid);
        // eight bytes that say nothing, where nothing is written of nothing
        let padded = [honest_aad(&all[0]), vec![0; 8]].concat();
        let commit = raw(&mut world, &all[0], padded, None, vec![], vec![], None);
        assert!(matches!(refused(&world, &all, &server, 0, &commit), MlsError::Malformed(_)));
        let said = Said { removed: vec![world.id(2)], ..Said::default() };
        let lie = CommitData::new(all[0].epoch_secret(), CONTEXT, said).encode();
        let commit = raw(&mut world, &all[0], lie, None, vec![], vec![], None);
        assert_eq!(refused(&world, &all, &server, 0, &commit), unsaid);
        let made = world.prepare(&all[0], &add, true);
        let said = CommitData::peek(&made.commit).unwrap().1.said;
        assert_eq!(said, Said { added: vec![world.id(3)], ..Said::default() });
    }

    fn a_cut_is_said_by_its_author_and_only_where_it_may_be() {
        let mut world = World::new(4);
        let (all, server) = world.group(3);
        let unsaid = MlsError::Forbidden("saying another change than it makes");
        let package = world.package(3).public;
        let add = Change { add: vec![(world.id(3), package)], ..Change::default() };
        assert_eq!(all[0].policy().history, crate::policy::History::SinceJoined);
        let made = world.prepare(&all[0], &add, false);
        assert!(CommitData::peek(&made.commit).unwrap().1.said.cut);
        assert!(world.check(&server, &made.commit, 0).is_ok());
        assert!(world.process(&all[1], &made.commit, 0).is_ok());
        // new keys alone cut nobody off, nor does whoever is removed
        let cut = Said { cut: true, ..Said::default() };
        let lie = CommitData::new(all[0].epoch_secret(), CONTEXT, cut).encode();
        let commit = raw(&mut world, &all[0], lie, None, vec![], vec![], None);
        assert_eq!(refused(&world, &all, &server, 0, &commit), unsaid);
        let keys = Change { update: Some(&world.people[0].account), ..Change::default() };
        let unlinked = all[0].prepare(&mut world.rng, &keys, CONTEXT, false, &world.roster, NOW).unwrap();
        assert!(!CommitData::peek(&unlinked.commit).unwrap().1.said.cut);
    }

    fn a_founding_of_several_is_refused_before_its_tree_is_looked_at() {
        let mut world = World::new(2);
        let (all, _) = world.group(2);
        let provider = Provider::with_rng(all[0].values.clone(), &mut world.rng).unwrap();
        let group = MlsGroup::load(provider.storage(), &all[0].group_id()).unwrap().unwrap();
        let info = group.export_group_info(provider.crypto(), &LeafSigner(&all[0].leaf), true).unwrap();
        let mut bytes = profile::write(&info).unwrap();
        drop(provider);
        // Whoever verifies anything of it finds this first.
        *bytes.last_mut().unwrap() ^= 1;
        let found = PublicConversation::found(&bytes, CHAT, INSTANCE, world.id(0), &world.roster);
        assert_eq!(found.err(), Some(MlsError::WrongAuthor));
    }

    fn the_server_learns_by_which_key_packages_members_are_added() {
        let mut world = World::new(3);
        let (all, server) = world.group(2);
        let package = world.package(2);
        let add = Change { add: vec![(world.id(2), package.public.clone())], ..Change::default() };
        let made = world.prepare(&all[0], &add, true);
        let checked = world.check(&server, &made.commit, 0).unwrap();
        assert_eq!(checked.packages, [(world.id(2), package.id)]);
    }

    fn external_commits_and_strange_messages_are_refused() {
        let mut world = World::new(2);
        let policy = world.direct_policy();
        let p = &world.people[0];
        let founded = Conversation::found(&mut world.rng, &p.account, p.id, &policy, NOW).unwrap();
        let server = PublicConversation::found(&founded.group_info, CHAT, INSTANCE, p.id, &world.roster).unwrap();
        let key = SigningKey::generate(&mut world.rng);
        let account = world.people[1].account.clone();
        let certificate = leaf_for(&account, world.id(1), &key, Purpose::Conversation);
        let provider = Provider::with_rng(Values::new(), &mut world.rng).unwrap();
        let info = crate::mls::record::read_group_info(&founded.group_info).unwrap();
        let (_, bundle) = MlsGroup::external_commit_builder()
            .with_config(profile::join_config())
            .with_aad(honest_aad(&founded.conversation))
            .build_group(&provider, info, profile::credential(&certificate))
            .unwrap()
            .leaf_node_parameters(openmls::prelude::LeafNodeParameters::builder().with_capabilities(profile::capabilities(profile::MlsSuite::XWing)).build())
            .load_psks(provider.storage())
            .unwrap()
            .build(provider.rand(), provider.crypto(), &LeafSigner(&key), |_| true)
            .unwrap()
            .finalize(&provider)
            .unwrap();
        let commit = profile::write(bundle.commit()).unwrap();
        drop(provider);
        assert_eq!(world.check(&server, &commit, 1).err(), Some(MlsError::NotAMember));
        assert_eq!(world.process(&founded.conversation, &commit, 1).err(), Some(MlsError::NotAMember));
        for bytes in [&founded.group_info[..], b"", &[0; 64], &world.package(1).public] {
            assert!(world.check(&server, bytes, 0).is_err());
            assert!(world.process(&founded.conversation, bytes, 0).is_err());
        }
    }

    fn a_changed_commit_is_followed_by_nobody() {
        let mut world = World::new(2);
        let (all, server) = world.group(2);
        let account = world.people[0].account.clone();
        let made = world.prepare(&all[0], &Change { update: Some(&account), ..Change::default() }, true);
        assert!(world.process(&all[1], &made.commit, 0).is_ok());
        for at in (0..made.commit.len()).step_by(73) {
            let mut changed = made.commit.clone();
            changed[at] ^= 2;
            assert!(world.process(&all[1], &changed, 0).is_err(), "byte {at}");
            let _ = world.check(&server, &changed, 0);
        }
        for len in (0..made.commit.len()).step_by(301) {
            assert!(world.process(&all[1], &made.commit[..len], 0).is_err());
            assert!(world.check(&server, &made.commit[..len], 0).is_err());
        }
    }

    fn a_key_package_is_checked_before_it_is_used() {
        let mut world = World::new(2);
        let good = world.package(1);
        let account = world.roster[&(world.id(1), 1)].clone();
        let found = KeyPackage::inspect(&good.public, &account, NOW).unwrap();
        assert!(found.id == good.id && found.certificate == good.certificate && !found.last_resort);
        const DAY: u64 = 24 * 3600 * 1000;
        for (now, fresh) in [(NOW + 90 * DAY, true), (NOW + 91 * DAY, false), (NOW - DAY, true), (NOW - 2 * DAY, false)] {
            let result = KeyPackage::inspect(&good.public, &account, now);
            assert_eq!(result.err(), (!fresh).then_some(MlsError::NotFresh));
        }
        let other = world.roster[&(world.id(0), 1)].clone();
        assert!(KeyPackage::inspect(&good.public, &other, NOW).is_err());
        for at in (0..good.public.len()).step_by(37) {
            let mut changed = good.public.clone();
            changed[at] ^= 1;
            assert!(KeyPackage::inspect(&changed, &account, NOW).is_err(), "byte {at}");
        }
        let p = &world.people[1];
        let last = KeyPackage::generate(&mut world.rng, &p.account, INSTANCE, p.id, NOW, true).unwrap();
        assert!(KeyPackage::inspect(&last.public, &account, NOW).unwrap().last_resort);
        // Somebody else's, or a stale one, is not used to add.
        let policy = world.group_policy();
        let (founder, _) = world.found(&policy);
        let change = Change { add: vec![(world.id(0), good.public.clone())], ..Change::default() };
        assert!(matches!(world.try_prepare(&founder, &change, false).err(), Some(MlsError::Certificate(_))));
        let change = Change { add: vec![(world.id(1), good.public)], ..Change::default() };
        let late = founder.prepare(&mut world.rng, &change, CONTEXT, false, &world.roster, NOW + 91 * DAY);
        assert_eq!(late.err(), Some(MlsError::NotFresh));
    }

    fn who_joins_checks_everything() {
        let mut world = World::new(3);
        let policy = world.group_policy();
        let (founder, server) = world.found(&policy);
        let (one, two) = (world.package(1), world.package(2));
        let change = Change {
            add: vec![(world.id(1), one.public.clone()), (world.id(2), two.public.clone())],
            ..Change::default()
        };
        let made = world.prepare(&founder, &change, false);
        let before = server.clone();
        let server = world.check(&server, &made.commit, 0).unwrap().next;
        let welcome = &made.welcomes[0].2;
        assert_eq!(crate::mls::public::welcome_references(welcome).unwrap(), [one.id]);
        assert!(world.join(1, welcome, &server, &one).is_ok());
        // Another's Welcome, another's record, another conversation, another tree.
        assert!(world.join(2, welcome, &server, &two).is_err());
        assert!(world.join(2, welcome, &server, &one).is_err());
        assert!(world.join(1, welcome, &before, &one).is_err());
        let tree = server.tree().unwrap();
        let mut elsewhere = world.expected(1);
        elsewhere.conversation = ConversationId([8; 16]);
        let result = Conversation::join(welcome, &tree, &one.record, elsewhere, &world.roster);
        assert_eq!(result.err(), Some(MlsError::WrongConversation));
        // Somebody in the tree whose certificate is not known, or is another's than the pinned one.
        let known = world.roster.remove(&(world.id(2), 1)).unwrap();
        let result = world.join(1, welcome, &server, &one);
        assert_eq!(result.err(), Some(MlsError::UnknownMember(world.id(2), 1)));
        world.people[2].account = AccountKey::generate(&mut world.rng, 1);
        world.certify(2);
        assert!(matches!(world.join(1, welcome, &server, &one).err(), Some(MlsError::Certificate(_))));
        world.roster.insert((world.id(2), 1), known);
        for at in (0..welcome.len()).step_by(41) {
            let mut changed = welcome.clone();
            changed[at] ^= 1;
            assert!(world.join(1, &changed, &server, &one).is_err(), "byte {at}");
        }
    }
}

impl World {
    /// A key update certified by a generation that nobody else knows yet.
    fn prepare_unknown(&mut self, from: &Conversation, account: &AccountKey) -> Vec<u8> {
        let key = SigningKey::generate(&mut self.rng);
        let certificate = leaf_for(account, from.me(), &key, Purpose::Conversation);
        let signer = Some((&key, profile::credential(&certificate)));
        raw(self, from, honest_aad(from), None, vec![], vec![], signer)
    }
}
