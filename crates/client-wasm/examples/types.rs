//! Prints `web/src/engine/generated.ts`: what the app and the engine say to each other. `cargo xtask gen` runs it.
#![allow(clippy::print_stdout, reason = "it prints a file")]

use client_wasm::types::*;
use ts_rs::{Config, TS};

/// A type with its documentation.
fn declared<T: TS>(config: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    format!("{docs}export {}", T::decl(config))
}

macro_rules! declared {
    ($config:expr; $($name:ty),* $(,)?) => { [$(declared::<$name>($config)),*] };
}

fn main() {
    let config = Config::new().with_large_int("number");
    let types = declared![&config;
        Command, Doing, NewAccount, SeenSignIn, Update, Connection, Session, Role, Person, Conversation, Last, SendState, Item,
        ItemBody, Page, Device, Inviter, SignInNotice, Recovery, Settings, Language, Theme, Failure, OpenOptions, Opened, State, Server,
        StorageState, Why, InvitationInfo, SafetyCheck, Adding, Group, GroupRole, NewRole, IdentityChange, Forgotten, ResetFor,
        Stuck, SignInApproval, Approvals, WaitingSignIn, ApprovalStep, Unsent,
    ];
    println!("// Generated from crates/client-wasm/src/types by `cargo xtask gen`. Do not edit.");
    println!("// biome-ignore-all format: generated");
    for text in types {
        println!("\n{text}");
    }
}
