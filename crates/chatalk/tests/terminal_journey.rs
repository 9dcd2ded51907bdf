//! What people get, from the first start to a fresh device, with the real programs in real terminals.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)] // shared with other tests, which use other parts
mod journey;
#[allow(dead_code)] // as above
#[path = "common/server.rs"]
mod server;

#[path = "terminal_journey/access.rs"]
mod access;
#[path = "terminal_journey/groups.rs"]
mod groups;
#[path = "terminal_journey/world.rs"]
mod world;

use std::path::Path;

use journey::terminal::Terminal;
use server::FAST;
use world::{ESCAPE, SIZE, TAB, TALL, World, invite, safety_number, set_up, sign_in};

const PAGE_UP: &str = "\x1b[5~";
const END: &str = "\x1b[F";
const BEGINNING: &str = "This is the beginning of the conversation.";
const GRACE_PHRASE: &str = "Vier Zebras jonglieren mit 17 Kürbissen";

/// The second member, in French, with a passphrase of her own choice.
fn register(grace: &mut Terminal) {
    grace.answer("pour vous connecter", "grace");
    grace.answer("Comment les autres vous voient.", "Grace Hopper");
    grace.sees("Notez ces cinq mots");
    grace.press(TAB);
    grace.answer("Votre propre phrase secrète", "mot de passe");
    grace.sees("Trop facile à deviner.");
    grace.press("\x15");
    grace.enter(GRACE_PHRASE);
    grace.answer("Tapez-la encore une fois", GRACE_PHRASE);
    grace.sees("Pas encore de conversation.");
}

/// Both open the conversation: one finds the other by name.
fn meet(ada: &mut Terminal, grace: &mut Terminal) {
    ada.enter("/find gra");
    ada.sees("1 person found");
    ada.sees("Grace Hopper  grace");
    ada.enter("/talk 1");
    ada.sees("Write a message, or /help");
    grace.sees("Ada Lovelace");
    grace.press(TAB);
    grace.sees("Écrivez un message, ou /aide");
}

/// One says something, and the other hears it.
fn says(from: &mut Terminal, to: &Terminal, text: &str, said: &mut Vec<String>) {
    from.enter(text);
    to.sees(text);
    said.push(text.to_owned());
}

fn delete(folder: &Path) {
    std::fs::remove_dir_all(folder).unwrap();
}

const SCRIPTS: &[&str] = &[
    "Bonjour, où êtes-vous ? Ça va très bien.",
    "我们在车站见面。你好，世界！",
    "مرحبا بالعالم أراك في المحطة",
    "שלום עולם ניפגש בצהריים",
    "Встретимся на вокзале в полдень",
    "역에서 만나요 ありがとう 🎈🚂",
];

#[test]
fn two_people_talk_through_everything_and_find_it_all_again() {
    let mut world = World::new(FAST);
    let mut said = Vec::new();
    let server = world.address();
    let english = ["--test-stretching", "--language=en", "--server", &server];
    let mut ada = Terminal::start("Ada", &world.of("ada"), TALL, &english);
    let passphrase = set_up(&world, &mut ada);
    let link = world.through_the_network(&invite(&mut ada));
    let french = ["--test-stretching", "--language=fr", "--invitation", &link];
    let mut grace = Terminal::start("Grace", &world.of("grace"), TALL, &french);
    register(&mut grace);
    meet(&mut ada, &mut grace);
    for (n, text) in SCRIPTS.iter().enumerate() {
        if n % 2 == 0 {
            says(&mut ada, &grace, text, &mut said);
        } else {
            says(&mut grace, &ada, text, &mut said);
        }
    }
    let last_of_ada = format!("{} ✓✓", SCRIPTS[4]);
    ada.sees(&last_of_ada);

    server_dies(&mut world, &mut ada, &mut grace, &mut said);
    network_fails(&world, &mut ada, &mut grace, &mut said);
    ada.sees_once(&said);
    grace.sees_once(&said);

    ada.enter("/quit");
    ada.ends();
    grace.enter("/quitter");
    grace.ends();
    delete(&world.of("ada"));
    delete(&world.of("grace"));
    fresh_devices(&world, &passphrase, &mut said);
}

/// kill -9 in the middle of a burst: what was written then and meanwhile arrives afterwards, once and in order.
fn server_dies(
    world: &mut World,
    ada: &mut Terminal,
    grace: &mut Terminal,
    said: &mut Vec<String>,
) {
    let burst: Vec<String> = (0..24).map(|n| format!("line {n:02} of a burst")).collect();
    for (n, line) in burst.iter().enumerate() {
        ada.enter(line);
        if n == 12 {
            grace.sees(&burst[4]);
            world.server.kill();
        }
    }
    ada.sees("offline");
    grace.sees("hors ligne");
    grace.enter("quand le serveur est mort");
    grace.sees("quand le serveur est mort ◷");
    ada.sees(&format!("{} ◷", burst[23]));
    world.server.start_again();
    said.extend(burst.clone());
    said.push("quand le serveur est mort".to_owned());
    for terminal in [&*ada, &*grace] {
        let rows = terminal.sees_once(said);
        let right = |row: &String| row.split_once('│').map(|(_, right)| right.to_owned());
        let messages: Vec<String> = rows.iter().filter_map(right).collect();
        let at = |line: &String| messages.iter().position(|row| row.contains(line.as_str()));
        assert!(burst.iter().is_sorted_by_key(at), "in order: {rows:?}");
    }
    ada.sees(&format!("{} ✓✓", burst[23]));
    ada.sees("● online");
    grace.sees("● en ligne");
}

/// The network breaks, comes back, swallows everything, comes back.
fn network_fails(world: &World, ada: &mut Terminal, grace: &mut Terminal, said: &mut Vec<String>) {
    world.proxy.cut();
    ada.sees("offline");
    grace.sees("hors ligne");
    ada.enter("without a network");
    ada.sees("without a network ◷");
    world.proxy.mend();
    said.push("without a network".to_owned());
    grace.sees_once(said);
    ada.sees("without a network ✓✓");
    says(grace, ada, "le réseau est revenu", said);

    world.proxy.swallow();
    ada.enter("into a hole");
    ada.sees("into a hole ◷");
    // nobody tells: both have to notice by themselves
    ada.sees("offline");
    grace.sees("hors ligne");
    world.proxy.mend();
    said.push("into a hole".to_owned());
    grace.sees_once(said);
    ada.sees("into a hole ✓✓");
}

/// Name and passphrase alone bring everything back, and one goes on.
fn fresh_devices(world: &World, passphrase: &str, said: &mut Vec<String>) {
    let server = world.address();
    let pinned = world.server.fingerprint.clone();
    let base = [
        "--test-stretching",
        "--server",
        &server,
        "--fingerprint",
        &pinned,
    ];
    let english = [&base[..], &["--language=en"]].concat();
    let mut ada = Terminal::start("Ada, again", &world.of("ada"), SIZE, &english);
    sign_in(&mut ada, "a wrong passphrase");
    ada.sees("Name or passphrase is wrong.");
    ada.enter(passphrase);
    ada.sees("Grace Hopper");
    ada.press(TAB);
    ada.sees(said.last().unwrap());
    // beside the list, which shows the newest one at once
    let newest = said.last().unwrap();
    ada.until("the newest message", |now| {
        pane(now).iter().any(|row| row.contains(newest))
    });
    let found = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let see = |rows: &[String]| {
        let shown = said
            .iter()
            .filter(|text| pane(rows).iter().any(|row| row.contains(text.as_str())));
        found.borrow_mut().extend(shown.cloned());
    };
    loop {
        let rows = ada.rows();
        see(&rows);
        if rows.iter().any(|row| row.contains(BEGINNING)) {
            break;
        }
        ada.press(PAGE_UP);
        // rows move a little by themselves, as names and marks come and go; a page is more than that
        let before = topmost(&rows, said).unwrap().1;
        ada.until("an older page", |now| {
            see(now);
            now.iter().any(|row| row.contains(BEGINNING))
                || topmost(now, said).is_some_and(|(_, text)| text + 4 <= before)
        });
    }
    let found = found.into_inner();
    assert_eq!(found.len(), said.len(), "{found:?}");
    ada.sees(SCRIPTS[0]);
    ada.press(END);

    // one more device at the same time: the first one is told, and both show what either writes
    let mut phone = Terminal::start("Ada, also", &world.of("ada too"), TALL, &english);
    sign_in(&mut phone, passphrase);
    ada.sees("Another device signed in to your account");
    ada.press(ESCAPE);
    phone.sees("Grace Hopper");
    phone.press(TAB);
    says(&mut phone, &ada, "from the other device", said);
    phone.sees_once(said);
    phone.enter("/quit");
    phone.ends();

    let french = [&base[..], &["--language=fr"]].concat();
    let mut grace = Terminal::start("Grace, again", &world.of("grace"), TALL, &french);
    grace.sees("1 Me connecter");
    grace.press("1");
    grace.answer("Le nom avec lequel", "grace");
    grace.sees("Nom de connexion : grace");
    grace.enter(GRACE_PHRASE);
    grace.sees("Ada Lovelace");
    grace.press(TAB);
    grace.sees_once(said);
    says(&mut grace, &ada, "me revoilà", said);
    says(&mut ada, &grace, "welcome back", said);
    grace.sees_once(said);
    ada.enter("/safety");
    ada.sees("Safety number with Grace Hopper");
    let of_ada = safety_number(&ada);
    grace.enter("/sûreté ada");
    grace.sees("Numéro de sûreté avec Ada Lovelace");
    assert_eq!(of_ada, safety_number(&grace));
    ada.press("\x03");
    ada.ends();
    // started again on the same folder: no passphrase, no question
    let mut ada = Terminal::start("Ada, once more", &world.of("ada"), TALL, &["--language=en"]);
    ada.sees("Grace Hopper");
    ada.press(TAB);
    ada.sees_once(said);
    drop(ada);
}

/// What stands right of the list of conversations.
fn pane(rows: &[String]) -> Vec<&str> {
    let right = |row| str::split_once(row, '│').map_or("", |(_, right)| right);
    rows.iter().map(|row| right(row.as_str())).collect()
}

/// The first row that holds one of these texts, and which.
fn topmost(rows: &[String], texts: &[String]) -> Option<(usize, usize)> {
    let held = |row: &&str| texts.iter().position(|text| row.contains(text.as_str()));
    pane(rows)
        .iter()
        .enumerate()
        .find_map(|(at, row)| Some((at, held(row)?)))
}

/// Once with the key stretching that people get.
#[test]
fn an_account_made_with_production_stretching_is_found_again() {
    let world = World::new(&[]);
    let server = world.address();
    let args = ["--language=en", "--server", &server];
    let mut ada = Terminal::start("Ada", &world.of("ada"), SIZE, &args);
    let passphrase = set_up(&world, &mut ada);
    ada.enter("/quit");
    ada.ends();
    delete(&world.of("ada"));
    let words = world.words();
    let args = [
        "--language=en",
        "--server",
        &server,
        "--fingerprint",
        &words,
    ];
    let mut ada = Terminal::start("Ada, again", &world.of("ada"), SIZE, &args);
    sign_in(&mut ada, &passphrase);
    ada.sees("No conversations yet.");
    ada.sees("Journalistes Sans Papiers");
}
