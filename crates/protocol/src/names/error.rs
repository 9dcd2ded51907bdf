//! Why a name is refused, in words for whoever typed it.

use precis_core::{CodepointInfo, Error, UnexpectedError};

use crate::error::{ErrorCode, WireError};

/// A name can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Fewer characters than `min`, after removing what does not count.
    #[error("The name is too short. Use at least {min} characters.")]
    TooShort {
        /// Least number of characters.
        min: usize,
    },
    /// More characters than `max`.
    #[error("The name is too long. Use at most {max} characters.")]
    TooLong {
        /// Greatest number of characters.
        max: usize,
    },
    /// Few characters, but each of them is made of many.
    #[error("The name takes more than {max} bytes. Leave out some accents, emoji or words.")]
    TooManyBytes {
        /// Greatest number of bytes.
        max: usize,
    },
    /// A login name with a space.
    #[error("This name can't have spaces. Use a dot, a hyphen or an underscore instead.")]
    Space,
    /// A character that names can't have.
    #[error("The name can't have the character number {position} (U+{code:04X}). Leave it out.")]
    Character {
        /// Its code point; it may be invisible, so the message does not show it.
        code: u32,
        /// Which character of the name, from 1.
        position: usize,
    },
    /// Letters from the left and from the right in an order that reads as another name.
    #[error(
        "The name mixes letters written from the right with others so that it could be misread. Use one script."
    )]
    Direction,
    /// Nothing to see.
    #[error("The name has nothing visible in it. Add letters, digits or an emoji.")]
    Invisible,
}

impl From<NameError> for WireError {
    fn from(error: NameError) -> Self {
        WireError::new(ErrorCode::NameInvalid).with_message(error.to_string())
    }
}

/// A character at an index counted from 0.
pub(super) fn character(c: char, index: usize) -> NameError {
    NameError::Character {
        code: c.into(),
        position: index + 1,
    }
}

/// Turns a refusal by PRECIS into words. `name` is what was given.
pub(super) fn explain(name: &str, refusal: &Error) -> NameError {
    let at = |info: &CodepointInfo| NameError::Character {
        code: info.cp,
        position: info.position + 1,
    };
    match refusal {
        Error::BadCodepoint(info)
        | Error::Unexpected(
            UnexpectedError::ContextRuleNotApplicable(info)
            | UnexpectedError::MissingContextRule(info),
        ) => at(info),
        Error::Invalid if name.is_ascii() => NameError::Invisible,
        Error::Invalid => NameError::Direction,
        // a rule that looks at neighbours ran off the end: the character that needs them is the culprit
        Error::Unexpected(_) => {
            match name.chars().enumerate().find(|(_, c)| !c.is_alphanumeric()) {
                Some((index, c)) => character(c, index),
                None => NameError::Direction,
            }
        }
    }
}
