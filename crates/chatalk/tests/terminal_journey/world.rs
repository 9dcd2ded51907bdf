//! A server, a network, and what everybody does on the way in.

use std::path::PathBuf;

use e2ee::invitation::Invitation;

use crate::{
    journey::{proxy::Proxy, terminal::Terminal},
    server::Server,
};

pub const TAB: &str = "\t";
pub const ESCAPE: &str = "\x1b";
pub const SIZE: (u16, u16) = (100, 30);
/// So high that a whole conversation fits.
pub const TALL: (u16, u16) = (100, 120);
pub struct World {
    pub folder: tempfile::TempDir,
    pub server: Server,
    pub proxy: Proxy,
}

impl World {
    pub fn new(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start_for_people(&folder.path().join("data"), options);
        let proxy = Proxy::start(server.port);
        Self {
            folder,
            server,
            proxy,
        }
    }

    pub fn of(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The server's address as the network reaches it.
    pub fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.proxy.port)
    }

    /// The same invitation for those who reach the server through the network that can fail.
    pub fn through_the_network(&self, link: &str) -> String {
        let mut invitation = Invitation::decode(link).unwrap();
        invitation.addresses = vec![format!("127.0.0.1:{}", self.proxy.port)];
        invitation.link().to_string()
    }

    /// As the server's terminal shows them, for the fingerprint beside them.
    pub fn words(&self) -> String {
        let mut fingerprint = [0; 32];
        hex::decode_to_slice(&self.server.fingerprint, &mut fingerprint).unwrap();
        let words = e2ee::passphrase::six_words(&fingerprint).join(" ");
        assert_eq!(self.server.words, words);
        words
    }
}

/// The first member: compares the certificate's words, sets the organisation up; gives back the passphrase.
pub fn set_up(world: &World, ada: &mut Terminal) -> String {
    ada.sees("Is this your server?");
    ada.sees(&world.words());
    ada.answer("yes or no", "yes");
    ada.sees("Set up a new organisation");
    ada.press("\r");
    ada.answer(
        "The server's terminal shows it.",
        world.server.set_up_code.as_ref().unwrap(),
    );
    ada.answer("All members see it.", "Journalistes Sans Papiers");
    ada.answer("to sign in with", "ada");
    ada.answer("How the others see you.", "Ada Lovelace");
    let passphrase = offered(ada);
    ada.press("\r");
    ada.answer("Type it once again", &passphrase);
    ada.sees("No conversations yet.");
    ada.sees("● online");
    passphrase
}

/// The passphrase that is offered.
pub fn offered(terminal: &Terminal) -> String {
    let is_offer = |row: &&String| {
        let row = row.trim();
        row.split('-').count() == 5
            && row.split('-').all(|w| w.chars().count() >= 3)
            && !row.contains(' ')
    };
    let rows = terminal.until("a passphrase", |rows| rows.iter().any(|row| is_offer(&row)));
    rows.iter().find(is_offer).unwrap().trim().to_owned()
}

/// Makes an invitation and copies its link from the screen.
pub fn invite(terminal: &mut Terminal) -> String {
    terminal.enter("/invite");
    let rows = terminal.sees("Valid once, for 7 days.");
    let from = rows
        .iter()
        .position(|row| row.starts_with("https://"))
        .unwrap();
    let link: String = rows[from..]
        .iter()
        .take_while(|row| !row.is_empty())
        .cloned()
        .collect();
    terminal.press(ESCAPE);
    terminal.sees("No conversations yet.");
    link
}

pub fn sign_in(terminal: &mut Terminal, passphrase: &str) {
    terminal.sees("1 Sign in: I have a name and a passphrase");
    terminal.press("1");
    terminal.answer("The name that you registered with.", "ada");
    terminal.sees("Login name: ada");
    terminal.enter(passphrase);
}

/// The twelve groups of five digits on the screen.
pub fn safety_number(terminal: &Terminal) -> String {
    let digits = |rows: &[String]| -> String {
        let words = rows.iter().flat_map(|row| row.split([' ', '│']));
        let is_group = |w: &&str| w.len() == 5 && w.bytes().all(|b| b.is_ascii_digit());
        words.filter(is_group).collect()
    };
    let rows = terminal.until("sixty digits", |rows| digits(rows).len() == 60);
    digits(&rows)
}

/// One more member, in English, with the passphrase that is offered: gives that back.
pub fn join(
    world: &World,
    name: &'static str,
    link: &str,
    who: (&str, &str),
) -> (Terminal, String) {
    let link = world.through_the_network(link);
    let args = ["--test-stretching", "--language=en", "--invitation", &link];
    let mut terminal = Terminal::start(name, &world.of(who.0), TALL, &args);
    terminal.answer("to sign in with", who.0);
    terminal.answer("How the others see you.", who.1);
    let passphrase = take_the_offer(&mut terminal);
    terminal.sees("No conversations yet.");
    (terminal, passphrase)
}

/// Takes the passphrase that is offered, and has written it down.
pub fn take_the_offer(terminal: &mut Terminal) -> String {
    let passphrase = offered(terminal);
    terminal.press("\r");
    terminal.sees("Type it once again");
    terminal.press(TAB);
    passphrase
}

/// A device of somebody that knows nothing yet.
pub fn fresh(world: &World, name: &'static str, folder: &str) -> Terminal {
    let (server, pinned) = (world.address(), world.server.fingerprint.clone());
    let args = [
        "--test-stretching",
        "--language=en",
        "--server",
        &server,
        "--fingerprint",
        &pinned,
    ];
    Terminal::start(name, &world.of(folder), TALL, &args)
}

/// The one who sets everything up, and as many invitations as asked for.
pub fn begin(world: &World, invitations: usize) -> (Terminal, String, Vec<String>) {
    let server = world.address();
    let args = ["--test-stretching", "--language=en", "--server", &server];
    let mut ada = Terminal::start("Ada", &world.of("ada"), TALL, &args);
    let passphrase = set_up(world, &mut ada);
    let links = (0..invitations).map(|_| invite(&mut ada)).collect();
    (ada, passphrase, links)
}
