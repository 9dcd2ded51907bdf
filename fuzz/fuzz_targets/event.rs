//! Events as a client reads them, by name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{Bytes, Event, ServerFrame, catalogue, decode};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(ServerFrame { event: Some(name), data: Some(data), .. }) = decode(bytes) {
        let known = catalogue::find_event(&name).is_some();
        let event = Event::decode(&name, &data);
        assert_eq!(!known, matches!(event, Ok(Event::Unknown(_))));
    }
    // the first byte chooses an event, the rest is its data
    if let Some((choice, data)) = bytes.split_first() {
        let event = &catalogue::EVENTS[usize::from(*choice) % catalogue::EVENTS.len()];
        let data = Bytes::copy_from_slice(data);
        if (event.check_data)(&data).is_ok() {
            assert!(Event::decode(event.name, &data).is_ok());
        }
    }
});
