//! Capabilities that the operator switches.

/// Name of the module that keeps sealed read and delivery cursors.
pub const RECEIPTS: &str = "receipts";

const KNOWN: &[&str] = &[RECEIPTS];

/// No module of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no module \"{0}\"; there are: receipts")]
pub struct UnknownModule(pub String);

/// Which modules are on. A switched-off one answers `module_off`, touches no table and is absent from the
/// capabilities in hello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules(Vec<&'static str>);

impl Default for Modules {
    /// All of them.
    fn default() -> Self {
        Self(KNOWN.to_vec())
    }
}

impl Modules {
    /// Switches one module.
    ///
    /// # Errors
    /// [`UnknownModule`].
    pub fn switch(&mut self, name: &str, on: bool) -> Result<(), UnknownModule> {
        let known = KNOWN
            .iter()
            .find(|known| **known == name)
            .ok_or_else(|| UnknownModule(name.to_owned()))?;
        self.0.retain(|other| other != known);
        if on {
            self.0.push(known);
        }
        Ok(())
    }

    /// Whether a module is on.
    #[must_use]
    pub fn on(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    /// The names of those that are on, for hello.
    #[must_use]
    pub fn names(&self) -> &[&'static str] {
        &self.0
    }
}
