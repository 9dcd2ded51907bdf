//! The one table from method names to what they call.

use std::{collections::HashMap, sync::Arc, sync::LazyLock};

use accounts::Authority;
use conversations::RECEIPTS;
use futures_util::future::BoxFuture;
use protocol::{
    Bytes, DeviceId, ErrorCode, MemberId, Method, WireError, decode, encode,
    methods::{
        Done,
        account::{
            CheckInvitation, CheckReset, CreateInvitation, Ping, Recover, RegisterFinish,
            RegisterStart, ResumeSession, RevokeInvitation, SignInFinish, SignInStart,
            SignInStarted, SignedIn,
        },
        approval::{
            ApprovalState, AskApproval, ClaimApproval, DenyApproval, GetApproval, GiveUpApproval,
            GrantApproval, RevealApproval,
        },
        conversations::{
            AskRepair, CommitConversation, CreateConversation, Declare, GetEntries, GetReceipts,
            GetTree, GetWelcome, PutReceipt, RestartConversation, SendMessage,
        },
        own_account::{
            ApproveForgotten, AskForgotten, CancelForgotten, CloseAccount, FinishPassphrase,
            ListDevices, Rename, ReplaceRoot, ResetMember, SetRecovery, SignOutDevices,
            StartPassphrase, StartProof,
        },
        people::{
            ClaimKeyPackage, CloseAccountOf, FindPeople, GetCertificates, GetPeople,
            PublishKeyPackages, SetOrganisationRole, Suspend,
        },
        sync::{StartSync, SyncStarted},
        vault::{GetHeads, GetManifest, GetRecords, VaultWrite},
    },
};

use crate::{
    gateway::Services,
    session::{Shared, SigningIn, Who},
};

/// Which rates a request counts against, besides requests in general.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cost {
    /// A sign of life, at any time.
    Ping,
    Request,
    /// Makes the server work through a conversation's tree.
    Change,
    /// Like any other request, but the client is told to resync only after its reply.
    Sync,
    Message,
    Receipt,
}

/// A request on its way to its service.
pub(crate) struct Call {
    pub(crate) shared: Arc<Shared>,
    pub(crate) who: Option<Who>,
}

type Run = fn(Call, Bytes) -> BoxFuture<'static, Result<Bytes, WireError>>;

/// One method.
pub(crate) struct Route {
    pub(crate) signed_in: bool,
    pub(crate) cost: Cost,
    /// Slots that it takes: replies that may be large take more, so that fewer of them wait at a time.
    pub(crate) weight: u32,
    pub(crate) module: Option<&'static str>,
    /// It may sign out the device that asks, and is answered all the same.
    pub(crate) signs_out: bool,
    /// It is for devices that wait to be let in as well.
    pub(crate) while_waiting: bool,
    pub(crate) run: Run,
}

const SMALL: u32 = 1;
const LARGE: u32 = 8;

impl Call {
    fn services(&self) -> &Services {
        &self.shared.gateway.services
    }

    fn who(&self) -> Result<Who, WireError> {
        self.who.ok_or_else(|| ErrorCode::SignInFirst.into())
    }

    fn params<M: Method>(&self, raw: &[u8]) -> Result<M, WireError> {
        decode(raw).map_err(|error| {
            self.shared.gateway.counters.bad_requests.add(1);
            error.into()
        })
    }
}

/// `route!(Params, cost, weight, module, |call, params| future)`: decodes the parameters, encodes the result.
macro_rules! route {
    ($params:ty, $cost:ident, $weight:ident, $module:expr, |$call:ident, $value:ident| $body:expr) => {
        (
            <$params as Method>::NAME,
            Route {
                signed_in: <$params as Method>::SIGNED_IN,
                cost: Cost::$cost,
                weight: $weight,
                module: $module,
                signs_out: false,
                while_waiting: false,
                run: |$call, raw| {
                    Box::pin(async move {
                        let $value: $params = $call.params(&raw)?;
                        drop(raw);
                        let reply: <$params as Method>::Reply = $body?;
                        Ok(encode(&reply))
                    })
                },
            },
        )
    };
    ($params:ty, |$call:ident, $value:ident| $body:expr) => {
        route!($params, Request, SMALL, None, |$call, $value| $body)
    };
    ($params:ty, LARGE, |$call:ident, $value:ident| $body:expr) => {
        route!($params, Request, LARGE, None, |$call, $value| $body)
    };
}

/// `accounts!(call.method(arguments))` and so on: the service's answer with its error as it goes on the wire.
macro_rules! ask {
    ($call:ident.$service:ident.$method:ident($($argument:expr),*)) => {
        $call.services().$service.$method($($argument),*).await.map_err(WireError::from)
    };
}

static ROUTES: LazyLock<HashMap<&'static str, Route>> = LazyLock::new(|| {
    [
        guest_routes(),
        account_routes(),
        own_account_routes(),
        approval_routes(),
        member_routes(),
        conversation_routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
});

/// The method of that name.
pub(crate) fn route(name: &str) -> Option<&'static Route> {
    ROUTES.get(name)
}

/// Names of all methods that a gateway knows, sorted.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = ROUTES.keys().copied().collect();
    names.sort_unstable();
    names
}

fn guest_routes() -> Vec<(&'static str, Route)> {
    vec![
        route!(
            Ping,
            Ping,
            SMALL,
            None,
            |_call, _params| Ok::<_, WireError>(Done {})
        ),
        route!(CheckInvitation, |call, params| {
            ask!(call.accounts.check_invitation(&call.shared.origin, params))
        }),
        route!(CheckReset, |call, params| {
            ask!(call.accounts.check_reset(&call.shared.origin, params))
        }),
        route!(RegisterStart, |call, params| {
            ask!(call.accounts.register_start(&call.shared.origin, params))
        }),
        route!(RegisterFinish, |call, params| register_finish(call, params)
            .await),
        route!(SignInStart, |call, params| sign_in_start(call, params)
            .await),
        route!(SignInFinish, |call, params| sign_in_finish(call, params)
            .await),
        route!(Recover, |call, params| recover(call, params).await),
        route!(ResumeSession, |call, params| resume(call, params).await),
    ]
}

fn account_routes() -> Vec<(&'static str, Route)> {
    vec![
        route!(CreateInvitation, |call, params| {
            ask!(call.accounts.create_invitation(call.who()?.member, params))
        }),
        route!(RevokeInvitation, |call, params| {
            ask!(call.accounts.revoke_invitation(call.who()?.member, params))
        }),
        route!(FindPeople, LARGE, |call, params| {
            ask!(call.accounts.find_people(call.who()?.member, params))
        }),
        route!(GetPeople, LARGE, |call, params| {
            ask!(call.accounts.get_people(call.who()?.member, params))
        }),
        route!(GetCertificates, |call, params| {
            ask!(call.accounts.certificates(call.who()?.member, params))
        }),
        route!(PublishKeyPackages, |call, params| {
            let who = call.who()?;
            ask!(
                call.accounts
                    .publish_key_packages(who.member, who.device, params)
            )
        }),
        route!(ClaimKeyPackage, |call, params| {
            ask!(call.accounts.claim_key_package(call.who()?.member, params))
        }),
        route!(VaultWrite, |call, params| {
            let who = call.who()?;
            ask!(call.vault.write(who.member, who.device, params))
        }),
        route!(GetManifest, LARGE, |call, _params| ask!(
            call.vault.manifest(call.who()?.member)
        )),
        route!(GetHeads, LARGE, |call, params| ask!(
            call.vault.heads(call.who()?.member, params)
        )),
        route!(GetRecords, LARGE, |call, params| ask!(
            call.vault.get(call.who()?.member, params)
        )),
    ]
}

fn own_account_routes() -> Vec<(&'static str, Route)> {
    let mut sign_out = route!(SignOutDevices, |call, params| {
        let who = call.who()?;
        ask!(
            call.accounts
                .sign_out_devices(who.member, who.device, params)
        )
    });
    sign_out.1.signs_out = true;
    sign_out.1.while_waiting = true; // itself alone
    let mut close = route!(CloseAccount, |call, params| {
        let who = call.who()?;
        let proof = call.shared.take_proof(params.attempt)?;
        let done = ask!(
            call.accounts
                .close_account(who.member, who.device, proof, params)
        );
        tell_closed(&call, done, who.member).await
    });
    close.1.signs_out = true;
    vec![
        route!(StartProof, |call, params| prove_start(call, params).await),
        route!(StartPassphrase, |call, params| {
            let who = call.who()?;
            ask!(
                call.accounts
                    .passphrase_start(who.member, who.device, params)
            )
        }),
        route!(FinishPassphrase, |call, params| {
            let who = call.who()?;
            let by = authority(&call, &params)?;
            ask!(
                call.accounts
                    .passphrase_finish(who.member, who.device, by, params)
            )
        }),
        route!(SetRecovery, |call, params| {
            let who = call.who()?;
            let proof = call.shared.take_proof(params.attempt)?;
            ask!(
                call.accounts
                    .set_recovery(who.member, who.device, proof, params)
            )
        }),
        route!(Rename, |call, params| {
            let who = call.who()?;
            let proof = call.shared.take_proof(params.attempt)?;
            ask!(call.accounts.rename(who.member, who.device, proof, params))
        }),
        route!(AskForgotten, |call, _params| {
            let who = call.who()?;
            ask!(call.accounts.ask_forgotten(who.member, who.device))
        }),
        route!(ApproveForgotten, |call, params| {
            let who = call.who()?;
            ask!(
                call.accounts
                    .approve_forgotten(who.member, who.device, params)
            )
        }),
        route!(CancelForgotten, |call, _params| {
            let who = call.who()?;
            ask!(call.accounts.cancel_forgotten(who.member, who.device))
        }),
        route!(ReplaceRoot, |call, params| {
            let who = call.who()?;
            ask!(call.accounts.replace_root(who.member, who.device, params))
        }),
        route!(ResetMember, |call, params| {
            let who = call.who()?;
            ask!(call.accounts.reset_member(who.member, who.device, params))
        }),
        route!(ListDevices, |call, _params| ask!(
            call.accounts.devices(call.who()?.member)
        )),
        sign_out,
        close,
    ]
}

/// Letting devices in.
fn approval_routes() -> Vec<(&'static str, Route)> {
    let mut of_waiting = vec![
        route!(AskApproval, |call, params| {
            let who = call.who()?;
            ask!(call.accounts.ask_approval(who.member, who.device, params))
        }),
        route!(GetApproval, |call, _params| approval_state(call).await),
        route!(RevealApproval, |call, params| {
            let who = call.who()?;
            ask!(
                call.accounts
                    .reveal_approval(who.member, who.device, params)
            )
        }),
    ];
    for (_, route) in &mut of_waiting {
        route.while_waiting = true;
    }
    of_waiting.extend([
        route!(ClaimApproval, |call, params| {
            let who = call.who()?;
            ask!(call.accounts.claim_approval(who.member, who.device, params))
        }),
        route!(GiveUpApproval, |call, params| {
            let who = call.who()?;
            ask!(
                call.accounts
                    .give_up_approval(who.member, who.device, params)
            )
        }),
        route!(GrantApproval, |call, params| {
            let who = call.who()?;
            ask!(call.accounts.grant_approval(who.member, who.device, params))
        }),
        route!(DenyApproval, |call, params| {
            let who = call.who()?;
            ask!(call.accounts.deny_approval(who.member, who.device, params))
        }),
    ]);
    of_waiting
}

/// How a device's approval stands. The database is the truth of it, for its connection too.
async fn approval_state(call: Call) -> Result<ApprovalState, WireError> {
    let who = call.who()?;
    let state = ask!(call.accounts.approval_state(who.member, who.device))?;
    if !state.waiting {
        call.shared.let_in();
    }
    Ok(state)
}

/// What admins do with members of the organisation.
fn member_routes() -> Vec<(&'static str, Route)> {
    vec![
        route!(Suspend, |call, params| {
            let who = call.who()?;
            ask!(call.accounts.suspend(who.member, who.device, params))
        }),
        route!(SetOrganisationRole, |call, params| {
            let who = call.who()?;
            ask!(call.accounts.set_role(who.member, who.device, params))
        }),
        route!(CloseAccountOf, |call, params| {
            let who = call.who()?;
            let member = params.member;
            let done = ask!(
                call.accounts
                    .close_account_of(who.member, who.device, params)
            );
            tell_closed(&call, done, member).await
        }),
    ]
}

/// Takes a closed account out of its conversations at once. What of it fails is done later by the service itself.
async fn tell_closed(
    call: &Call,
    done: Result<Done, WireError>,
    member: MemberId,
) -> Result<Done, WireError> {
    let done = done?;
    if let Err(error) = call.services().conversations.depart(member).await {
        tracing::warn!(%error, "telling conversations of a closed account");
    }
    Ok(done)
}

fn conversation_routes() -> Vec<(&'static str, Route)> {
    vec![
        route!(StartSync, Sync, LARGE, None, |call, params| {
            start_sync(call, params).await
        }),
        route!(CreateConversation, Change, SMALL, None, |call, params| {
            let who = call.who()?;
            ask!(call.conversations.create(who.member, who.device, params))
        }),
        route!(CommitConversation, Change, SMALL, None, |call, params| {
            let who = call.who()?;
            let gateway = &call.shared.gateway;
            let key = (who.member, params.conversation);
            gateway.limited(gateway.commits.take(key, gateway.clock.now()))?;
            ask!(call.conversations.commit(who.member, who.device, params))
        }),
        route!(RestartConversation, Change, SMALL, None, |call, params| {
            let who = call.who()?;
            let gateway = &call.shared.gateway;
            let key = (who.member, params.conversation);
            gateway.limited(gateway.commits.take(key, gateway.clock.now()))?;
            ask!(call.conversations.restart(who.member, who.device, params))
        }),
        route!(Declare, Change, SMALL, None, |call, params| {
            let who = call.who()?;
            let gateway = &call.shared.gateway;
            let key = (who.member, params.conversation);
            gateway.limited(gateway.commits.take(key, gateway.clock.now()))?;
            ask!(call.conversations.declare(who.member, who.device, params))
        }),
        route!(AskRepair, Change, SMALL, None, |call, params| {
            let who = call.who()?;
            ask!(
                call.conversations
                    .ask_repair(who.member, who.device, params)
            )
        }),
        route!(SendMessage, Message, SMALL, None, |call, params| {
            let who = call.who()?;
            ask!(call.conversations.send(who.member, who.device, params))
        }),
        route!(GetEntries, LARGE, |call, params| {
            ask!(call.conversations.entries(call.who()?.member, params))
        }),
        route!(GetTree, Change, LARGE, None, |call, params| ask!(
            call.conversations.tree(call.who()?.member, params)
        )),
        route!(GetWelcome, Change, LARGE, None, |call, params| {
            ask!(call.conversations.welcome(call.who()?.member, params))
        }),
        route!(
            PutReceipt,
            Receipt,
            SMALL,
            Some(RECEIPTS),
            |call, params| {
                let member = call.who()?.member;
                let gateway = &call.shared.gateway;
                let key = (member, params.conversation);
                gateway.limited(gateway.receipts_of_one.take(key, gateway.clock.now()))?;
                ask!(call.conversations.put_receipt(member, params))
            }
        ),
        route!(
            GetReceipts,
            Request,
            LARGE,
            Some(RECEIPTS),
            |call, params| { ask!(call.conversations.receipts(call.who()?.member, params)) }
        ),
    ]
}

async fn register_finish(call: Call, params: RegisterFinish) -> Result<SignedIn, WireError> {
    let signing_in = call.shared.begin_sign_in()?;
    let device = params.device.device;
    let first = call.shared.gateway.set_up_needed();
    let reply = ask!(call.accounts.register_finish(&call.shared.origin, params))?;
    let reply = enter(&call, signing_in, device, reply).await;
    if first {
        call.shared.gateway.refresh().await;
    }
    reply
}

async fn sign_in_start(call: Call, params: SignInStart) -> Result<SignInStarted, WireError> {
    let opened = ask!(call.accounts.sign_in_start(&call.shared.origin, params))?;
    Ok(SignInStarted {
        attempt: call.shared.open_attempt(opened.attempt)?,
        ke2: opened.ke2,
        stretching: opened.stretching,
    })
}

async fn sign_in_finish(call: Call, params: SignInFinish) -> Result<SignedIn, WireError> {
    let attempt = call.shared.take_attempt(params.attempt)?;
    let signing_in = call.shared.begin_sign_in()?;
    let device = params.device.device;
    let reply = ask!(call.accounts.sign_in_finish(
        &call.shared.origin,
        attempt,
        params.ke3,
        params.device
    ))?;
    enter(&call, signing_in, device, reply).await
}

async fn recover(call: Call, params: Recover) -> Result<SignedIn, WireError> {
    let signing_in = call.shared.begin_sign_in()?;
    let device = params.device.device;
    let reply = ask!(
        call.accounts
            .recover(&call.shared.origin, params, call.shared.challenge)
    )?;
    enter(&call, signing_in, device, reply).await
}

async fn resume(call: Call, params: ResumeSession) -> Result<SignedIn, WireError> {
    let signing_in = call.shared.begin_sign_in()?;
    let device = params.device;
    let reply = ask!(call.accounts.resume(params, call.shared.challenge))?;
    enter(&call, signing_in, device, reply).await
}

/// Signs the connection in, after the service has. First it listens, then it asks, so that a sign-out of the device is
/// noticed whenever it comes.
async fn enter(
    call: &Call,
    signing_in: SigningIn,
    device: DeviceId,
    reply: SignedIn,
) -> Result<SignedIn, WireError> {
    let who = Who {
        member: reply.member,
        device,
        waiting: reply.waiting,
    };
    signing_in.follow(who);
    match ask!(call.accounts.signed_out(vec![device])) {
        Ok(out) if out.is_empty() => signing_in.succeed(who)?,
        Ok(_) => {
            call.shared.sign_out();
            return Err(ErrorCode::SessionRefused.into());
        }
        Err(error) => {
            call.shared.queue.end(None);
            return Err(error);
        }
    }
    Ok(reply)
}

async fn prove_start(call: Call, params: StartProof) -> Result<SignInStarted, WireError> {
    let who = call.who()?;
    let opened = ask!(call.accounts.prove_start(who.member, who.device, params))?;
    Ok(SignInStarted {
        attempt: call.shared.open_proof(opened.proof)?,
        ke2: opened.ke2,
        stretching: opened.stretching,
    })
}

/// What a change of the passphrase is allowed by: the begun proof of the old one, or the recovery code.
fn authority(call: &Call, params: &FinishPassphrase) -> Result<Authority, WireError> {
    match (params.attempt, &params.recovery) {
        (Some(attempt), None) => Ok(Authority::Passphrase(call.shared.take_proof(attempt)?)),
        (None, Some(_)) => Ok(Authority::RecoveryCode {
            challenge: call.shared.challenge,
        }),
        _ => Err(WireError::new(ErrorCode::BadRequest)
            .with_message("One proof, of passphrase or recovery code.")),
    }
}

/// Subscribes first and reads then, so that nothing falls between.
async fn start_sync(call: Call, params: StartSync) -> Result<SyncStarted, WireError> {
    let who = call.who()?;
    let member = who.member;
    // Its sign-out may lie between the look at it and the subscription, or be among what a bus lost.
    call.shared.gateway.check_device(&call.shared, who).await?;
    let (fan_out, number) = (&call.shared.gateway.fan_out, call.shared.number);
    let begun = fan_out.begin_sync(number);
    let conversations = ask!(call.conversations.conversations_of(member));
    match conversations {
        Ok(conversations) => fan_out.end_sync(number, begun, Some(conversations)),
        Err(error) => {
            fan_out.end_sync(number, begun, None);
            return Err(error);
        }
    }
    ask!(call.conversations.sync(member, params))
}
