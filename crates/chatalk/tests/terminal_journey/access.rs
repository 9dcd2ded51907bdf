//! Ways in and out: a lost device, a forgotten passphrase, a reset, and sign-ins that a device has to let in.

use crate::{
    journey::terminal::Terminal,
    server::FAST,
    world::{ESCAPE, TAB, World, begin, fresh, join, safety_number, sign_in, take_the_offer},
};

/// Ada opens the conversation with Ben, and he opens it too.
fn meet(ada: &mut Terminal, ben: &mut Terminal) {
    ada.enter("/talk ben");
    ada.sees("Write a message, or /help");
    ben.sees("Ada Lovelace");
    ben.press(TAB);
    ben.sees("Write a message, or /help");
}

#[test]
fn a_lost_device_is_shut_out_and_reads_nothing_new() {
    let world = World::new(FAST);
    let (mut ada, passphrase, links) = begin(&world, 1);
    let (mut ben, _) = join(&world, "Ben", &links[0], ("ben", "Ben Okri"));
    meet(&mut ada, &mut ben);
    ben.enter("before it was lost");
    ada.sees("before it was lost");

    let mut lost = fresh(&world, "the lost one", "lost");
    sign_in(&mut lost, &passphrase);
    lost.sees("Ben Okri");
    lost.press(TAB);
    lost.sees("before it was lost");
    ada.sees("Another device signed in to your account");

    ada.enter("/devices");
    let rows = ada.sees("(this device)");
    assert!(
        rows.iter().any(|row| row.contains("  2 Terminal")),
        "{rows:?}"
    );
    ada.enter("/signout 2");
    ada.sees("Really sign out");
    ada.enter("/yes");
    ada.sees("Signed out: it is shut out");
    lost.sees("This device was signed out.");
    ada.press(ESCAPE);
    ada.press(ESCAPE);
    ben.enter("after it was lost");
    ada.sees("after it was lost");
    // the folder is still there, and opens nothing
    drop(lost);
    let mut lost = fresh(&world, "the lost one, again", "lost");
    lost.sees("This device was signed out.");
    assert!(!lost.rows().join("\n").contains("after it was lost"));

    // the passphrase may be known as well
    ada.enter("/passphrase");
    ada.answer("The new one is needed wherever", &passphrase);
    ada.answer("May somebody know the old passphrase?", "yes");
    take_the_offer(&mut ada);
    ada.sees("Your passphrase is changed.");
    lost.press(ESCAPE);
    sign_in(&mut lost, &passphrase);
    lost.sees("Name or passphrase is wrong.");
    ben.enter("still the same Ada");
    ada.sees("still the same Ada");

    // and this one leaves by itself
    ada.enter("/signout");
    ada.sees("Sign out of this device?");
    ada.enter("/yes");
    ada.sees("You are signed out.");
    assert!(!ada.rows().join("\n").contains("still the same Ada"));
    ada.press("\x03");
    ada.ends();
    let again = fresh(&world, "Ada, once more", "ada");
    again.sees("1 Sign in: I have a name and a passphrase");
}

#[test]
fn a_sign_in_is_let_in_by_a_terminal_or_refused() {
    let world = World::new(FAST);
    let (mut ada, passphrase, links) = begin(&world, 1);
    let (mut ben, _) = join(&world, "Ben", &links[0], ("ben", "Ben Okri"));
    meet(&mut ada, &mut ben);
    ada.enter("/timer 1h");
    ben.sees("disappear after 1 hour");
    ben.enter("gone in an hour");
    ada.sees("gone in an hour");

    ada.enter("/approval on");
    ada.answer("Your passphrase", &passphrase);
    let passphrase = take_the_offer(&mut ada);
    ada.sees("New sign-ins need the approval of one of your devices.");

    let mut phone = fresh(&world, "the phone", "phone");
    sign_in(&mut phone, &passphrase);
    phone.sees("Waiting for one of your devices");
    ada.sees("wants to sign in to your account");
    ada.enter("/letin");
    let code = code_of(&phone);
    ada.sees(&code);
    ada.enter("/letin");
    phone.sees("Ben Okri");
    phone.press(TAB);
    // what disappears is read on a fresh device until then
    phone.sees("gone in an hour");
    phone.sees("disappear after 1 hour");
    phone.enter("from the phone");
    ben.sees("from the phone");

    let mut stranger = fresh(&world, "a stranger", "stranger");
    sign_in(&mut stranger, &passphrase);
    stranger.sees("Waiting for one of your devices");
    ada.sees("wants to sign in to your account");
    ada.enter("/refuse");
    ada.sees("Refused. If that was not you");
    stranger.sees("You were not let in");
}

/// The code that a sign-in shows while it waits.
fn code_of(terminal: &Terminal) -> String {
    let is_code = |row: &&String| {
        let row = row.trim();
        row.len() >= 6 && row.chars().all(|c| c.is_ascii_digit() || c == ' ')
    };
    let rows = terminal.until("a code", |rows| rows.iter().any(|row| is_code(&row)));
    rows.iter().find(is_code).unwrap().trim().to_owned()
}

#[test]
fn a_forgotten_passphrase_is_approved_and_who_has_lost_everything_begins_anew() {
    let world = World::new(FAST);
    let (mut ada, _, links) = begin(&world, 1);
    let (mut ben, _) = join(&world, "Ben", &links[0], ("ben", "Ben Okri"));
    meet(&mut ada, &mut ben);
    ben.enter("I forgot mine");
    ada.sees("I forgot mine");

    ben.enter("/forgotten");
    ben.sees("Asked. Approve it with /forgotten approve");
    ada.sees("Forgot their passphrase and ask an admin");
    ada.enter("/forgotten approve \"Ben Okri\"");
    ada.sees("Have you asked Ben Okri");
    ada.enter("/yes");
    ben.sees("You may set a new passphrase now: /forgotten");
    ben.enter("/forgotten");
    take_the_offer(&mut ben);
    ben.sees("Your passphrase is changed.");

    ada.sees("Ben Okri has a new passphrase, confirmed by a device");
    compare_and_accept(&mut ada, &mut ben);
    ada.enter("/verified");
    ada.sees("You have verified Ben Okri.");
    ada.sees("1 ✓ Ben Okri");
    ada.press(ESCAPE);
    ada.press(ESCAPE);
    ada.enter("with the new one");
    ben.sees("with the new one");

    // then he loses every device, too
    ben.enter("/quit");
    ben.ends();
    ada.enter("/reset ben");
    ada.sees("Make the link for Ben Okri?");
    ada.enter("/yes");
    let link = link_of(&ada);
    ada.press(ESCAPE);
    let mut ben = fresh(&world, "Ben, anew", "ben anew");
    ben.sees("1 Sign in: I have a name and a passphrase");
    ben.press("1");
    ben.answer("The name that you registered with.", "ben");
    ben.sees("Login name: ben");
    ben.enter(&link);
    take_the_offer(&mut ben);
    ben.sees("● online");

    ada.sees("An administrator of your organisation reset Ben Okri");
    ada.enter("/accept");
    ada.sees("You accepted the new identity of Ben Okri.");
    let marked = |rows: &[String]| rows.iter().any(|row| row.contains("✓ Ben Okri"));
    ada.until("no mark", |rows| !marked(rows));
    // he reads what is said once he is let in again
    ada.sees("The access of Ben Okri was restored by");
    ada.enter("welcome back");
    ben.sees("Ada Lovelace");
    ben.press(TAB);
    ben.sees("welcome back");
    let his = ben.rows().join("\n");
    assert!(!his.contains("I forgot mine"), "{his}");
}

/// Both look at the safety number; then Ada accepts what she compared.
fn compare_and_accept(ada: &mut Terminal, ben: &mut Terminal) {
    ada.enter("/safety");
    ada.sees("Safety number with Ben Okri");
    ben.enter("/safety ada");
    ben.sees("Safety number with Ada Lovelace");
    assert_eq!(safety_number(ada), safety_number(ben));
    ada.enter("/accept");
    ada.sees("You accepted the new identity of Ben Okri.");
    ben.press(ESCAPE);
    ben.press(ESCAPE);
}

/// The link on the screen, as it is copied.
fn link_of(terminal: &Terminal) -> String {
    let rows = terminal.sees("It can be used once");
    let from = rows.iter().position(|row| row.starts_with("https://"));
    let rows = rows[from.unwrap()..].iter();
    rows.take_while(|row| !row.is_empty()).cloned().collect()
}
