//! The first start of an instance, and the code that allows its first registration.

use std::fmt;

use ambient::{Random, random_bytes};
use e2ee::{kdf::hash, opaque::OprfSeed};
use protocol::{Hash32, IncarnationId, InstanceId};
use storage::{Reader, UnitOfWork, instance::key};
use zeroize::Zeroizing;

use crate::{Config, Error, Ports, Service};

/// Crockford's base 32: no I, L, O, U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 80 bits.
const CODE_LEN: usize = 16;
/// Hash of the OPRF seed file, so that a wrong file is noticed before anybody tries to sign in.
const OPRF_SEED: &str = "oprf_seed_hash";

/// The code that allows the first registration. Shown once; the database holds its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct SetUpCode(Zeroizing<String>);

impl SetUpCode {
    pub(crate) fn generate(random: &dyn Random) -> Self {
        let bytes: Zeroizing<[u8; CODE_LEN]> = Zeroizing::new(random_bytes(random));
        let digits = bytes
            .iter()
            .map(|b| char::from(DIGITS[usize::from(b & 31)]));
        Self(Zeroizing::new(digits.collect()))
    }

    /// Reads what a person typed: upper and lower case, any dashes and spaces, O for 0, I and L for 1.
    pub(crate) fn read(typed: &str) -> Option<Self> {
        if typed.len() > 4 * CODE_LEN {
            return None;
        }
        let mut digits = Zeroizing::new(String::with_capacity(CODE_LEN));
        for c in typed.chars().filter(|c| *c != '-' && !c.is_whitespace()) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            if !u8::try_from(c).is_ok_and(|b| DIGITS.contains(&b)) {
                return None;
            }
            digits.push(c);
        }
        (digits.len() == CODE_LEN).then_some(Self(digits))
    }

    pub(crate) fn hash(&self) -> Hash32 {
        hash("set-up code", self.0.as_bytes())
    }

    /// The code, to be shown to the operator: eight groups of two characters.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut shown = Zeroizing::new(String::with_capacity(CODE_LEN * 2));
        for (i, c) in self.0.chars().enumerate() {
            if i > 0 && i % 2 == 0 {
                shown.push('-');
            }
            shown.push(c);
        }
        shown
    }
}

impl fmt::Debug for SetUpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetUpCode(..)")
    }
}

impl Service {
    /// Opens the instance: makes its ids at the first start, and a new set-up code as long as there is no member
    /// (the one before is then void). Once there is one, nothing is written: it opens also while nothing can be.
    ///
    /// # Errors
    /// [`Error::Storage`]; [`Error::OtherOprfSeed`] when the seed is not the one that the instance began with.
    pub async fn prepare(
        ports: Ports,
        oprf_seed: OprfSeed,
        config: Config,
    ) -> Result<(Self, Option<SetUpCode>), Error> {
        let seed_hash = hash("oprf seed file", &oprf_seed.to_bytes());
        let begun = storage::read(ports.storage.as_ref(), move |reader| {
            begun(reader, seed_hash)
        })
        .await?;
        if let Some((instance, incarnation)) = begun {
            let service = Self::assemble(ports, oprf_seed, config, instance, incarnation)?;
            return Ok((service, None));
        }
        let code = SetUpCode::generate(ports.random.as_ref());
        let new_ids = (
            random_bytes::<16>(ports.random.as_ref()),
            random_bytes::<16>(ports.random.as_ref()),
        );
        let code_hash = code.hash();
        let (instance, incarnation, set_up_needed) =
            storage::write(ports.storage.as_ref(), move |unit| {
                let ids = (
                    InstanceId(id(unit, key::INSTANCE, new_ids.0)?),
                    IncarnationId(id(unit, key::INCARNATION, new_ids.1)?),
                );
                check_seed(unit, seed_hash)?;
                let set_up_needed = unit.account_count()? == 0;
                if set_up_needed {
                    unit.set_value(key::SET_UP_CODE, Some(code_hash.as_bytes()))?;
                }
                Ok::<_, Error>((ids.0, ids.1, set_up_needed))
            })
            .await?;
        let service = Self::assemble(ports, oprf_seed, config, instance, incarnation)?;
        Ok((service, set_up_needed.then_some(code)))
    }
}

/// The ids of an instance in which nothing is missing; none while there is no member.
fn begun(reader: &dyn Reader, seed: Hash32) -> Result<Option<(InstanceId, IncarnationId)>, Error> {
    let ids = stored_id(reader, key::INSTANCE)?.zip(stored_id(reader, key::INCARNATION)?);
    let members = reader.account_count()?;
    let Some((instance, incarnation)) = ids.filter(|_| members > 0) else {
        return Ok(None);
    };
    let complete = seed_stands(reader, seed)?;
    Ok(complete.then_some((InstanceId(instance), IncarnationId(incarnation))))
}

fn stored_id<R: Reader + ?Sized>(reader: &R, key: &str) -> Result<Option<[u8; 16]>, Error> {
    let stored = reader.value(key)?;
    stored
        .map(|bytes| bytes.try_into())
        .transpose()
        .map_err(|_| Error::Internal(format!("the stored {key} is not an id")))
}

/// The id of this name, made now if there is none.
fn id(unit: &mut dyn UnitOfWork, key: &str, new: [u8; 16]) -> Result<[u8; 16], Error> {
    if let Some(stored) = stored_id(unit, key)? {
        return Ok(stored);
    }
    unit.set_value(key, Some(&new))?;
    Ok(new)
}

/// Whether this seed is the instance's; false when none is, or nobody depends on the one that is.
fn seed_stands<R: Reader + ?Sized>(reader: &R, seed: Hash32) -> Result<bool, Error> {
    match reader.value(OPRF_SEED)? {
        Some(stored) if stored == seed.as_bytes() => Ok(true),
        Some(_) if reader.account_count()? > 0 => Err(Error::OtherOprfSeed),
        _ => Ok(false),
    }
}

fn check_seed(unit: &mut dyn UnitOfWork, seed: Hash32) -> Result<(), Error> {
    if !seed_stands(unit, seed)? {
        unit.set_value(OPRF_SEED, Some(seed.as_bytes()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = SetUpCode::generate(&ambient::SeededRandom::new(1));
        let shown = code.reveal();
        assert_eq!(shown.split('-').count(), 8);
        assert!(shown.split('-').all(|group| group.len() == 2));
        let typed = [
            shown.to_lowercase(),
            shown.replace('-', ""),
            format!("  {} ", shown.replace('-', " ")),
            shown.replace('0', "o").replace('1', "l"),
        ];
        for typed in typed {
            assert_eq!(SetUpCode::read(&typed), Some(code.clone()), "{typed}");
        }
    }

    #[test]
    fn other_text_is_no_code() {
        for typed in [
            "",
            "0",
            "0000-0000-0000-000U",
            "0000-0000-0000-000é",
            "00000000000000000",
        ] {
            assert_eq!(SetUpCode::read(typed), None, "{typed}");
        }
        assert_eq!(SetUpCode::read(&"-".repeat(100_000)), None);
    }

    #[test]
    fn codes_use_all_digits_and_differ() {
        let random = ambient::SeededRandom::new(2);
        let codes: std::collections::BTreeSet<String> = (0..200)
            .map(|_| SetUpCode::generate(&random).reveal().to_string())
            .collect();
        assert_eq!(codes.len(), 200);
        let all: std::collections::BTreeSet<char> =
            codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(all.len(), 33, "32 digits and the dash");
    }

    #[test]
    fn it_is_not_printed() {
        let code = SetUpCode::generate(&ambient::SeededRandom::new(3));
        assert_eq!(format!("{code:?}"), "SetUpCode(..)");
    }
}
