//! For this crate's tests: the same functions run natively and in wasm (Node); vectors made once.

use rand::SeedableRng;
use serde_json::Value;

/// `test_everywhere! { fn name() { … } … }`: a `#[test]` natively, a `#[wasm_bindgen_test]` in wasm.
macro_rules! test_everywhere {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)*) => { $(
        $(#[$meta])*
        #[cfg_attr(not(target_arch = "wasm32"), test)]
        #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
        fn $name() $body
    )* };
}

/// Repeatable randomness.
pub(crate) fn rng(seed: u64) -> rand_chacha::ChaCha20Rng {
    rand_chacha::ChaCha20Rng::seed_from_u64(seed)
}

/// Compares `made` with the vectors stored in `vectors/<file>` (given as `stored`, by `include_str!`).
/// With `CHATALK_WRITE_VECTORS=1` (never in wasm) the file is written instead: only when a format is new.
pub(crate) fn check_vectors(file: &str, stored: &str, made: &Value) {
    if writing_vectors() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("vectors")
            .join(file);
        let mut text = serde_json::to_string_pretty(made).unwrap();
        text.push('\n');
        std::fs::write(path, text).unwrap();
        return;
    }
    let stored: Value = serde_json::from_str(stored).unwrap();
    assert_eq!(
        &stored, made,
        "vectors/{file} is checked for ever: a difference means that the format broke"
    );
}

/// Whether this run makes vectors instead of checking them.
pub(crate) fn writing_vectors() -> bool {
    std::env::var_os("CHATALK_WRITE_VECTORS").is_some()
}
