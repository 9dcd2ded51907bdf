//! The browser's clocks and timer.

use wasm_bindgen::prelude::*;

use super::js::scope;
use crate::clock::Reading;

/// What the clocks say now.
pub(crate) fn reading() -> Reading {
    let monotonic = scope().performance().map_or(0.0, |clock| clock.now());
    Reading {
        // from float to integer: saturates
        wall: js_sys::Date::now() as u64,
        monotonic,
    }
}

/// Calls back once at the time that was set last.
pub(crate) struct Timer {
    call: Closure<dyn FnMut()>,
    set: Option<i32>,
}

impl Timer {
    pub(crate) fn new(call: impl FnMut() + 'static) -> Self {
        Self {
            call: Closure::new(call),
            set: None,
        }
    }

    /// Calls back in so many milliseconds, and not when it was set to before.
    pub(crate) fn set(&mut self, after: u64) {
        self.stop();
        let after = i32::try_from(after).unwrap_or(i32::MAX);
        let function = self.call.as_ref().unchecked_ref();
        self.set = scope()
            .set_timeout_with_callback_and_timeout_and_arguments_0(function, after)
            .ok();
    }

    fn stop(&mut self) {
        if let Some(handle) = self.set.take() {
            scope().clear_timeout_with_handle(handle);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.stop();
    }
}
