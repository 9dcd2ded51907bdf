//! Keys.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{Account, App, Effect, Screen};
use crate::editor::Editor;

/// Edits a line; false when the key is none of the editor's.
fn edit(editor: &mut Editor, key: KeyEvent) -> bool {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    match key.code {
        KeyCode::Left if control || alt => editor.word_left(),
        KeyCode::Right if control || alt => editor.word_right(),
        KeyCode::Left => editor.left(),
        KeyCode::Right => editor.right(),
        KeyCode::Home => editor.home(),
        KeyCode::End => editor.end(),
        KeyCode::Backspace if control || alt => editor.delete_word(),
        KeyCode::Backspace => editor.backspace(),
        KeyCode::Delete => editor.delete(),
        KeyCode::Char(c) if control && !alt => match c {
            'a' => editor.home(),
            'e' => editor.end(),
            'b' => editor.left(),
            'f' => editor.right(),
            'd' => editor.delete(),
            'h' => editor.backspace(),
            'k' => editor.delete_to_end(),
            'u' => editor.delete_to_start(),
            'w' => editor.delete_word(),
            _ => return false,
        },
        // AltGr comes as Control and Alt on some systems
        KeyCode::Char(c) if control == alt => editor.insert(c.encode_utf8(&mut [0; 4])),
        _ => return false,
    }
    true
}

impl App {
    pub(super) fn key(&mut self, key: KeyEvent) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && key.code == KeyCode::Char('c') {
            return self.effect(Effect::Quit);
        }
        if key.code == KeyCode::Esc
            && let Some(dismissed) = self.notice.take()
        {
            return self.dismissed(&dismissed);
        }
        match &mut self.screen {
            Screen::Server(editor) => match key.code {
                KeyCode::Enter => {
                    let text = editor.text().trim().to_owned();
                    self.calm();
                    self.server_entered(&text);
                }
                _ => {
                    edit(editor, key);
                }
            },
            Screen::Trust(trust) => match key.code {
                KeyCode::Enter => self.trust_answered(),
                _ => {
                    edit(&mut trust.answer, key);
                }
            },
            Screen::Welcome(chosen) => {
                let chosen = *chosen;
                self.welcome_key(key, chosen);
            }
            Screen::Account(_) => self.account_key(key, control),
            Screen::Home => self.home_key(key),
            Screen::Working(..) if key.code == KeyCode::Esc => self.give_up_waiting(),
            Screen::Looking(_) | Screen::Starting | Screen::Working(..) => {}
        }
    }

    fn welcome_key(&mut self, key: KeyEvent, chosen: usize) {
        let choices = self.choices();
        let count = choices.len().max(1);
        match key.code {
            KeyCode::Up | KeyCode::BackTab => {
                self.screen = Screen::Welcome((chosen + count - 1) % count);
            }
            KeyCode::Down | KeyCode::Tab => self.screen = Screen::Welcome((chosen + 1) % count),
            KeyCode::Enter => self.choose(chosen),
            KeyCode::Char(c @ '1'..='9') => self.choose(c as usize - '1' as usize),
            _ => {}
        }
    }

    fn choose(&mut self, n: usize) {
        if let Some(kind) = self.choices().get(n) {
            self.notice = None;
            self.open_account(Account::new(*kind));
        }
    }

    fn account_key(&mut self, key: KeyEvent, control: bool) {
        match key.code {
            KeyCode::Enter => self.account_enter(),
            KeyCode::Esc => self.account_back(),
            KeyCode::Tab => self.account_tab(),
            KeyCode::Char('n') if control => self.account_another(),
            KeyCode::Char('r') if control => {
                if let Screen::Account(account) = &mut self.screen {
                    account.revealed = !account.revealed;
                }
            }
            _ => {
                if let Screen::Account(account) = &mut self.screen
                    && let Some(editor) = account.editor()
                {
                    edit(editor, key);
                }
            }
        }
    }

    fn home_key(&mut self, key: KeyEvent) {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Enter if alt => self.home.editor.insert("\n"),
            KeyCode::Enter => self.entered(),
            KeyCode::Esc => self.home.close(),
            KeyCode::Tab => self.step_conversation(1),
            KeyCode::BackTab => self.step_conversation(-1),
            KeyCode::Down if alt => self.step_conversation(1),
            KeyCode::Up if alt => self.step_conversation(-1),
            KeyCode::PageUp => self.page_up(),
            KeyCode::PageDown => self.page_down(),
            KeyCode::End if self.home.editor.is_empty() => self.go_to_newest(),
            _ => {
                edit(&mut self.home.editor, key);
            }
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        match &mut self.screen {
            Screen::Server(editor) => editor.insert(text),
            Screen::Trust(trust) => trust.answer.insert(text),
            Screen::Account(account) => {
                if let Some(editor) = account.editor() {
                    // a field is one line
                    editor.insert(&text.replace(['\r', '\n'], ""));
                }
            }
            Screen::Home => self.home.editor.insert(text),
            Screen::Looking(_) | Screen::Starting | Screen::Welcome(_) | Screen::Working(..) => {}
        }
    }
}
