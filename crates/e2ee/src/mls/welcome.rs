//! Welcomes: one for each newcomer, with only their secrets (RFC 9420, section 12.4.3.1).

use protocol::{Hash32, MemberId};
use tls_codec::{Deserialize, Serialize, Size, VLBytes};

use super::{MlsError, profile};

const WHAT: &str = "welcome";

/// `struct { KeyPackageRef new_member; HPKECiphertext { kem_output<V>; ciphertext<V>; } } EncryptedGroupSecrets`.
struct Secrets([VLBytes; 3]);

/// Splits a Welcome for several newcomers, found by their key packages' references.
pub(super) fn split(
    welcome: &[u8],
    newcomers: &[(MemberId, Hash32)],
) -> Result<Vec<(MemberId, Hash32, Vec<u8>)>, MlsError> {
    // version, wire format and suite: three u16.
    let (head, mut rest) = welcome
        .split_at_checked(6)
        .ok_or(MlsError::Malformed(WHAT))?;
    let mut next = || VLBytes::tls_deserialize(&mut rest).map_err(|_| MlsError::Malformed(WHAT));
    let (list, info) = (next()?, next()?);
    let secrets = read_list(list.as_slice())?;
    let one = |(member, id): &(MemberId, Hash32)| {
        let own = secrets
            .iter()
            .find(|s| s.0[0].as_slice() == id.as_bytes())
            .ok_or(MlsError::Malformed(WHAT))?;
        let own: Vec<u8> = own
            .0
            .iter()
            .map(profile::write)
            .collect::<Result<Vec<_>, _>>()?
            .concat();
        let mut out = Vec::with_capacity(head.len() + own.len() + info.tls_serialized_len() + 4);
        out.extend_from_slice(head);
        VLBytes::from(own)
            .tls_serialize(&mut out)
            .and_then(|_| info.tls_serialize(&mut out))
            .map_err(MlsError::refused)?;
        Ok((*member, *id, out))
    };
    newcomers.iter().map(one).collect()
}

/// The key packages that a Welcome is for.
pub(super) fn references(welcome: &[u8]) -> Result<Vec<Hash32>, MlsError> {
    if welcome.len() > profile::MAX_MESSAGE {
        return Err(MlsError::Malformed(WHAT));
    }
    // What wire format it has is checked by reading it as a whole.
    let openmls::prelude::MlsMessageBodyIn::Welcome(_) = profile::read_message(welcome, WHAT)?
    else {
        return Err(MlsError::Malformed(WHAT));
    };
    let (_, mut rest) = welcome
        .split_at_checked(6)
        .ok_or(MlsError::Malformed(WHAT))?;
    let list = VLBytes::tls_deserialize(&mut rest).map_err(|_| MlsError::Malformed(WHAT))?;
    read_list(list.as_slice())?
        .iter()
        .map(|s| Hash32::from_slice(s.0[0].as_slice()).map_err(|_| MlsError::Malformed(WHAT)))
        .collect()
}

fn read_list(mut rest: &[u8]) -> Result<Vec<Secrets>, MlsError> {
    let mut out = Vec::new();
    while !rest.is_empty() {
        let mut next =
            || VLBytes::tls_deserialize(&mut rest).map_err(|_| MlsError::Malformed(WHAT));
        out.push(Secrets([next()?, next()?, next()?]));
    }
    Ok(out)
}
