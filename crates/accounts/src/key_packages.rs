//! Key packages: published with their private parts, claimed by who adds a member.

use bus::{Notice, Topic};
use e2ee::{identity::AccountCertificate, mls::KeyPackage};
use protocol::{
    Bytes, DeviceId, Hash32, MemberId,
    events::{KeyPackagesLow, VaultChanged},
    limits::KEY_PACKAGES_MAX,
    methods::people::{
        ClaimKeyPackage, ClaimedKeyPackage, KeyPackagesLeft, NewKeyPackage, PublishKeyPackages,
    },
};
use storage::{StorageError, UnitOfWork, accounts, unique};

use crate::{Error, Service, devices::check_session};

/// When fewer are left the member's devices are asked for more.
const LOW: u32 = 10;

/// A key package that was looked into.
pub(crate) struct Inspected {
    package: accounts::KeyPackage,
    certificate: Bytes,
    certificate_name: Hash32,
}

/// Looks into key packages: each is what it says, certified by the account, and fresh.
pub(crate) fn inspect(
    packages: &[NewKeyPackage],
    account: &AccountCertificate,
    now: u64,
) -> Result<Vec<Inspected>, Error> {
    if packages.len() > KEY_PACKAGES_MAX + 1 {
        return Err(Error::KeyPackageInvalid("too many at once"));
    }
    packages
        .iter()
        .map(|new| {
            let inspected = KeyPackage::inspect(&new.package, account, now)
                .map_err(|_| Error::KeyPackageInvalid("it does not verify or is too old"))?;
            if inspected.id != new.id || inspected.last_resort != new.last_resort {
                return Err(Error::KeyPackageInvalid("it is not what the request says"));
            }
            let issued_at = inspected.certificate.issued_at;
            if !accounts::servable(now).contains(&issued_at) {
                return Err(Error::KeyPackageInvalid("it is too old to be served"));
            }
            Ok(Inspected {
                package: accounts::KeyPackage {
                    id: new.id,
                    package: new.package.clone(),
                    last_resort: new.last_resort,
                    issued_at,
                },
                certificate: Bytes::copy_from_slice(inspected.certificate.bytes()),
                certificate_name: inspected.certificate.name(),
            })
        })
        .collect()
}

/// Offers inspected key packages in place of stale ones; gives how many are then left.
pub(crate) fn offer(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    packages: &[Inspected],
    now: u64,
) -> Result<u32, Error> {
    unit.drop_stale_key_packages(member, now)?;
    for new in packages {
        unit.put_leaf_certificate(new.certificate_name, &new.certificate)?;
        match unit.insert_key_package(member, &new.package) {
            Err(StorageError::Conflict {
                what: unique::KEY_PACKAGE,
            }) => return Err(Error::KeyPackageInvalid("it was published before")),
            other => other?,
        }
    }
    let left = unit.key_packages_left(member, now)?;
    if left as usize > KEY_PACKAGES_MAX {
        return Err(Error::KeyPackageInvalid("enough are on offer already"));
    }
    Ok(left)
}

impl Service {
    pub(crate) async fn do_publish_key_packages(
        &self,
        member: MemberId,
        device: DeviceId,
        params: PublishKeyPackages,
    ) -> Result<KeyPackagesLeft, Error> {
        let account = storage::read(self.storage(), move |reader| {
            reader.account(member)?.ok_or(Error::NotFound)
        })
        .await?;
        let certificate = AccountCertificate::decode(&account.certificate)
            .map_err(|error| Error::Internal(format!("a stored certificate: {error}")))?;
        let now = self.now();
        let packages = inspect(&params.packages, &certificate, now)?;
        let last_resort = packages.iter().any(|new| new.package.last_resort);
        if params.withdraw_all && !last_resort {
            // nobody could add this member any more, nor take them along when a conversation is founded anew
            return Err(Error::KeyPackageInvalid(
                "a last resort takes the place of what is withdrawn",
            ));
        }
        let bus = self.ports.bus.clone();
        let mut event = VaultChanged::by(&params.vault, 0);
        let (left, _) = storage::write_then(
            self.storage(),
            move |unit| {
                check_session(unit, device)?;
                if params.withdraw_all {
                    unit.withdraw_key_packages(member)?;
                }
                let left = offer(unit, member, &packages, now)?;
                let head = storage::vault::apply(unit, member, &params.vault)?;
                Ok::<_, Error>((left, head))
            },
            move |(_, head)| {
                event.head = *head;
                bus.publish(Notice::event(Topic::Member(member), &event));
            },
        )
        .await?;
        Ok(KeyPackagesLeft { left })
    }

    pub(crate) async fn do_claim_key_package(
        &self,
        member: MemberId,
        params: ClaimKeyPackage,
    ) -> Result<ClaimedKeyPackage, Error> {
        let of = params.member;
        let now = self.now();
        self.limits.claims_of_one.take((member, of), now)?;
        self.limits.claims.take(member, now)?;
        let bus = self.ports.bus.clone();
        let (claimed, _) = storage::write_then(
            self.storage(),
            move |unit| {
                if unit.account(of)?.is_none() {
                    return Err(Error::NotFound);
                }
                unit.drop_stale_key_packages(of, now)?;
                let claimed = unit.claim_key_package(of, now)?;
                Ok((claimed, unit.key_packages_left(of, now)?))
            },
            move |(_, left)| {
                if *left < LOW {
                    bus.publish(Notice::event(
                        Topic::Member(of),
                        &KeyPackagesLow { left: *left },
                    ));
                }
            },
        )
        .await?;
        // Only now: that stale ones are dropped, and that the member hears of it, holds without any left as well.
        let claimed = claimed.ok_or(Error::KeyPackagesExhausted)?;
        Ok(ClaimedKeyPackage {
            id: claimed.id,
            package: claimed.package,
        })
    }
}
