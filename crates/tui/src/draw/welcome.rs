//! The screens before the main one.

use e2ee::recovery::RecoveryCode;
use ratatui::{Frame, layout::Rect};

use super::sheet::Sheet;
use crate::{
    app::{Account, App, Choice, Kind, Screen, Step, Trust},
    editor::Editor,
    texts::{Language, Text, link_problem},
};

pub(super) fn draw(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let mut sheet = Sheet::new(area, app.theme);
    let say = |text| app.language.say(text);
    match &app.screen {
        Screen::Server(editor) => server(app, &mut sheet, editor),
        Screen::Looking(address) => {
            sheet.plain(&app.language.fill(Text::Looking, &[&address.to_string()]));
        }
        Screen::Trust(question) => trust(app, &mut sheet, question),
        Screen::Starting => sheet.plain(say(Text::Working)),
        Screen::Welcome(chosen) => welcome(app, &mut sheet, *chosen),
        Screen::Account(form) => account(app, &mut sheet, form),
        Screen::Working(_, text) => match &app.waits {
            Some(waits) if !waits.let_in => waiting(app, &mut sheet, waits.code.as_deref()),
            _ => sheet.plain(say(*text)),
        },
        Screen::Home => {}
    }
    sheet.draw(frame, area);
}

/// A sign-in that another device has to let in.
fn waiting(app: &App, sheet: &mut Sheet, code: Option<&str>) {
    let say = |text| app.language.say(text);
    sheet.title(say(Text::WaitsTitle));
    match code {
        Some(code) => {
            sheet.plain(say(Text::WaitsCode));
            sheet.blank();
            sheet.text(code, app.theme.accent());
        }
        None => sheet.plain(say(Text::WaitsHow)),
    }
    sheet.blank();
    sheet.dim(say(Text::WaitsOrCode));
    sheet.keys(say(Text::WaitsKeys));
}

fn server(app: &App, sheet: &mut Sheet, editor: &Editor) {
    let say = |text| app.language.say(text);
    sheet.title(say(Text::ServerTitle));
    sheet.plain(say(Text::ServerExplain));
    sheet.blank();
    sheet.dim(say(Text::ServerPrompt));
    sheet.input(editor, false);
}

fn trust(app: &App, sheet: &mut Sheet, question: &Trust) {
    let say = |text| app.language.say(text);
    sheet.title(say(Text::TrustTitle));
    let address = question.address.to_string();
    sheet.plain(&app.language.fill(Text::TrustExplain, &[&address]));
    sheet.blank();
    sheet.text(&question.fingerprint.words().join(" "), app.theme.bold());
    sheet.blank();
    sheet.dim(say(Text::TrustHex));
    let hex = question.fingerprint.to_string();
    let groups: Vec<&str> = (0..8).filter_map(|n| hex.get(n * 8..n * 8 + 8)).collect();
    sheet.dim(&groups.join(" "));
    sheet.blank();
    sheet.plain(say(Text::TrustQuestion));
    sheet.plain(say(Text::TrustWhy));
    sheet.blank();
    sheet.dim(say(Text::TrustPrompt));
    sheet.input(&question.answer, false);
}

fn welcome(app: &App, sheet: &mut Sheet, chosen: usize) {
    let say = |text| app.language.say(text);
    sheet.title(say(Text::WelcomeTitle));
    let choices = app.choices();
    if choices.is_empty() {
        sheet.plain(say(Text::WelcomeWaiting));
        if let Some(problem) = &app.problem {
            sheet.blank();
            sheet.dim(link_problem(app.language, problem));
        }
        return;
    }
    sheet.plain(say(Text::WelcomeAsk));
    sheet.blank();
    for (n, kind) in choices.iter().enumerate() {
        let text = match kind {
            Kind::SetUp => Text::ChooseSetUp,
            Kind::Register => Text::ChooseRegister,
            _ => Text::ChooseSignIn,
        };
        sheet.choice(n + 1, say(text), n == chosen);
    }
    sheet.blank();
    sheet.keys(say(Text::WelcomeKeys));
}

fn label(step: Step) -> Text {
    match step {
        Step::Code => Text::FieldCode,
        Step::Organisation => Text::FieldOrganisation,
        Step::Invitation => Text::FieldInvitation,
        Step::Login => Text::FieldLogin,
        Step::Display => Text::FieldDisplay,
        Step::Passphrase => Text::FieldPassphrase,
        Step::Again => Text::PassphraseAgain,
        Step::Current => Text::FieldCurrent,
        Step::CodeAgain | Step::Recovery => Text::FieldRecovery,
        Step::Link => Text::FieldResetLink,
        Step::Known => Text::FieldKnown,
    }
}

/// What is not shown again.
fn secret(step: Step) -> bool {
    matches!(
        step,
        Step::Passphrase
            | Step::Invitation
            | Step::Code
            | Step::Current
            | Step::Recovery
            | Step::Link
    )
}

fn account(app: &App, sheet: &mut Sheet, form: &Account) {
    let say = |text| app.language.say(text);
    sheet.title(say(match form.kind {
        Kind::SetUp => Text::SetUpTitle,
        Kind::Register => Text::RegisterTitle,
        Kind::SignIn => Text::SignInTitle,
        Kind::Recovery => Text::RecoveryTitle,
        Kind::NoRecovery => Text::NoRecoveryTitle,
        Kind::ChangePassphrase | Kind::NewPassphrase | Kind::Forgotten => Text::NewPassphraseTitle,
        Kind::Approval => Text::ApprovalTitle,
        Kind::NoApproval => Text::NoApprovalTitle,
        Kind::BeginAnew => Text::BeginAnewTitle,
    }));
    for step in form.done() {
        if !secret(*step) {
            let label = app.language.fill(Text::FieldValue, &[say(label(*step))]);
            sheet.filled(label, form.field(*step).text());
        }
    }
    if form.done().len() > 1 {
        sheet.blank();
    }
    if form.offering() {
        return offered(app.language, sheet, form, app);
    }
    let (title, help, keys) = wording(form);
    if form.step() == Step::CodeAgain {
        sheet.plain(say(Text::RecoveryYours));
        let code = form.code.as_ref().map(RecoveryCode::reveal);
        let shown = code.as_ref().map_or("…", |code| code.as_str());
        sheet.text(shown, app.theme.accent());
        sheet.blank();
    }
    sheet.plain(say(title));
    if let Some(help) = help {
        sheet.dim(say(help));
    }
    if form.step() == Step::Known {
        sheet.dim(say(Text::KnownNo));
    }
    sheet.blank();
    sheet.input(form.field(form.step()), form.hidden());
    if let Some(strength) = form.meter() {
        meter(app, sheet, strength);
    }
    sheet.blank();
    sheet.keys(say(keys));
}

fn wording(form: &Account) -> (Text, Option<Text>, Text) {
    let sign_in = form.kind == Kind::SignIn;
    match (form.step(), form.choice) {
        (Step::Code, _) => (Text::FieldCode, Some(Text::FieldCodeHelp), Text::FormKeys),
        (Step::Organisation, _) => (
            Text::FieldOrganisation,
            Some(Text::FieldOrganisationHelp),
            Text::FormKeys,
        ),
        (Step::Invitation, _) => (
            Text::FieldInvitation,
            Some(Text::FieldInvitationHelp),
            Text::FormKeys,
        ),
        (Step::Login, _) if sign_in => (
            Text::FieldLogin,
            Some(Text::FieldLoginSignInHelp),
            Text::FormKeys,
        ),
        (Step::Login, _) => (Text::FieldLogin, Some(Text::FieldLoginHelp), Text::FormKeys),
        (Step::Display, _) => (
            Text::FieldDisplay,
            Some(Text::FieldDisplayHelp),
            Text::FormKeys,
        ),
        (Step::Passphrase, _) if sign_in => {
            let help = Some(Text::SignInOrCode);
            (Text::FieldPassphrase, help, Text::PassphraseSignInKeys)
        }
        (Step::Current, _) => {
            let why = match form.kind {
                Kind::NoRecovery => Text::NoRecoveryWhy,
                Kind::Approval => Text::ApprovalWhy,
                Kind::NoApproval => Text::NoApprovalWhy,
                Kind::ChangePassphrase => Text::ChangePassphraseWhy,
                _ => Text::RecoveryWhy,
            };
            (Text::FieldCurrent, Some(why), Text::PassphraseSignInKeys)
        }
        (Step::CodeAgain, _) => (Text::RecoveryAgain, None, Text::FormKeys),
        (Step::Recovery, _) => (
            Text::FieldRecovery,
            Some(Text::FieldRecoveryHelp),
            Text::FormKeys,
        ),
        (Step::Known, _) => (Text::KnownAsk, Some(Text::KnownYes), Text::FormKeys),
        (Step::Link, _) => (Text::FieldResetLink, None, Text::FormKeys),
        (Step::Passphrase, _) => (
            Text::PassphraseOwn,
            Some(Text::PassphraseOwnHelp),
            Text::PassphraseOwnKeys,
        ),
        (Step::Again, Choice::Offered) => (
            Text::PassphraseAgain,
            Some(Text::PassphraseAgainHelp),
            Text::PassphraseAgainGeneratedKeys,
        ),
        (Step::Again, Choice::Own) => (
            Text::PassphraseAgain,
            Some(Text::PassphraseAgainHelp),
            Text::PassphraseAgainKeys,
        ),
    }
}

fn offered(language: Language, sheet: &mut Sheet, form: &Account, app: &App) {
    sheet.plain(language.say(Text::PassphraseOffer));
    sheet.dim(language.say(Text::PassphraseOfferHelp));
    sheet.blank();
    let words = form
        .offered
        .as_ref()
        .map_or("…", |offered| offered.reveal());
    sheet.text(words, app.theme.accent());
    sheet.blank();
    sheet.keys(language.say(Text::PassphraseOfferKeys));
}

fn meter(app: &App, sheet: &mut Sheet, strength: u8) {
    let words = [
        Text::Strength0,
        Text::Strength1,
        Text::Strength2,
        Text::Strength3,
        Text::Strength4,
    ];
    let n = usize::from(strength.min(4));
    let bar = format!("{}{}", "■".repeat(n + 1), "□".repeat(4 - n));
    let style = if n == 4 {
        app.theme.good()
    } else {
        app.theme.bad()
    };
    sheet.text(&format!("  {bar} {}", app.language.say(words[n])), style);
}
