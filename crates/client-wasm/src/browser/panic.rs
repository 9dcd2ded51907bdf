//! What is said when the engine panics. Afterwards every call fails: the page ends the worker and starts another.

use std::panic::{PanicHookInfo, set_hook};

/// Writes where it happened to the console. Messages that were put together at run time could hold what is secret;
/// only those that stand in the source are written.
pub(crate) fn install() {
    set_hook(Box::new(|info| {
        web_sys::console::error_1(&line(info).into());
    }));
}

fn line(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(String::new, |place| {
        format!("{}:{}", place.file(), place.line())
    });
    let message = info.payload().downcast_ref::<&'static str>();
    format!("the engine panicked at {place}: {}", message.unwrap_or(&""))
}
