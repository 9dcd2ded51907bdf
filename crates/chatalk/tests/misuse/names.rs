//! Names of 100,000 characters, emoji, from right to left, invisible, and look-alikes.

use protocol::{
    Bytes, ErrorCode,
    methods::{
        account::{RegisterFinish, SignInStart},
        people::FindPeople,
    },
};
use testkit::{Member, Newcomer};

use super::{World, code};
use crate::common::{Wire, now};

/// A registration by a fresh invitation, ready to be spoilt.
async fn registration(world: &mut World, guest: &mut Wire, seed: u64) -> (RegisterFinish, Member) {
    let (anna, wire) = &mut world.anna;
    let invited = anna.invite();
    wire.call(&invited.params).await.unwrap();
    let mut newcomer = Newcomer::new(seed, anna.instance, "dora", "dora");
    let (start, registration) = newcomer.start(&invited.ticket);
    let started = guest.call(&start).await.unwrap();
    newcomer.finish(&invited.ticket, registration, &started, None, now())
}

fn named(params: &RegisterFinish, member: &Member, login: &str, display: &str) -> RegisterFinish {
    let account = member.account.public();
    let certificate =
        member
            .root
            .certify(member.instance, member.member, login, display, &account, 1);
    let mut params = params.clone();
    params.certificate = Bytes::copy_from_slice(certificate.unwrap().bytes());
    params
}

/// A certificate with names of any length: laid out by hand, as no honest client does.
fn oversized(params: &RegisterFinish, login: &str) -> RegisterFinish {
    let good = &params.certificate;
    // everything before the names: version, suite, instance, member, generation, two keys
    let mut bytes = good[..3 + 16 + 16 + 4 + 32 + 32].to_vec();
    for name in [login, login] {
        bytes.extend_from_slice(&u32::try_from(name.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(name.as_bytes());
    }
    bytes.extend_from_slice(&[0; 64]);
    let mut params = params.clone();
    params.certificate = bytes.into();
    params
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_would_mislead_are_refused_and_the_invitation_stays_good() {
    let mut world = World::start().await;
    let mut guest = world.guest().await;
    let (good, dora) = registration(&mut world, &mut guest, 40).await;
    let wide = "界".repeat(33);
    let login = [
        "",
        "d",
        "two words",
        "Dora",
        "ＤＯＲＡ",
        "do\u{200b}ra",
        "do\u{200d}ra",
        "\u{202e}arod",
        "do\u{2066}ra",
        "👩🏽‍🚀🦩",
        "dora\0",
        "do\nra",
        "\u{301}\u{301}",
        "\u{feff}dora",
        wide.as_str(),
    ];
    for name in login {
        let params = named(&good, &dora, name, "Dora");
        assert_eq!(
            code(&mut guest, &params).await,
            ErrorCode::NameInvalid,
            "{name:?}"
        );
    }
    // What somebody has, or looks like it: with Cyrillic letters in it, or all of them.
    for name in ["anna", "аnna", "аnnа", "ben", "bеn"] {
        let params = named(&good, &dora, name, "Dora");
        assert_eq!(
            code(&mut guest, &params).await,
            ErrorCode::NameTaken,
            "{name}"
        );
    }
    let towers = format!("a{}", "\u{301}".repeat(255));
    for name in [
        "",
        " ",
        "\u{200b}\u{200d}",
        "D\u{202e}ora",
        "D\u{2067}ora",
        &"x".repeat(65),
        &towers,
    ] {
        let params = named(&good, &dora, "dora", name);
        assert_eq!(
            code(&mut guest, &params).await,
            ErrorCode::NameInvalid,
            "{name:?}"
        );
    }
    for size in [300, 100_000] {
        let params = oversized(&good, &"x".repeat(size));
        assert_eq!(
            code(&mut guest, &params).await,
            ErrorCode::CertificateInvalid,
            "{size}"
        );
    }
    let mut device = good.clone();
    device.device.name = "界".repeat(100_000);
    assert_eq!(code(&mut guest, &device).await, ErrorCode::NameInvalid);
    world.talk_on().await;
    // Nothing was used up by all that, and names of other scripts and emoji are welcome where they mislead nobody.
    let params = named(&good, &dora, "дора", "Дора 👩🏽‍🚀 דורה");
    guest.call(&params).await.unwrap();
    world.talk_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_only_asked_for_do_no_harm() {
    let mut world = World::start().await;
    let mut wire = world.signed_in().await;
    let long = "x".repeat(100_000);
    let wide = "𒐫".repeat(100_000);
    for query in [
        long.as_str(),
        &wide,
        "%",
        "_",
        "'; DROP TABLE accounts; --",
        "\u{202e}",
        "\0",
        "👩🏽‍🚀",
        "*",
    ] {
        let find = FindPeople {
            query: query.to_owned(),
            limit: 100,
        };
        match wire.call(&find).await {
            Ok(found) => assert_eq!(found.people, [], "{:.20}", query),
            Err(error) => assert_eq!(error.code, ErrorCode::BadRequest, "{:.20}", query),
        }
    }
    let mut guest = world.guest().await;
    for name in [
        long.as_str(),
        &wide,
        "",
        "\u{202e}anna",
        "an\u{200b}na",
        "'--",
    ] {
        let (mut start, _) = testkit::SigningIn::start(1, "anna", &world.anna.0.passphrase);
        start.login_name = name.to_owned();
        // like a name that nobody has
        let started = guest.call::<SignInStart>(&start).await.unwrap();
        assert_eq!(started.ke2.len(), 320);
    }
    let find = FindPeople {
        query: String::new(),
        limit: 100,
    };
    assert_eq!(wire.call(&find).await.unwrap().people.len(), 3);
    world.talk_on().await;
}
