//! Requests as the server reads them: the envelope, then the parameters of each method.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{Request, catalogue, decode, encode};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = decode::<Request>(bytes) {
        assert_eq!(decode::<Request>(&encode(&request)).as_ref(), Ok(&request));
        if let Some(method) = catalogue::find_method(&request.method) {
            let _ = (method.check_params)(&request.params);
        }
    }
    // the first byte chooses a method, the rest are its parameters
    if let Some((choice, params)) = bytes.split_first() {
        let method = &catalogue::METHODS[usize::from(*choice) % catalogue::METHODS.len()];
        let _ = (method.check_params)(params);
    }
});
