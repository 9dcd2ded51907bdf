//! The web app that was built into this program.

use gateway::{Asset, WebApp};

/// What `build.rs` found in `web/packed`; empty where the app was not built.
const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/web_app.rs"));

/// The app.
pub fn app() -> WebApp {
    WebApp::new(ASSETS)
}
