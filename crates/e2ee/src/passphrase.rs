//! Passphrases: made, prepared, judged; and words for fingerprints (`docs/crypto.md`, sections 2 and 7).

use std::fmt;

use bip39::Language as WordList;
use precis_core::profile::PrecisFastInvocation;
use precis_profiles::OpaqueString;
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// The longest passphrase, in bytes of UTF-8 after preparation.
pub const MAX_PASSPHRASE: usize = 1024;
/// Words in a generated passphrase: 5 × 11 bits, stretched by Argon2id.
const WORDS: usize = 5;

/// Why a passphrase can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Nothing, or only spaces.
    #[error("the passphrase is empty")]
    Empty,
    /// Longer than [`MAX_PASSPHRASE`].
    #[error("the passphrase is too long")]
    TooLong,
    /// A control character or another one that PRECIS (RFC 8264) does not allow.
    #[error("the passphrase has a character that cannot be used")]
    NotAllowed,
}

/// The language of generated words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// The BIP-39 English list.
    English,
    /// The BIP-39 French list.
    French,
}

impl Language {
    fn words(self) -> &'static [&'static str; 2048] {
        match self {
            Self::English => WordList::English.word_list(),
            Self::French => WordList::French.word_list(),
        }
    }
}

/// A prepared passphrase; wiped when dropped, never printed by `Debug`.
#[derive(Clone)]
pub struct Passphrase {
    text: Zeroizing<String>,
    generated: bool,
}

impl Passphrase {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The text, to be shown to the person who will need it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Whether [`generate`] made it.
    #[must_use]
    pub fn is_generated(&self) -> bool {
        self.generated
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// Five random words joined by `-`: 55 bits.
pub fn generate(rng: &mut (impl CryptoRng + RngCore), language: Language) -> Passphrase {
    let words = language.words();
    let mut text = Zeroizing::new(String::with_capacity(128));
    for i in 0..WORDS {
        if i > 0 {
            text.push('-');
        }
        // 2048 divides 2^32: the low 11 bits are uniform.
        text.push_str(words[(rng.next_u32() & 0x7ff) as usize]);
    }
    // The French list has its accents decomposed; preparation composes them, as it does for what is typed later.
    let text = normalised(&text).unwrap_or(text);
    Passphrase {
        text,
        generated: true,
    }
}

/// Prepares what somebody typed: surrounding spaces go, then PRECIS OpaqueString (RFC 8265): other spaces become
/// U+0020, NFC; case is kept.
///
/// # Errors
/// [`PassphraseError`].
pub fn prepare(typed: &str) -> Result<Passphrase, PassphraseError> {
    let trimmed = typed.trim();
    if trimmed.is_empty() {
        return Err(PassphraseError::Empty);
    }
    // Normalisation at most triples the length (Unicode Standard Annex #15).
    if trimmed.len() > 3 * MAX_PASSPHRASE {
        return Err(PassphraseError::TooLong);
    }
    let text = normalised(trimmed)?;
    if text.len() > MAX_PASSPHRASE {
        return Err(PassphraseError::TooLong);
    }
    Ok(Passphrase {
        text,
        generated: false,
    })
}

/// What comes of it must come of itself as well (RFC 8264, section 7): a few characters become others that are not allowed, so
/// that what somebody has chosen could not be typed as it is shown.
fn normalised(text: &str) -> Result<Zeroizing<String>, PassphraseError> {
    let enforced = |text: &str| {
        OpaqueString::enforce(text)
            .map(|text| Zeroizing::new(text.into_owned()))
            .map_err(|_| PassphraseError::NotAllowed)
    };
    let once = enforced(text)?;
    let twice = enforced(&once)?;
    (once == twice)
        .then_some(once)
        .ok_or(PassphraseError::NotAllowed)
}

/// Six English words for a fingerprint (SHA-256 of a certificate): its first 66 bits.
#[must_use]
pub fn six_words(fingerprint: &[u8; 32]) -> [&'static str; 6] {
    let words = Language::English.words();
    let mut out = [""; 6];
    for (i, word) in out.iter_mut().enumerate() {
        let index = (0..11).fold(0usize, |n, bit| {
            let at = i * 11 + bit;
            n << 1 | usize::from(fingerprint[at / 8] >> (7 - at % 8) & 1)
        });
        *word = words[index];
    }
    out
}

#[cfg(test)]
mod tests;
