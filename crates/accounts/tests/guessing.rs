//! Guessing names, passphrases and tickets: answers alike, work alike, attempts limited.
#![allow(clippy::unwrap_used)]

mod common;

use accounts::{Accounts, Error, Origin};
use common::{HOUR, Server, from, start};
use e2ee::{
    opaque::{KE3_LEN, OpaqueError},
    passphrase,
};
use futures_util::future::join_all;
use protocol::{
    Bytes, Hash32,
    methods::account::{CheckInvitation, NewDevice, SignInStart},
};
use testkit::{Member, SigningIn};

async fn sign_in(
    server: &Server,
    from: &Origin,
    login_name: &str,
    passphrase: &passphrase::Passphrase,
) -> Result<(), Error> {
    let (params, signing_in) = SigningIn::start(5, login_name, passphrase);
    let opened = server.accounts.sign_in_start(from, params).await?;
    match signing_in.finish(&opened.ke2, opened.stretching, server.accounts.instance()) {
        Ok((ke3, device, _)) => server
            .accounts
            .sign_in_finish(from, opened.attempt, ke3, device)
            .await
            .map(drop),
        Err(OpaqueError::WrongNameOrPassphrase) => Err(Error::WrongNameOrPassphrase),
        Err(other) => panic!("{other}"),
    }
}

fn wrong() -> passphrase::Passphrase {
    passphrase::prepare("not the right one at all").unwrap()
}

fn is_limited(result: &Result<(), Error>) -> bool {
    matches!(result, Err(Error::TooManyAttempts { .. }))
}

#[tokio::test]
async fn unknown_names_and_wrong_passphrases_look_alike_and_cost_alike() {
    let (server, _folder) = start().await;
    let anna = server.set_up().await;
    let mut seen = Vec::new();
    for name in [
        anna.certificate.login_name.as_str(),
        "nobody",
        "two words",
        "\u{202e}",
    ] {
        let (params, signing_in) = SigningIn::start(5, name, &wrong());
        let before = server.storage.counts();
        let twice = [params.clone(), params];
        let mut evaluated = Vec::new();
        for params in twice {
            let opened = server
                .accounts
                .sign_in_start(&from(1), params)
                .await
                .unwrap();
            // The OPRF's answer is the same each time for one name, known or not (RFC 9807, section 10.9).
            evaluated.push(opened.ke2.slice(..32));
            seen.push((opened.ke2.len(), opened.stretching));
            let device = NewDevice {
                device: signing_in.device.id(),
                name: "test".to_owned(),
                signing_key: Bytes::from_static(&[0; 32]),
                wrap_key: Bytes::from_static(&[0; 32]),
            };
            let ke3 = Bytes::from_static(&[0; KE3_LEN]);
            let refused = server
                .accounts
                .sign_in_finish(&from(1), opened.attempt, ke3, device)
                .await;
            assert_eq!(refused.unwrap_err(), Error::WrongNameOrPassphrase);
        }
        assert_eq!(evaluated[0], evaluated[1]);
        let after = server.storage.counts();
        assert_eq!((after.0 - before.0, after.1 - before.1), (2, 0), "{name}");
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
}

#[tokio::test]
async fn guesses_are_limited_by_name_also_for_names_that_nobody_has() {
    let (server, _folder) = start().await;
    let anna = server.set_up().await;
    for name in ["anna", "nobody"] {
        for guess in 0..30 {
            // from many addresses
            let result = sign_in(&server, &from(guess), name, &wrong()).await;
            assert_eq!(result, Err(Error::WrongNameOrPassphrase), "{name} {guess}");
        }
        let result = sign_in(&server, &from(99), name, &wrong()).await;
        assert!(is_limited(&result), "{name}: {result:?}");
    }
    // Also with the right passphrase, and however the name is written.
    for name in ["anna", "ANNA", "ａnna"] {
        assert!(is_limited(
            &sign_in(&server, &from(99), name, &anna.passphrase).await
        ));
    }
    // Who is signed in stays so.
    let challenge = Hash32([3; 32]);
    let resume = anna.resume(server.accounts.incarnation(), challenge);
    server.accounts.resume(resume, challenge).await.unwrap();
    // After an hour's thirtieth there is one more attempt.
    server.clock.advance(HOUR / 30);
    sign_in(&server, &from(99), "anna", &anna.passphrase)
        .await
        .unwrap();
}

#[tokio::test]
async fn right_passphrases_are_no_guesses() {
    let (server, _folder) = start().await;
    let anna = server.set_up().await;
    for _ in 0..400 {
        sign_in(&server, &from(1), "anna", &anna.passphrase)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn guesses_are_limited_by_address() {
    let (server, _folder) = start().await;
    let anna = server.set_up().await;
    for guess in 0..300 {
        let ke1 = Bytes::from_static(b"rubbish");
        let params = SignInStart {
            login_name: format!("name{guess}"),
            ke1,
        };
        let refused = server.accounts.sign_in_start(&from(1), params).await;
        assert!(matches!(refused, Err(Error::BadRequest(_))));
    }
    assert!(is_limited(
        &sign_in(&server, &from(1), "anna", &anna.passphrase).await
    ));
    sign_in(&server, &from(2), "anna", &anna.passphrase)
        .await
        .unwrap();
}

#[tokio::test]
async fn guesses_of_tickets_at_the_same_time_are_no_more_than_one_by_one() {
    let (server, _folder) = start().await;
    let mut anna: Member = server.set_up().await;
    let ticket = server.invite(&mut anna).await;
    let protocol::methods::account::Ticket::Invitation { secret } = ticket else {
        unreachable!()
    };
    // Right ones, however many at once, are no guesses.
    let address = from(1);
    let check = |secret: Bytes| {
        let params = CheckInvitation { secret };
        server.accounts.check_invitation(&address, params)
    };
    let right = join_all((0..100).map(|_| check(secret.clone()))).await;
    assert!(right.iter().all(Result::is_ok));
    let guesses = (0..100u8).map(|guess| check(Bytes::from(vec![guess; 16])));
    let guessed = join_all(guesses).await;
    let looked_at = |found: &&Result<_, Error>| matches!(found, Err(Error::InvitationInvalid));
    assert_eq!(guessed.iter().filter(looked_at).count(), 30);
    assert!(matches!(
        check(secret).await,
        Err(Error::TooManyAttempts { .. })
    ));
}

#[tokio::test]
async fn guesses_of_tickets_are_limited_by_address() {
    let (server, _folder) = start().await;
    let mut anna: Member = server.set_up().await;
    let ticket = server.invite(&mut anna).await;
    let right = match &ticket {
        protocol::methods::account::Ticket::Invitation { secret } => secret.clone(),
        _ => unreachable!(),
    };
    let check = |secret| CheckInvitation { secret };
    for guess in 0..30u8 {
        // right ones in between cost nothing
        server
            .accounts
            .check_invitation(&from(1), check(right.clone()))
            .await
            .unwrap();
        let guessed = Bytes::copy_from_slice(&[guess; 16]);
        let refused = server
            .accounts
            .check_invitation(&from(1), check(guessed))
            .await;
        assert_eq!(refused.unwrap_err(), Error::InvitationInvalid);
    }
    let refused = server
        .accounts
        .check_invitation(&from(1), check(right.clone()))
        .await;
    assert!(matches!(refused, Err(Error::TooManyAttempts { .. })));
    let (params, _) = server.newcomer(2, "ben").start(&ticket);
    let refused = server.accounts.register_start(&from(1), params).await;
    assert!(matches!(refused, Err(Error::TooManyAttempts { .. })));
    server
        .accounts
        .check_invitation(&from(2), check(right))
        .await
        .unwrap();
}
