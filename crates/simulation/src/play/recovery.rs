//! What members do with recovery codes.

use client::Command;
use e2ee::recovery::RecoveryCode;
use rand::Rng;

use super::Play;

impl Play {
    /// A member makes a recovery code, replaces it, or removes it.
    pub(super) async fn change_recovery(&mut self, member: usize, device: usize) {
        let them = &self.members[member];
        if them.changing.is_some() || them.codes.len() > 1 {
            return;
        }
        let passphrase = them.passphrase.clone();
        let make = self.world.chance.gen_bool(0.7);
        let code = make.then(|| RecoveryCode::generate(&mut self.world.chance));
        self.world.tell(format!(
            "device {device} changes the recovery code ({make})"
        ));
        self.members[member].codes.push(code.clone());
        self.world
            .command(device, Command::SetRecovery { passphrase, code })
            .await;
    }

    /// Which code is in force: by trying. One of those that may be opens everything, and the other nothing.
    pub(super) async fn settle_codes(&mut self) {
        for member in 0..self.members.len() {
            let codes = std::mem::take(&mut self.members[member].codes);
            let mut in_force = None;
            for code in codes.iter().flatten() {
                let device = self.world.add_device(member).await;
                let command = Command::SignInByCode {
                    login_name: self.members[member].name.clone(),
                    code: code.clone(),
                    device_name: "by the code".to_owned(),
                };
                self.world.command(device, command).await;
                if self.is_signed_in(member, device).await {
                    assert_eq!(in_force, None, "one at a time");
                    in_force = Some(code.clone());
                }
            }
            assert!(
                in_force.is_some() || codes.contains(&None),
                "a code of member {member} is in force"
            );
            self.members[member].codes = vec![in_force];
        }
    }
}
