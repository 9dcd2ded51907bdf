use client::{Engine, Store, view};
use protocol::{Bytes, methods::account::OrganisationRole};
use serde::Deserialize;

use crate::types::{
    Adding, ApprovalStep, Approvals, Connection, Conversation, Device, Forgotten, Group, GroupRole,
    Id, IdentityChange, Inviter, Item, ItemBody, Language, Last, NewRole, Page, Person, Recovery,
    ResetFor, Role, SafetyCheck, SendState, Server, Session, Settings, SignInApproval,
    SignInNotice, State, StorageState, Stuck, Theme, Unsent, WaitingSignIn,
};

/// The connection.
#[must_use]
pub fn connection(connection: view::ConnectionView) -> Connection {
    match connection {
        view::ConnectionView::Connecting => Connection::Connecting,
        view::ConnectionView::Online => Connection::Online,
        view::ConnectionView::CatchingUp => Connection::CatchingUp,
        view::ConnectionView::Offline { retry_at } => Connection::Offline { retry_at },
        view::ConnectionView::Suspended => Connection::Suspended,
        view::ConnectionView::ReadOnly { reason } => Connection::ReadOnly { reason },
    }
}

/// A person.
#[must_use]
pub fn person(person: view::PersonView) -> Person {
    Person {
        member: person.member.to_string(),
        login_name: person.login_name,
        display_name: person.display_name,
        identity_changed: person.identity_changed,
        change: person.change.map(|change| match change {
            view::IdentityChange::Confirmed => IdentityChange::Confirmed,
            view::IdentityChange::Reset => IdentityChange::Reset,
            view::IdentityChange::Unknown => IdentityChange::Unknown,
        }),
        verified: person.verified,
        admin: person.admin,
        suspended: person.suspended,
    }
}

/// Who is signed in.
#[must_use]
pub fn session<S: Store>(engine: &Engine<S>, in_memory: bool) -> Option<Session> {
    let me = engine.me()?;
    Some(Session {
        organisation: engine.organisation(),
        role: engine.role().map_or(Role::Unknown, role),
        device: engine.device()?.to_string(),
        me: person(me),
        in_memory,
    })
}

/// The list of conversations.
#[must_use]
pub fn conversations<S: Store>(engine: &Engine<S>) -> Vec<Conversation> {
    let views = engine.conversations().into_iter();
    views
        .map(|c| Conversation {
            conversation: c.conversation.to_string(),
            direct: c.direct,
            title: c.title,
            members: c.members.into_iter().map(person).collect(),
            unread: c.unread,
            last: c.last.map(|last| Last {
                time: last.time,
                text: last.text,
                own: last.own,
                state: last.state.map(send_state),
            }),
            draft: c.draft,
            read: c.read,
            ready: c.ready,
            restoring: c.restoring,
            stuck: c.stuck.map(stuck),
            broken: c.broken,
            outdated: c.outdated,
            gone: c.gone,
            left: c.left,
            closed: c.closed,
            hidden: c.hidden,
            timer: c.timer_s,
            may_set_timer: c.may_set_timer,
            group: c.group.map(group),
        })
        .collect()
}

/// Everything that the first screen needs.
#[must_use]
pub fn state<S: Store>(engine: &Engine<S>, storage: StorageState) -> State {
    let server = engine.server().map(|server| Server {
        organisation: server.organisation,
        set_up_needed: server.set_up_needed,
        unaudited: true,
        version: server.version,
    });
    State {
        session: session(engine, storage.kept == "memory"),
        signed_out: engine.is_signed_out(),
        server,
        connection: connection(engine.connection()),
        conversations: conversations(engine),
        notices: engine.notices().into_iter().map(notice).collect(),
        passphrase_changed: engine.passphrase_changed(),
        recovery_changed: engine.recovery_changed(),
        recovery: recovery(engine.recovery()),
        approvals: approvals(engine.approvals()),
        forgotten: engine.forgotten().map(forgotten),
        forgotten_others: engine.forgotten_others().into_iter().map(person).collect(),
        settings: settings(engine.settings()),
        storage,
    }
}

/// Which rows of a timeline are wanted.
#[derive(Debug, Deserialize)]
pub struct At {
    conversation: Id,
    #[serde(default)]
    before: Option<u64>,
    #[serde(default)]
    after: Option<u64>,
    limit: usize,
}

/// A page of a timeline.
///
/// # Errors
/// When there is no such conversation, or the store fails; in words for developers.
pub fn timeline<S: Store>(engine: &Engine<S>, at: &At) -> Result<Page, String> {
    let conversation = at
        .conversation
        .parse()
        .map_err(|_| "no such conversation")?;
    let part = match (at.before, at.after) {
        (Some(seq), _) => view::At::Before(seq),
        (None, Some(seq)) => view::At::After(seq),
        (None, None) => view::At::Newest,
    };
    let page = engine
        .timeline(conversation, part, at.limit)
        .map_err(|failure| failure.to_string())?;
    Ok(Page {
        items: page.items.into_iter().map(item).collect(),
        older: page.older,
        older_on_server: page.older_on_server,
        newer: page.newer,
    })
}

/// The picture of a group, if it has one of that name.
///
/// # Errors
/// When there is no such conversation, or the store fails; in words for developers.
pub fn picture<S: Store>(
    engine: &Engine<S>,
    conversation: &str,
    name: &str,
) -> Result<Option<Bytes>, String> {
    let conversation = conversation.parse().map_err(|_| "no such conversation")?;
    let picture = engine.picture(conversation).map_err(|f| f.to_string())?;
    let named = |jpeg: &Bytes| e2ee::transcript::body_hash(jpeg).to_string() == name;
    Ok(picture.filter(named))
}

/// What was not sent.
#[must_use]
pub fn unsent<S: Store>(engine: &Engine<S>) -> Vec<Unsent> {
    let unsent = engine.unsent().into_iter();
    unsent
        .map(|view::Unsent { title, text }| Unsent { title, text })
        .collect()
}

fn item(item: view::Item) -> Item {
    Item {
        key: item.key(),
        seq: item.seq,
        sender: item.sender.to_string(),
        sender_name: item.sender_name,
        own: item.own,
        time: item.time,
        server_time: item.server_time,
        expires: item.expires,
        body: body(item.body),
        state: item.state.map(send_state),
    }
}

fn send_state(state: view::SendState) -> SendState {
    match state {
        view::SendState::Waiting => SendState::Waiting,
        view::SendState::Sent => SendState::Sent,
        view::SendState::Delivered => SendState::Delivered,
        view::SendState::Read => SendState::Read,
    }
}

fn body(body: view::ItemBody) -> ItemBody {
    match body {
        view::ItemBody::Text(text) => ItemBody::Text { text },
        view::ItemBody::Created => ItemBody::Created,
        view::ItemBody::Title(title) => ItemBody::Title { title },
        view::ItemBody::Picture { taken_away } => ItemBody::Picture { taken_away },
        view::ItemBody::Members {
            added,
            removed,
            roles,
            announcements,
            history_all,
            left,
            timer_s,
            restored,
        } => ItemBody::Members {
            added,
            removed,
            roles: roles
                .into_iter()
                .map(|(name, role)| NewRole {
                    name,
                    role: group_role(role),
                })
                .collect(),
            announcements,
            history_all,
            left,
            timer: timer_s,
            restored,
        },
        view::ItemBody::Left => ItemBody::Left,
        view::ItemBody::AccountClosed => ItemBody::AccountClosed,
        view::ItemBody::Complaint { about } => ItemBody::Complaint { about },
        view::ItemBody::Restarted { complaint, out } => ItemBody::Restarted { complaint, out },
        view::ItemBody::Unreadable => ItemBody::Unreadable,
        view::ItemBody::Relinked => ItemBody::Relinked,
        view::ItemBody::KeysUpdated => ItemBody::KeysUpdated,
        view::ItemBody::Newer => ItemBody::Newer,
        view::ItemBody::RemovedByServer => ItemBody::RemovedByServer,
        view::ItemBody::Unverified => ItemBody::Unverified,
    }
}

fn stuck(stuck: view::StuckView) -> Stuck {
    Stuck {
        by: stuck.by,
        alone: stuck.alone,
        by_itself: stuck.by_itself,
        asked: stuck.asked,
        may: stuck.may,
        started: stuck.started,
        without: stuck.without,
    }
}

fn group(group: view::GroupView) -> Group {
    Group {
        named: group.named,
        picture: group.picture.map(|picture| picture.to_string()),
        roles: group
            .roles
            .into_iter()
            .map(|(_, role)| group_role(role))
            .collect(),
        role: group_role(group.role),
        announcements: group.announcements,
        history_all: group.history_all,
        may_write: group.may_write,
        changing: group.changing,
        adding: group.adding.map(|(done, total)| Adding {
            done: done.try_into().unwrap_or(u32::MAX),
            total: total.try_into().unwrap_or(u32::MAX),
        }),
    }
}

fn group_role(role: view::Role) -> GroupRole {
    match role {
        view::Role::ReadOnly => GroupRole::ReadOnly,
        view::Role::Member => GroupRole::Member,
        view::Role::GroupAdmin => GroupRole::Admin,
        view::Role::Owner => GroupRole::Owner,
    }
}

/// A role, as the engine takes it.
#[must_use]
pub fn engine_role(role: GroupRole) -> view::Role {
    match role {
        GroupRole::ReadOnly => view::Role::ReadOnly,
        GroupRole::Member => view::Role::Member,
        GroupRole::Admin => view::Role::GroupAdmin,
        GroupRole::Owner => view::Role::Owner,
    }
}

/// A device.
#[must_use]
pub fn device(device: view::DeviceView) -> Device {
    Device {
        device: device.device.to_string(),
        name: device.name,
        created: device.created,
        last_seen: device.last_seen,
        current: device.current,
    }
}

/// Who invites.
#[must_use]
pub fn inviter(inviter: view::InviterView) -> Inviter {
    Inviter {
        login_name: inviter.login_name,
        display_name: inviter.display_name,
        organisation: inviter.organisation,
        expires: inviter.expires,
    }
}

/// A sign-in of another device.
#[must_use]
pub fn notice(notice: view::SignInNotice) -> SignInNotice {
    SignInNotice {
        device: notice.device.to_string(),
        name: notice.name,
        time: notice.time,
        signed_out: notice.signed_out,
    }
}

fn role(role: OrganisationRole) -> Role {
    match role {
        OrganisationRole::Admin => Role::Admin,
        OrganisationRole::Member => Role::Member,
        OrganisationRole::Guest => Role::Guest,
        OrganisationRole::Unknown => Role::Unknown,
    }
}

/// Settings.
#[must_use]
pub fn settings(settings: view::Settings) -> Settings {
    Settings {
        language: match settings.language {
            view::Language::System => Language::System,
            view::Language::English => Language::En,
            view::Language::French => Language::Fr,
        },
        theme: match settings.theme {
            view::Theme::System => Theme::System,
            view::Theme::Light => Theme::Light,
            view::Theme::Dark => Theme::Dark,
        },
        enter_sends: settings.enter_sends,
        receipts: settings.receipts,
        recovery_reminded: settings.recovery_reminded,
        sign_in_notices: settings.sign_in_notices,
    }
}

/// A sign-in here that waits.
#[must_use]
pub fn sign_in_approval(view: view::SignInApproval) -> SignInApproval {
    SignInApproval {
        code: view.code,
        let_in: view.let_in,
    }
}

/// Approval of new sign-ins.
#[must_use]
pub fn approvals(view: view::ApprovalsView) -> Approvals {
    Approvals {
        required: view.required,
        waiting: view.waiting.into_iter().map(waiting).collect(),
    }
}

fn waiting(view: view::WaitingSignIn) -> WaitingSignIn {
    let (step, code) = match view.step {
        view::ApprovalStep::Asked => (ApprovalStep::Asked, None),
        view::ApprovalStep::Elsewhere => (ApprovalStep::Elsewhere, None),
        view::ApprovalStep::Preparing => (ApprovalStep::Preparing, None),
        view::ApprovalStep::Code(code) => (ApprovalStep::Code, Some(code)),
        view::ApprovalStep::Differs => (ApprovalStep::Differs, None),
    };
    WaitingSignIn {
        device: view.device.to_string(),
        name: view.name,
        asked: view.asked,
        step,
        code,
    }
}

/// A request for a new passphrase.
#[must_use]
pub fn forgotten(view: view::ForgottenView) -> Forgotten {
    Forgotten {
        name: view.name,
        asked: view.asked,
        ready_at: view.ready_at,
        approved: view.approved,
        mine: view.mine,
        ready: view.ready,
    }
}

/// Whom a reset link is for.
#[must_use]
pub fn reset_for(view: view::ResetView) -> ResetFor {
    ResetFor {
        login_name: view.login_name,
        display_name: view.display_name,
        organisation: view.organisation,
        expires: view.expires,
    }
}

/// The recovery code.
#[must_use]
pub fn recovery(view: view::RecoveryView) -> Recovery {
    Recovery {
        there: view.there,
        made: view.made,
        remind: view.remind,
        passphrase_wanted: view.passphrase_wanted,
    }
}

/// Settings, as the engine takes them.
#[must_use]
pub fn engine_settings(settings: Settings) -> view::Settings {
    view::Settings {
        language: match settings.language {
            Language::System => view::Language::System,
            Language::En => view::Language::English,
            Language::Fr => view::Language::French,
        },
        theme: match settings.theme {
            Theme::System => view::Theme::System,
            Theme::Light => view::Theme::Light,
            Theme::Dark => view::Theme::Dark,
        },
        enter_sends: settings.enter_sends,
        receipts: settings.receipts,
        recovery_reminded: settings.recovery_reminded,
        sign_in_notices: settings.sign_in_notices,
    }
}

/// What came of comparing a scanned safety code.
#[must_use]
pub fn safety_check(check: view::SafetyCheck) -> SafetyCheck {
    match check {
        view::SafetyCheck::Match => SafetyCheck::Match,
        view::SafetyCheck::Mismatch => SafetyCheck::Mismatch,
        view::SafetyCheck::NotASafetyCode => SafetyCheck::NotASafetyCode,
        view::SafetyCheck::OtherPerson => SafetyCheck::OtherPerson,
    }
}
