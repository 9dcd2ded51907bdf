//! How long a passphrase that somebody chose would withstand guessing.

/// The score that a passphrase of one's own choice needs (0 to 4).
pub const REQUIRED: u8 = 4;

/// zxcvbn's score, 0 (guessed at once) to 4 (more than 10^10 guesses). `hints` are words that make it weaker: the
/// person's names, the organisation's name.
///
/// D. L. Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016.
#[must_use]
pub fn score(text: &str, hints: &[&str]) -> u8 {
    u8::from(zxcvbn::zxcvbn(text, hints).score())
}

/// Whether somebody may choose it.
#[must_use]
pub fn suffices(text: &str, hints: &[&str]) -> bool {
    score(text, hints) >= REQUIRED
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use wasm_bindgen::prelude::*;

    /// [`super::score`], for the worker of the web app.
    #[wasm_bindgen]
    #[must_use]
    pub fn score(text: &str, hints: Vec<String>) -> u8 {
        let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
        super::score(text, &hints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_choices_do_not_suffice() {
        for weak in ["", "password", "alice2024", "correct", "qwertyuiop"] {
            assert!(!suffices(weak, &[]), "{weak}");
        }
        assert!(suffices("plinth gecko wharf umbra", &[]));
    }

    #[test]
    fn what_others_know_of_somebody_makes_it_weaker() {
        let name = "bartholomewfeatherstonehaugh";
        assert!(score(name, &[name]) < score(name, &[]));
    }
}
