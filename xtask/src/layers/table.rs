//! Which crate may depend on which, and why. Lower layers first: an entry is built from entries above it only. What its
//! tests use may stand below it: tests are in nobody's way.

/// One crate of the workspace and what it may depend on.
pub struct Layer {
    /// The crate.
    pub name: &'static str,
    /// Crates of the workspace that may be built into it.
    pub uses: &'static [&'static str],
    /// Crates of the workspace that its tests may use besides.
    pub tests_use: &'static [&'static str],
    /// Which foreign crates it must do without.
    pub free_of: Free,
    /// Why the line is as it is; printed with a violation.
    pub why: &'static str,
}

/// Foreign crates that a layer must do without.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Free {
    /// Nothing is ruled out.
    Any,
    /// No input or output, not even through another crate: it runs in a browser, and in a
    /// simulation whose clock and network are values.
    Io,
    /// No database and no web server named directly: those stand behind ports.
    Adapters,
}

impl Free {
    /// Names of the crates ruled out.
    pub fn forbidden(self) -> &'static [&'static str] {
        match self {
            Self::Any => &[],
            Self::Io => &[
                "tokio",
                "mio",
                "socket2",
                "hyper",
                "axum",
                "reqwest",
                "ureq",
                "rusqlite",
                "libsqlite3-sys",
                "rustls",
                "tokio-tungstenite",
                "tungstenite",
            ],
            Self::Adapters => &[
                "rusqlite",
                "axum",
                "hyper",
                "tokio-tungstenite",
                "rustls",
                "reqwest",
            ],
        }
    }
}

/// Features that are for tests alone, as `package/feature`, and the crates that may be built with them. Tests of the others may ask
/// for them too: those are in nobody's way.
pub const FOR_TESTS: &[(&str, &[&str])] = &[("e2ee/second-suite", &["simulation"])];

/// What a service may use. Never another service: what two of them need is a port or a type below.
const BELOW_SERVICES: &[&str] = &["ambient", "protocol", "e2ee", "storage", "bus"];
const SERVICE: &str = "services know the ports, not the adapters, and never import each other: \
    each can run in a process of its own, and one request is one transaction of one service";

/// Every crate of the workspace, lowest first.
pub const LAYERS: &[Layer] = &[
    Layer {
        name: "ambient",
        uses: &[],
        tests_use: &[],
        free_of: Free::Io,
        why: "clock and randomness as ports: everything may use it, so it uses nothing",
    },
    Layer {
        name: "protocol",
        uses: &[],
        tests_use: &["ambient"],
        free_of: Free::Io,
        why: "the wire: frames, errors, limits, ids; every other implementation could start from it",
    },
    Layer {
        name: "e2ee",
        uses: &["ambient", "protocol"],
        tests_use: &[],
        free_of: Free::Io,
        why: "all key material lives here, and it compiles to wasm32: no input or output",
    },
    Layer {
        name: "storage",
        uses: &["protocol"],
        tests_use: &["ambient"],
        free_of: Free::Adapters,
        why: "ports and the contract suite that every backend must pass; no backend",
    },
    Layer {
        name: "bus",
        uses: &["protocol"],
        tests_use: &["ambient"],
        free_of: Free::Adapters,
        why: "a wake-up call only: the database is the truth, so it needs no storage",
    },
    Layer {
        name: "storage-sqlite-faults",
        uses: &[],
        tests_use: &[],
        free_of: Free::Any,
        why: "a file system for tests, with unsafe code (ADR 0008): no program may link it",
    },
    Layer {
        name: "storage-sqlite",
        uses: &["protocol", "storage"],
        tests_use: &["ambient", "e2ee", "storage-sqlite-faults"],
        free_of: Free::Any,
        why: "an adapter of the storage port; it knows rows and not rules",
    },
    Layer {
        name: "testkit",
        uses: &["protocol", "e2ee"],
        tests_use: &[
            "ambient",
            "storage",
            "bus",
            "storage-sqlite",
            "accounts",
            "vault",
            "conversations",
        ],
        free_of: Free::Io,
        why: "members for tests, made of keys and frames alone: whoever tests brings the server; \
            built into tests, the simulation and the load test only",
    },
    Layer {
        name: "accounts",
        uses: BELOW_SERVICES,
        tests_use: &["storage-sqlite", "testkit"],
        free_of: Free::Adapters,
        why: SERVICE,
    },
    Layer {
        name: "vault",
        uses: BELOW_SERVICES,
        tests_use: &["storage-sqlite", "testkit"],
        free_of: Free::Adapters,
        why: SERVICE,
    },
    Layer {
        name: "conversations",
        uses: BELOW_SERVICES,
        tests_use: &["storage-sqlite", "testkit"],
        free_of: Free::Adapters,
        why: SERVICE,
    },
    Layer {
        name: "gateway",
        uses: &[
            "ambient",
            "protocol",
            "bus",
            "accounts",
            "vault",
            "conversations",
        ],
        tests_use: &["e2ee", "storage", "storage-sqlite", "testkit"],
        free_of: Free::Any,
        why: "the edge: it calls services through their traits and never touches storage",
    },
    Layer {
        name: "client",
        uses: &["ambient", "protocol", "e2ee"],
        tests_use: &[],
        free_of: Free::Io,
        why: "sans-IO: the same core runs in browsers, terminals, phones and the simulation",
    },
    Layer {
        name: "client-sqlite",
        uses: &["e2ee", "client"],
        tests_use: &["ambient"],
        free_of: Free::Any,
        why: "the client's store in SQLite, natively and in browsers; who opens the database stands above",
    },
    Layer {
        name: "client-native",
        uses: &["ambient", "protocol", "e2ee", "client", "client-sqlite"],
        tests_use: &[
            "storage",
            "storage-sqlite",
            "bus",
            "accounts",
            "vault",
            "conversations",
            "gateway",
        ],
        free_of: Free::Any,
        why: "drives the client core on tokio and keeps its store in SQLite; knows no server",
    },
    Layer {
        name: "client-wasm",
        uses: &["ambient", "protocol", "e2ee", "client", "client-sqlite"],
        tests_use: &[],
        free_of: Free::Any,
        why: "drives the client core in a browser's worker: thin bindings, no logic; knows no server",
    },
    Layer {
        name: "strength",
        uses: &[],
        tests_use: &[],
        free_of: Free::Io,
        why: "estimates passphrases that people choose; apart, as its word lists are large",
    },
    Layer {
        name: "tui",
        uses: &[
            "ambient",
            "protocol",
            "e2ee",
            "strength",
            "client",
            "client-native",
        ],
        tests_use: &[],
        free_of: Free::Any,
        why: "a thin view over the client; knows no server",
    },
    Layer {
        name: "loadtest",
        uses: &[
            "ambient",
            "protocol",
            "e2ee",
            "client",
            "client-native",
            "testkit",
        ],
        tests_use: &[],
        free_of: Free::Any,
        why: "measures any running instance from outside; knows no server",
    },
    Layer {
        name: "simulation",
        uses: &[
            "ambient",
            "protocol",
            "e2ee",
            "storage",
            "bus",
            "storage-sqlite",
            "accounts",
            "vault",
            "conversations",
            "gateway",
            "client",
            "client-native",
            "testkit",
        ],
        tests_use: &[],
        free_of: Free::Any,
        why: "tests only: everything but the binaries, in one process under a virtual clock",
    },
    Layer {
        name: "chatalk",
        uses: &[
            "ambient",
            "protocol",
            "e2ee",
            "storage",
            "bus",
            "storage-sqlite",
            "accounts",
            "vault",
            "conversations",
            "gateway",
            "client",
            "client-native",
            "tui",
        ],
        tests_use: &["testkit", "loadtest"],
        free_of: Free::Any,
        why: "the binary, the only place that wires adapters to ports",
    },
    Layer {
        name: "xtask",
        uses: &[],
        tests_use: &["protocol"],
        free_of: Free::Any,
        why: "tooling: it compiles first and alone; its example lists the protocol's errors",
    },
];
