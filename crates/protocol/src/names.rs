//! Names of people, devices and organisations: what is allowed, how they are prepared, which ones look alike.
//!
//! Client and server call the same functions, so that a certificate's names are already in the form that the server
//! stores. Every function looks at the length in bytes first: a name of 100,000 characters costs nothing.

mod display;
mod error;
mod search;

use precis_core::profile::stabilize;
use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation};
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

pub use error::NameError;
pub use search::search_words;

use crate::limits::{
    DEVICE_NAME_BYTES_MAX, DISPLAY_NAME_MAX, LOGIN_NAME_MAX, NAME_BYTES_MAX, ORGANISATION_NAME_MAX,
    TITLE_MAX,
};

/// Login names have at least so many characters.
pub const LOGIN_NAME_MIN: usize = 2;

/// Prepares a login name: PRECIS UsernameCaseMapped (RFC 8265 section 3.3), so in lower case, in normal form C,
/// full-width letters as ordinary ones, without spaces, and not mixing directions of writing in a misleading way.
///
/// The result is a fixed point: preparing it again changes nothing. Characters younger than Unicode 6.3, which the
/// profile's registry describes, are refused. Beyond the profile: the first character is not a combining mark, which would
/// sit on whatever stands before the name.
///
/// # Errors
/// [`NameError`], which says what to change.
pub fn prepare_login_name(name: &str) -> Result<String, NameError> {
    if name.len() > NAME_BYTES_MAX {
        return Err(NameError::TooLong {
            max: LOGIN_NAME_MAX,
        });
    }
    if name.chars().any(char::is_whitespace) {
        return Err(NameError::Space);
    }
    if name.is_empty() {
        return Err(NameError::TooShort {
            min: LOGIN_NAME_MIN,
        });
    }
    let prepared = stabilize(name, |name| UsernameCaseMapped::enforce(name))
        .map_err(|refusal| error::explain(name, &refusal))?;
    if let Some(mark) = prepared.chars().next().filter(|c| is_combining_mark(*c)) {
        return Err(NameError::Character {
            code: mark.into(),
            position: 1,
        });
    }
    match prepared.chars().count() {
        n if n < LOGIN_NAME_MIN => Err(NameError::TooShort {
            min: LOGIN_NAME_MIN,
        }),
        n if n > LOGIN_NAME_MAX => Err(NameError::TooLong {
            max: LOGIN_NAME_MAX,
        }),
        _ => Ok(prepared.into_owned()),
    }
}

/// Prepares a display name: PRECIS Nickname (RFC 8266) in up to [`DISPLAY_NAME_MAX`] grapheme clusters.
///
/// Two things go beyond the profile, whose registry stands at Unicode 6.3 and which knows no emoji sequences: letters
/// and symbols assigned since are allowed, and so are the joiner (ZWJ), variation selector and skin tones inside an
/// emoji sequence. Flags spelt with tag characters (England, Scotland, Wales) are refused: tags hide text.
///
/// # Errors
/// [`NameError`], which says what to change.
pub fn prepare_display_name(name: &str) -> Result<String, NameError> {
    free_form(name, DISPLAY_NAME_MAX, NAME_BYTES_MAX)
}

/// Prepares an organisation's name: as a display name, in up to [`ORGANISATION_NAME_MAX`] grapheme clusters.
///
/// # Errors
/// [`NameError`], which says what to change.
pub fn prepare_organisation_name(name: &str) -> Result<String, NameError> {
    free_form(name, ORGANISATION_NAME_MAX, NAME_BYTES_MAX)
}

/// Prepares the title of a group: as a display name, in up to [`TITLE_MAX`] grapheme clusters.
///
/// # Errors
/// [`NameError`], which says what to change.
pub fn prepare_title(title: &str) -> Result<String, NameError> {
    free_form(title, TITLE_MAX, NAME_BYTES_MAX)
}

/// Prepares a device's name: as a display name, in up to [`DEVICE_NAME_BYTES_MAX`] bytes.
///
/// # Errors
/// [`NameError`], which says what to change.
pub fn prepare_device_name(name: &str) -> Result<String, NameError> {
    free_form(name, DISPLAY_NAME_MAX, DEVICE_NAME_BYTES_MAX)
}

/// What a prepared login name looks like: two names with the same skeleton can be taken for each other.
///
/// The skeleton of UTS 39 (Unicode confusables), taken in lower case, so that `0` and `o` meet as well. Only for
/// comparison; never shown.
#[must_use]
pub fn skeleton(login_name: &str) -> String {
    let once: String = unicode_security::skeleton(login_name).collect();
    unicode_security::skeleton(&once.to_lowercase()).collect()
}

fn free_form(name: &str, max_clusters: usize, max_bytes: usize) -> Result<String, NameError> {
    let too_long = NameError::TooLong { max: max_clusters };
    if name.len() > NAME_BYTES_MAX {
        return Err(too_long);
    }
    let prepared = display::prepare(name)?;
    if prepared.graphemes(true).count() > max_clusters {
        return Err(too_long);
    }
    if prepared.len() > max_bytes {
        return Err(NameError::TooManyBytes { max: max_bytes });
    }
    Ok(prepared)
}
