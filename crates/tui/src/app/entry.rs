//! The way in: which server, and whether to trust it.

use client_native::{Fingerprint, LinkError, Peer, Pin, ServerAddress};
use e2ee::invitation::Invitation;

use super::{Account, App, Effect, Kind, Screen};
use crate::{
    editor::Editor,
    texts::{Text, link_problem},
};

/// What is known at the start.
#[derive(Default)]
pub struct Entry {
    /// The server that the folder belongs to.
    pub known: Option<Peer>,
    /// `--server`.
    pub server: Option<ServerAddress>,
    /// `--fingerprint`.
    pub pin: Option<Pin>,
    /// `--invitation`.
    pub invitation: Option<String>,
    /// Name of this device.
    pub device_name: String,
}

/// The question whether it is the right server.
pub struct Trust {
    /// Which.
    pub address: ServerAddress,
    /// What it showed.
    pub fingerprint: Fingerprint,
    /// The answer.
    pub answer: Editor,
}

/// Reads a link as it may have been copied from a terminal: line breaks and spaces inside do not matter.
pub(super) fn read_invitation(text: &str) -> Option<(String, Peer)> {
    let link: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let invitation = Invitation::decode(&link).ok()?;
    let addresses: Vec<ServerAddress> = invitation
        .addresses
        .iter()
        .filter_map(|address| address.parse().ok())
        .collect();
    let peer = Peer {
        addresses,
        authority: Fingerprint(invitation.ca),
    };
    (!peer.addresses.is_empty()).then_some((link, peer))
}

impl App {
    /// The first step.
    pub(super) fn enter(&mut self) {
        let asked = self.entry.invitation.take();
        let invited = asked.as_deref().and_then(read_invitation);
        if asked.is_some() && invited.is_none() {
            self.warn(self.say(Text::InvitationBad));
        }
        let server: Vec<ServerAddress> = self.entry.server.iter().cloned().collect();
        match (self.entry.known.take(), invited) {
            (Some(known), invited) => {
                if let Some((link, peer)) = invited {
                    if peer.authority == known.authority {
                        self.invitation = Some(link);
                    } else {
                        self.alarm(self.say(Text::OtherServer));
                    }
                }
                self.start(known.also_at(server));
            }
            (None, Some((link, peer))) => {
                self.invitation = Some(link);
                self.start(peer.also_at(server));
            }
            (None, None) => {
                if let Some(address) = server.into_iter().next() {
                    self.look_at(address);
                }
            }
        }
    }

    pub(super) fn start(&mut self, peer: Peer) {
        self.peer = Some(peer.clone());
        self.screen = Screen::Starting;
        self.effect(Effect::Start(peer));
    }

    fn look_at(&mut self, address: ServerAddress) {
        self.effect(Effect::Probe(address.clone(), self.entry.pin.clone()));
        self.screen = Screen::Looking(address);
    }

    /// What was typed on the first screen.
    pub(super) fn server_entered(&mut self, text: &str) {
        if let Some((link, peer)) = read_invitation(text) {
            self.invitation = Some(link);
            return self.start(peer);
        }
        match text.parse::<ServerAddress>() {
            // an incomplete invitation would pass for an address
            Ok(address) if !text.contains('#') => self.look_at(address),
            _ => self.warn(self.say(Text::ServerBad)),
        }
    }

    pub(super) fn probed(
        &mut self,
        address: ServerAddress,
        result: Result<Fingerprint, LinkError>,
    ) {
        if !matches!(&self.screen, Screen::Looking(waited) if *waited == address) {
            return;
        }
        match result {
            Ok(fingerprint) if self.entry.pin.is_some() => self.start(Peer {
                addresses: vec![address],
                authority: fingerprint,
            }),
            Ok(fingerprint) => {
                self.screen = Screen::Trust(Trust {
                    address,
                    fingerprint,
                    answer: Editor::default(),
                });
            }
            Err(error) => {
                self.warn(link_problem(self.language, &error));
                self.screen = Screen::Server(Editor::with(&address.to_string()));
            }
        }
    }

    /// The answer to the question of trust.
    pub(super) fn trust_answered(&mut self) {
        let Screen::Trust(trust) = &mut self.screen else {
            return;
        };
        let answer = trust.answer.take().trim().to_lowercase();
        let peer = Peer {
            addresses: vec![trust.address.clone()],
            authority: trust.fingerprint,
        };
        match answer.as_str() {
            "yes" | "y" | "oui" | "o" => {
                self.calm();
                self.start(peer);
            }
            "no" | "n" | "non" => {
                self.warn(self.say(Text::TrustRefused));
                self.screen = Screen::Server(Editor::default());
            }
            _ => self.warn(self.say(Text::TrustAnswer)),
        }
    }

    pub(super) fn started(&mut self) {
        self.effect(Effect::Snapshot);
    }

    pub(super) fn not_started(&mut self, why: String) {
        self.peer = None;
        self.screen = Screen::Server(Editor::default());
        self.alarm(why);
    }

    /// Nobody is signed in: the form of the invitation, or the choice.
    pub(super) fn welcome(&mut self) {
        match self.invitation.take() {
            Some(link) => self.open_account(Account::invited(link)),
            None => self.screen = Screen::Welcome(0),
        }
    }

    /// What can be chosen on the first screen.
    #[must_use]
    pub fn choices(&self) -> &'static [Kind] {
        match self.set_up {
            Some(false) => &[Kind::SetUp],
            Some(true) => &[Kind::SignIn, Kind::Register],
            None => &[],
        }
    }

    pub(super) fn open_account(&mut self, mut account: Account) {
        if let (true, Some(me)) = (account.kind.of_member(), &self.me) {
            account.belongs_to(me);
        }
        self.screen = Screen::Account(Box::new(account));
        self.want_offer();
    }

    /// Asks for a passphrase to offer, or a recovery code to show, where one is needed.
    pub(super) fn want_offer(&mut self) {
        let language = self.language;
        if let Screen::Account(account) = &self.screen
            && account.wants_offer()
        {
            self.effect(Effect::NewPassphrase(language));
        }
        if let Screen::Account(account) = &self.screen
            && account.wants_code()
        {
            self.effect(Effect::NewRecoveryCode);
        }
    }
}
