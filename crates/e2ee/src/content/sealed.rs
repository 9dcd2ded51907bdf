//! The sealed box: one-time key from a fresh key id, commitment first, signature inside.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use protocol::Hash32;
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    Body, ContentError, Context, EpochSecret, Receipt, TimedSecret,
    padding::{LEAST_MESSAGE, LEAST_RECEIPT, pad, unpad},
};
use crate::{
    identity::LeafCertificate,
    kdf::kdf,
    links::split,
    signing::SigningKey,
    suite::{Reader, Writer, one_map, to_msgpack},
};

/// The largest sealed box, in bytes.
pub const MAX_SEALED: usize = 96 * 1024;

const MESSAGE: &str = "message";
const TIMED: &str = "timed message";
const RECEIPT: &str = "receipt";

/// What a box is sealed under: the secret that its key comes from, and the commitment of its epoch.
struct Under<'s> {
    key: &'s [u8; 32],
    c_n: Hash32,
}

impl<'s> Under<'s> {
    fn epoch(secret: &'s EpochSecret) -> Self {
        let (key, c_n) = (secret.as_bytes(), secret.commitment());
        Self { key, c_n }
    }

    fn timed(timed: &'s TimedSecret, secret: &EpochSecret) -> Self {
        let (key, c_n) = (timed.as_bytes(), secret.commitment());
        Self { key, c_n }
    }
}

#[derive(Serialize, Deserialize)]
struct Signed {
    #[serde(with = "serde_bytes")]
    body: Vec<u8>,
    certificate: Hash32,
    #[serde(with = "serde_bytes")]
    signature: Vec<u8>,
}

/// A message that was opened and whose author is who the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The body as this version understands it.
    pub body: Body,
    /// The body as it was signed: keep it, for what a later version understands better.
    pub bytes: Vec<u8>,
    /// The name of the author's leaf certificate.
    pub certificate: Hash32,
}

/// A receipt that was opened and whose author is who the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenedReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// The name of the author's leaf certificate.
    pub certificate: Hash32,
}

/// Seals a message. The key id, and with it the key, is new at every call: a retry is sealed again.
///
/// # Errors
/// [`ContentError::TooLong`].
pub fn seal_message(
    rng: &mut (impl CryptoRng + RngCore),
    secret: &EpochSecret,
    context: &Context,
    leaf_key: &SigningKey,
    certificate: Hash32,
    body: &Body,
) -> Result<Vec<u8>, ContentError> {
    let (under, body) = (Under::epoch(secret), body.encode()?);
    let sealed = seal(rng, MESSAGE, &under, context, leaf_key, certificate, body)?;
    bounded(sealed)
}

/// Seals a message that disappears, under the secret of timed messages; otherwise as [`seal_message`].
///
/// # Errors
/// [`ContentError::TooLong`].
pub fn seal_timed(
    rng: &mut (impl CryptoRng + RngCore),
    (timed, secret): (&TimedSecret, &EpochSecret),
    context: &Context,
    leaf_key: &SigningKey,
    certificate: Hash32,
    body: &Body,
) -> Result<Vec<u8>, ContentError> {
    let (under, body) = (Under::timed(timed, secret), body.encode()?);
    let sealed = seal(rng, TIMED, &under, context, leaf_key, certificate, body)?;
    bounded(sealed)
}

fn bounded(sealed: Vec<u8>) -> Result<Vec<u8>, ContentError> {
    if sealed.len() > MAX_SEALED {
        return Err(ContentError::TooLong);
    }
    Ok(sealed)
}

/// Opens a message. `certificates` gives leaf certificates that were verified against the pinned identity.
///
/// # Errors
/// [`ContentError`]; with [`ContentError::UnknownCertificate`] fetch that certificate and try again.
pub fn open_message(
    secret: &EpochSecret,
    context: &Context,
    sealed: &[u8],
    certificates: &dyn Fn(Hash32) -> Option<LeafCertificate>,
) -> Result<Opened, ContentError> {
    let under = Under::epoch(secret);
    opened(open(MESSAGE, &under, context, sealed, certificates)?)
}

/// Opens a message that disappears; otherwise as [`open_message`].
///
/// # Errors
/// [`ContentError`].
pub fn open_timed(
    (timed, secret): (&TimedSecret, &EpochSecret),
    context: &Context,
    sealed: &[u8],
    certificates: &dyn Fn(Hash32) -> Option<LeafCertificate>,
) -> Result<Opened, ContentError> {
    let under = Under::timed(timed, secret);
    opened(open(TIMED, &under, context, sealed, certificates)?)
}

fn opened(signed: Signed) -> Result<Opened, ContentError> {
    Ok(Opened {
        body: Body::decode(&signed.body)?,
        bytes: signed.body,
        certificate: signed.certificate,
    })
}

/// Seals a receipt; always the same length.
///
/// # Errors
/// [`ContentError::TooLong`] (not with receipts of version 1).
pub fn seal_receipt(
    rng: &mut (impl CryptoRng + RngCore),
    secret: &EpochSecret,
    context: &Context,
    leaf_key: &SigningKey,
    certificate: Hash32,
    receipt: &Receipt,
) -> Result<Vec<u8>, ContentError> {
    let body = receipt.encode();
    let under = Under::epoch(secret);
    let sealed = seal(rng, RECEIPT, &under, context, leaf_key, certificate, body)?;
    if sealed.len() > OVERHEAD + LEAST_RECEIPT {
        return Err(ContentError::TooLong);
    }
    Ok(sealed)
}

/// Opens a receipt; otherwise as [`open_message`].
///
/// # Errors
/// [`ContentError`].
pub fn open_receipt(
    secret: &EpochSecret,
    context: &Context,
    sealed: &[u8],
    certificates: &dyn Fn(Hash32) -> Option<LeafCertificate>,
) -> Result<OpenedReceipt, ContentError> {
    if sealed.len() > OVERHEAD + LEAST_RECEIPT {
        return Err(ContentError::TooLong);
    }
    let under = Under::epoch(secret);
    let signed = open(RECEIPT, &under, context, sealed, certificates)?;
    Ok(OpenedReceipt {
        receipt: Receipt::decode(&signed.body)?,
        certificate: signed.certificate,
    })
}

/// Header, key id, commitment, AES-GCM tag.
const OVERHEAD: usize = 3 + 16 + 32 + 16;

fn seal(
    rng: &mut (impl CryptoRng + RngCore),
    what: &'static str,
    under: &Under<'_>,
    context: &Context,
    leaf_key: &SigningKey,
    certificate: Hash32,
    body: Vec<u8>,
) -> Result<Vec<u8>, ContentError> {
    let mut key_id = [0; 16];
    rng.fill_bytes(&mut key_id);
    let aad = associated_data(under, context, &key_id);
    let signature = leaf_key.sign(what, &[&aad[..], &body].concat()).to_vec();
    let signed = to_msgpack(&Signed {
        body,
        certificate,
        signature,
    });
    let padded = pad(&signed, least(what)).ok_or(ContentError::TooLong)?;
    let keys = split(&derive(under, what, context, &key_id));
    let payload = Payload {
        msg: &padded,
        aad: &aad,
    };
    let ciphertext = Aes256Gcm::new((&keys.0).into())
        .encrypt(&Default::default(), payload)
        .map_err(|_| ContentError::TooLong)?;
    Ok(Writer::new()
        .header()
        .bytes(&key_id)
        .bytes(&keys.1)
        .bytes(&ciphertext)
        .finish())
}

fn open(
    what: &'static str,
    under: &Under<'_>,
    context: &Context,
    sealed: &[u8],
    certificates: &dyn Fn(Hash32) -> Option<LeafCertificate>,
) -> Result<Signed, ContentError> {
    if sealed.len() > MAX_SEALED {
        return Err(ContentError::TooLong);
    }
    let mut r = Reader::new(sealed, what);
    r.header()?;
    let key_id = r.array()?;
    let commitment: [u8; 32] = r.array()?;
    let ciphertext = r.rest();
    let keys = split(&derive(under, what, context, &key_id));
    if !bool::from(commitment.ct_eq(&keys.1)) {
        return Err(ContentError::CannotOpen);
    }
    let aad = associated_data(under, context, &key_id);
    let payload = Payload {
        msg: ciphertext,
        aad: &aad,
    };
    let padded = Aes256Gcm::new((&keys.0).into())
        .decrypt(&Default::default(), payload)
        .map(Zeroizing::new)
        .map_err(|_| ContentError::CannotOpen)?;
    let content = unpad(&padded, least(what)).ok_or(ContentError::Malformed)?;
    let signed: Signed = one_map(content, what)?;
    verify(what, &aad, context, &signed, certificates)?;
    Ok(signed)
}

fn verify(
    what: &'static str,
    aad: &[u8],
    context: &Context,
    signed: &Signed,
    certificates: &dyn Fn(Hash32) -> Option<LeafCertificate>,
) -> Result<(), ContentError> {
    let certificate = certificates(signed.certificate)
        .filter(|c| c.name() == signed.certificate)
        .ok_or(ContentError::UnknownCertificate(signed.certificate))?;
    if (certificate.instance, certificate.member) != (context.instance, context.sender) {
        return Err(ContentError::WrongSender);
    }
    let signature = signed
        .signature
        .as_slice()
        .try_into()
        .map_err(|_| ContentError::Malformed)?;
    let message = [aad, &signed.body].concat();
    Ok(certificate.leaf.verify(what, &message, signature)?)
}

fn least(what: &str) -> usize {
    if what == RECEIPT {
        LEAST_RECEIPT
    } else {
        LEAST_MESSAGE
    }
}

fn derive(
    under: &Under<'_>,
    what: &str,
    context: &Context,
    key_id: &[u8; 16],
) -> Zeroizing<[u8; 64]> {
    let salt = [*key_id, *context.sender.as_bytes()].concat();
    kdf::<64>(under.key, what, &salt)
}

fn associated_data(under: &Under<'_>, context: &Context, key_id: &[u8; 16]) -> Vec<u8> {
    Writer::new()
        .header()
        .bytes(context.instance.as_bytes())
        .bytes(context.conversation.as_bytes())
        .u32(context.restart)
        .u64(context.epoch)
        .bytes(under.c_n.as_bytes())
        .bytes(context.sender.as_bytes())
        .bytes(key_id)
        .finish()
}
