//! The member's devices: listing them, signing them out, and notices of sign-ins and of a changed passphrase, also of what
//! happened while this device was away.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Millis;
use protocol::{
    DeviceId, decode, encode,
    events::DeviceSignedIn,
    limits::LOOKUP_MAX,
    methods::{
        Done,
        own_account::{Devices as Listed, ListDevices, SignOutDevices},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    Doing, Engine, Failure, SeenNotices, Space, Store, Update,
    pending::Pending,
    view::{DeviceView, SignInNotice},
};

const KEY: &[u8] = b"devices";
/// Notices kept until they are seen; of more, the newest.
const NOTICES_MAX: usize = 50;

/// What this device knows of the others.
#[derive(Default)]
pub(crate) struct Devices {
    /// Those that were announced, or were there before this one, signed out since or not; none = not known yet.
    known: Option<BTreeSet<DeviceId>>,
    /// Those that were signed out are among the known ones.
    knows_signed_out: bool,
    notices: Vec<SignInNotice>,
    /// When another device changed the passphrase (ms since 1970), until the person has seen that.
    passphrase_changed: Option<Millis>,
    /// What the server said of that last; the vault shows whether it is so.
    pub(crate) passphrase_event: Option<Millis>,
    /// The same of the recovery code.
    pub(crate) recovery_changed: Option<Millis>,
    pub(crate) recovery_event: Option<Millis>,
    /// Somebody signed in by the recovery code here: a new passphrase is to be chosen.
    pub(crate) passphrase_wanted: bool,
    /// When the first device of this member signed in (ms since 1970), once it is known.
    pub(crate) first_sign_in: Option<Millis>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    known: Option<Vec<DeviceId>>,
    notices: Vec<(DeviceId, String, u64)>,
    #[serde(default)]
    passphrase_changed: Option<Millis>,
    #[serde(default)]
    knows_signed_out: bool,
    /// When devices of notices were signed out.
    #[serde(default)]
    signed_out: Vec<(DeviceId, Millis)>,
    #[serde(default)]
    recovery_changed: Option<Millis>,
    #[serde(default)]
    passphrase_wanted: bool,
}

/// What a list of devices was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// To see whether something has changed.
    Background,
    /// A person wants to see it.
    Asked,
    /// To sign all others out.
    SignOutOthers,
}

impl Devices {
    pub(crate) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        let Some(bytes) = store.get(Space::Own, KEY)? else {
            return Ok(());
        };
        let stored: Stored = decode(&bytes)?;
        if stored.v != 1 {
            return Err(crate::StoreError::Newer.into());
        }
        self.known = stored.known.map(|known| known.into_iter().collect());
        let signed_out: BTreeMap<_, _> = stored.signed_out.into_iter().collect();
        let notices = stored.notices.into_iter();
        self.notices = notices
            .map(|(device, name, time)| SignInNotice {
                device,
                name,
                time,
                signed_out: signed_out.get(&device).copied(),
            })
            .collect();
        self.knows_signed_out = stored.knows_signed_out;
        self.passphrase_changed = stored.passphrase_changed;
        self.recovery_changed = stored.recovery_changed;
        self.passphrase_wanted = stored.passphrase_wanted;
        Ok(())
    }

    /// What the server said has been looked at.
    pub(crate) fn forget_events(&mut self) {
        self.passphrase_event = None;
        self.recovery_event = None;
    }
}

impl<S: Store> Engine<S> {
    /// Sign-ins of other devices that the person has not acknowledged.
    #[must_use]
    pub fn notices(&self) -> Vec<SignInNotice> {
        self.devices.notices.clone()
    }

    pub(crate) fn save_devices(&mut self) {
        let devices = &self.devices;
        let stored = Stored {
            v: 1,
            known: devices
                .known
                .as_ref()
                .map(|known| known.iter().copied().collect()),
            notices: devices
                .notices
                .iter()
                .map(|n| (n.device, n.name.clone(), n.time))
                .collect(),
            passphrase_changed: devices.passphrase_changed,
            knows_signed_out: devices.knows_signed_out,
            signed_out: devices
                .notices
                .iter()
                .filter_map(|n| Some((n.device, n.signed_out?)))
                .collect(),
            recovery_changed: devices.recovery_changed,
            passphrase_wanted: devices.passphrase_wanted,
        };
        self.batch
            .put(Space::Own, KEY.to_vec(), encode(&stored).to_vec());
        self.batch.durable = true;
    }

    pub(crate) fn list_devices(&mut self, why: Listing) -> Result<(), Failure> {
        if self.own.is_none() {
            return Err(Failure::SignInFirst);
        }
        if !self.connection.synced() {
            return Err(Failure::Offline);
        }
        self.request(&ListDevices {}, Pending::Devices(why));
        Ok(())
    }

    pub(crate) fn devices_came(&mut self, why: Listing, result: Result<Listed, Failure>) {
        let listed = match result {
            Ok(listed) => listed,
            Err(failure) => {
                return match why {
                    Listing::Background => {} // the next connection asks again
                    Listing::Asked => self.fail(Doing::ListingDevices, failure),
                    Listing::SignOutOthers => self.fail(Doing::SigningOutOthers, failure),
                };
            }
        };
        self.notice_devices(&listed);
        self.own_request_is(listed.forgotten.clone());
        self.waiting_came(listed.waiting.clone());
        self.signed_out_devices(&listed.revoked, false);
        let me = self.device();
        let views = listed.devices.iter().map(|info| DeviceView {
            device: info.device,
            name: info.name.clone(),
            created: info.created,
            last_seen: info.last_seen,
            current: Some(info.device) == me,
        });
        let views = views.collect();
        self.tell(Update::Devices(views));
        if why == Listing::SignOutOthers {
            let others = listed.devices.iter().map(|info| info.device);
            let others = others.filter(|device| Some(*device) != me).collect();
            self.sign_out_devices(others, Doing::SigningOutOthers);
        }
    }

    /// Announces those that signed in since this device looked last, also those that are signed out again.
    fn notice_devices(&mut self, listed: &Listed) {
        let me = self.device();
        let there = listed
            .devices
            .iter()
            .map(|d| (d.created, d.device, &d.name, None));
        let gone = listed
            .signed_out
            .iter()
            .map(|d| (d.created, d.device, &d.name, Some(d.signed_out)));
        let first = there.clone().chain(gone.clone()).map(|(time, ..)| time);
        self.devices.first_sign_in = first.min();
        let known = self.devices.known.take();
        let knew_gone = self.devices.knows_signed_out;
        if let Some(known) = &known {
            let there = there.clone();
            let gone = gone.clone().filter(|_| knew_gone);
            let mut new: Vec<_> = there
                .chain(gone)
                .filter(|(_, device, ..)| Some(*device) != me && !known.contains(device))
                .collect();
            new.sort_unstable();
            for (time, device, name, signed_out) in new {
                self.add_notice(SignInNotice {
                    device,
                    name: name.clone(),
                    time,
                    signed_out,
                });
            }
        }
        let all: BTreeSet<DeviceId> = there.chain(gone).map(|(_, device, ..)| device).collect();
        // a server that says nothing of them may begin to, one day
        self.devices.knows_signed_out = listed.signed_out.len() == listed.revoked.len();
        let changed = known.as_ref() != Some(&all);
        let changed = changed || knew_gone != self.devices.knows_signed_out;
        self.devices.known = Some(all);
        if changed {
            self.save_devices();
        }
    }

    /// This device has let it in: nothing to tell of.
    pub(crate) fn device_is_known(&mut self, device: DeviceId) {
        let known = self.devices.known.get_or_insert_default();
        if known.insert(device) {
            self.save_devices();
        }
    }

    /// Another device has signed in just now.
    pub(crate) fn device_signed_in(&mut self, signed_in: DeviceSignedIn) {
        if self.device() == Some(signed_in.device) {
            return;
        }
        if self.is_asking(&Pending::GrantApproval(signed_in.device)) {
            return self.device_is_known(signed_in.device);
        }
        let known = self.devices.known.get_or_insert_default();
        if known.insert(signed_in.device) {
            self.add_notice(SignInNotice {
                device: signed_in.device,
                name: signed_in.name,
                time: signed_in.time,
                signed_out: None,
            });
            self.save_devices();
        }
    }

    fn add_notice(&mut self, notice: SignInNotice) {
        self.tell(Update::DeviceSignedIn {
            device: notice.device,
            name: notice.name.clone(),
            time: notice.time,
        });
        let notices = &mut self.devices.notices;
        notices.push(notice);
        let surplus = notices.len().saturating_sub(NOTICES_MAX);
        notices.drain(..surplus);
        let notices = self.notices();
        self.tell(Update::Notices(notices));
    }

    /// All that the person has not acknowledged.
    #[must_use]
    pub fn unseen(&self) -> SeenNotices {
        let notices = self.devices.notices.iter();
        SeenNotices {
            sign_ins: notices.map(|n| (n.device, n.time)).collect(),
            passphrase: self.devices.passphrase_changed,
            recovery: self.devices.recovery_changed,
        }
    }

    /// What is not named stays: who says that a sign-in was theirs, or was not, has said nothing of the rest.
    pub(crate) fn notices_seen(&mut self, seen: &SeenNotices) {
        let before = self.unseen();
        let devices = &mut self.devices;
        devices
            .notices
            .retain(|n| !seen.sign_ins.contains(&(n.device, n.time)));
        let of = |time: &mut Millis| seen.passphrase == Some(*time);
        devices.passphrase_changed.take_if(of);
        let of = |time: &mut Millis| seen.recovery == Some(*time);
        devices.recovery_changed.take_if(of);
        if self.unseen() != before {
            self.save_devices();
            let left = self.notices();
            self.tell(Update::Notices(left));
        }
    }

    /// When another device changed the passphrase (ms since 1970), until the person acknowledges it.
    #[must_use]
    pub fn passphrase_changed(&self) -> Option<Millis> {
        self.devices.passphrase_changed
    }

    /// The server says that another device changed the passphrase: the vault shows whether that is so.
    pub(crate) fn passphrase_event(&mut self, time: Millis) {
        self.devices.passphrase_event = Some(time);
        self.vault_is_stale(true);
    }

    /// The root record is made anew whenever the passphrase changes, and the vault's signed head covers it: a server
    /// can't keep this from a device that sees the vault. `signed`: when the newest head was (ms since 1970).
    pub(crate) fn passphrase_is_new(&mut self, signed: Millis) {
        let time = self.devices.passphrase_event.unwrap_or(signed);
        self.devices.passphrase_wanted = false;
        self.devices.passphrase_changed = Some(time);
        self.save_devices();
        self.tell(Update::PassphraseChanged { time });
        let notices = self.notices();
        self.tell(Update::Notices(notices));
    }

    pub(crate) fn sign_out_device(&mut self, device: DeviceId) -> Result<(), Failure> {
        if !self.connection.synced() {
            return Err(Failure::Offline);
        }
        self.sign_out_devices(vec![device], Doing::SigningOutDevice);
        Ok(())
    }

    fn sign_out_devices(&mut self, devices: Vec<DeviceId>, doing: Doing) {
        if devices.is_empty() {
            self.done(doing);
            return;
        }
        for chunk in devices.chunks(LOOKUP_MAX) {
            let devices = chunk.to_vec();
            let params = SignOutDevices {
                devices: devices.clone(),
            };
            self.request(&params, Pending::SignOutDevices(doing, devices));
        }
    }

    pub(crate) fn devices_signed_out(
        &mut self,
        doing: Doing,
        devices: &[DeviceId],
        result: Result<Done, Failure>,
    ) {
        match result {
            Ok(_) => {
                self.signed_out_devices(devices, true);
                self.done(doing);
                // the list as it is now
                let _ = self.list_devices(Listing::Background);
            }
            Err(failure) => self.fail(doing, failure),
        }
    }
}
