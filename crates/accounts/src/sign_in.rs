//! Sign-in with name and passphrase (OPAQUE). Unknown names go the same way as known ones, with a fake record.

use ambient::generator;
use bus::{Notice, Topic};
use e2ee::{
    opaque::{self, OprfSeed, Stretching, server},
    passphrase,
};
use protocol::{
    Bytes, DeviceId, InstanceId, MemberId,
    events::DeviceSignedIn,
    methods::account::{NewDevice, SignInStart, SignedIn},
    names::prepare_login_name,
};
use storage::{Reader, accounts::Account};

use crate::{
    Error, Origin, Ports, Service, SignInOpened, approval,
    devices::{add_device, read_device},
    proof::{HalfWay, opaque_error},
    throttle::network,
};

/// A sign-in between its two steps. Kept by the connection, for a minute at most; wiped when dropped.
pub struct Attempt {
    half_way: HalfWay,
    /// None for names that do not exist.
    member: Option<MemberId>,
    /// The name as it counts for the limits.
    name: String,
}

/// A record as a real registration makes it, of a passphrase that nobody knows: so that answering an unknown name is
/// the same work on the same kind of bytes as answering a known one.
pub(crate) fn fake_record(
    ports: &Ports,
    seed: &OprfSeed,
    instance: InstanceId,
) -> Result<Vec<u8>, Error> {
    let mut rng = generator(ports.random.as_ref());
    let nobody = MemberId(ambient::random_bytes(ports.random.as_ref()));
    let passphrase = passphrase::generate(&mut rng, passphrase::Language::English);
    let (registration, request) =
        opaque::Registration::start(&mut rng, &passphrase).map_err(opaque_error)?;
    let response = server::registration_response(seed, &request, nobody).map_err(opaque_error)?;
    let outcome = registration
        .finish(&mut rng, &response, instance, &Stretching::MINIMUM)
        .map_err(opaque_error)?;
    server::registration_record(&outcome.upload).map_err(opaque_error)
}

/// Refuses members who are suspended: told only to who has shown to be one.
pub(crate) fn check_standing<R: Reader + ?Sized>(
    reader: &R,
    member: MemberId,
) -> Result<(), Error> {
    match reader.is_suspended(member)? {
        true => Err(Error::Suspended),
        false => Ok(()),
    }
}

impl Service {
    pub(crate) async fn do_sign_in_start(
        &self,
        from: &Origin,
        params: SignInStart,
    ) -> Result<SignInOpened, Error> {
        // A text that is no name is a name that nobody has.
        let name = prepare_login_name(&params.login_name)
            .unwrap_or_else(|_| params.login_name.chars().take(64).collect());
        let now = self.now();
        self.limits.addresses.take(network(from), now)?;
        self.limits.names.take(name.clone(), now)?;
        let wanted = name.clone();
        let account = storage::read(self.storage(), move |reader| {
            Ok::<_, Error>(reader.account_by_login_name(&wanted)?)
        })
        .await?;
        self.open(account, name, &params.ke1)
    }

    /// The same work whether there is an account or not.
    fn open(
        &self,
        account: Option<Account>,
        name: String,
        ke1: &[u8],
    ) -> Result<SignInOpened, Error> {
        let nobody = server::unknown_member_id(&self.oprf_seed, &name);
        let (member, credential, record, stretching) = match &account {
            Some(account) => (
                Some(account.member),
                account.member,
                &account.opaque_record,
                account.stretching,
            ),
            None => (
                None,
                nobody,
                &self.fake_record,
                self.config.stretching_floor,
            ),
        };
        let (half_way, ke2) = self.answer_ke1(record, credential, ke1)?;
        Ok(SignInOpened {
            attempt: Attempt {
                half_way,
                member,
                name,
            },
            ke2: ke2.into(),
            stretching,
        })
    }

    pub(crate) async fn do_sign_in_finish(
        &self,
        from: &Origin,
        attempt: Attempt,
        ke3: &[u8],
        device: NewDevice,
    ) -> Result<SignedIn, Error> {
        let proved = attempt.half_way.verify(ke3);
        let (Ok(()), Some(member)) = (&proved, attempt.member) else {
            tracing::info!("a sign-in failed");
            return Err(proved.err().unwrap_or(Error::WrongNameOrPassphrase));
        };
        self.limits.names.give_back(&attempt.name);
        self.limits.addresses.give_back(&network(from));
        let now = self.now();
        let device = read_device(&device, member, now)?;
        let event = DeviceSignedIn {
            device: device.device,
            name: device.name.clone(),
            time: now,
        };
        let bus = self.ports.bus.clone();
        let (account, waits) = storage::write_then(
            self.storage(),
            move |unit| {
                let account = unit.account(member)?.ok_or(Error::WrongNameOrPassphrase)?;
                attempt.half_way.check_current(&account)?;
                check_standing(unit, member)?;
                // also by a name that is known: who was let in proves its key and not the passphrase
                if unit.approval_required(member)? {
                    let ended = approval::begin(unit, &device, now)?;
                    return Ok((account, Some(ended)));
                }
                add_device(unit, &device)?;
                Ok::<_, Error>((account, None))
            },
            move |(_, waits): &(Account, Option<Vec<DeviceId>>)| match waits {
                Some(ended) => approval::tell_ended(bus.as_ref(), member, ended),
                None => bus.publish(Notice::event(Topic::Member(member), &event)),
            },
        )
        .await?;
        let waiting = waits.is_some();
        tracing::info!(%member, waiting, "signed in");
        Ok(SignedIn {
            waiting,
            ..self.signed_in(&account).await?
        })
    }

    pub(crate) async fn signed_in(&self, account: &Account) -> Result<SignedIn, Error> {
        Ok(SignedIn {
            member: account.member,
            certificate: Bytes::clone(&account.certificate),
            role: account.role,
            organisation: self.organisation().await?,
            waiting: false,
        })
    }
}
