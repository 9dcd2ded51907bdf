use client::{Doing as EngineDoing, Engine, Store, Update as EngineUpdate};

use super::{
    failure,
    view::{connection, conversations, person, session},
};
use crate::types::{Doing, Update};

/// What the engine tells, in the app's words and with what it is about. None: nothing for the app.
pub fn update<S: Store>(
    engine: &Engine<S>,
    in_memory: bool,
    update: EngineUpdate,
) -> Option<Update> {
    Some(match update {
        EngineUpdate::Connection(view) => Update::Connection {
            connection: connection(view),
        },
        EngineUpdate::Progress(of) => Update::Progress { doing: doing(of) },
        EngineUpdate::SignedIn { .. } => Update::SignedIn {
            session: session(engine, in_memory)?,
        },
        EngineUpdate::SignedOut => Update::SignedOut,
        EngineUpdate::Conversations => Update::Conversations {
            conversations: conversations(engine),
        },
        EngineUpdate::Timeline(conversation) => Update::Timeline {
            conversation: conversation.to_string(),
        },
        EngineUpdate::Opened(conversation) => Update::Opened {
            conversation: conversation.to_string(),
        },
        EngineUpdate::People(people) => Update::People {
            people: people.into_iter().map(person).collect(),
        },
        EngineUpdate::Invitation { link, expires } => Update::Invitation { link, expires },
        EngineUpdate::IdentityChanged(member) => Update::IdentityChanged {
            member: member.to_string(),
        },
        EngineUpdate::DeviceSignedIn { .. } => return None,
        EngineUpdate::Failed {
            doing: of,
            failure: why,
        } => Update::Failed {
            doing: doing(of),
            failure: failure(why),
        },
    })
}

fn doing(doing: EngineDoing) -> Doing {
    match doing {
        EngineDoing::Registering => Doing::Register,
        EngineDoing::SigningIn => Doing::SignIn,
        EngineDoing::Inviting => Doing::Invite,
        EngineDoing::Finding => Doing::FindPeople,
        EngineDoing::Opening => Doing::OpenDirect,
        EngineDoing::Sending => Doing::SendText,
        EngineDoing::LoadingOlder => Doing::LoadOlder,
        EngineDoing::UpdatingKeys | EngineDoing::Background => Doing::Background,
    }
}
