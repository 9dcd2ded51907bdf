//! What members change in groups.

use client::{
    Command,
    view::{ConversationView, GroupView, Role},
};
use protocol::{Bytes, ConversationId, MemberId};
use rand::{Rng, seq::SliceRandom};

use super::Play;

impl Play {
    pub(super) fn a_title(&mut self) -> String {
        self.count += 1;
        format!("Group {}", self.count)
    }

    /// A picture, or none.
    fn a_picture(&mut self) -> Bytes {
        self.count += 1;
        match self.world.chance.gen_bool(0.8) {
            true => testkit::picture(self.count as u32).into(),
            false => Bytes::new(),
        }
    }

    /// Changes something in a group; now and then something that the member may not change.
    pub(super) async fn change_group(&mut self, device: usize) {
        let Some(engine) = &self.world.devices[device].engine else {
            return;
        };
        let groups: Vec<(ConversationView, GroupView)> = engine
            .conversations()
            .into_iter()
            .filter(|c| c.ready && !c.gone)
            .filter_map(|c| c.group.clone().map(|group| (c, group)))
            .filter(|(_, group)| group.role >= Role::Member)
            .collect();
        let Some((row, group)) = groups.choose(&mut self.world.chance).cloned() else {
            return;
        };
        let id = row.conversation;
        let inside: Vec<MemberId> = row.members.iter().map(|m| m.member).collect();
        let command = match self.world.chance.gen_range(0..11) {
            0..3 => self.adding(id, &inside),
            3..5 => self.removing(id, &inside),
            5..7 => self.giving_a_role(id, &inside),
            // a group that its last admin leaves while it stands still stays so
            7 if group.role >= Role::GroupAdmin && self.broken.contains(&id) => None,
            7 => Some(Command::LeaveGroup { conversation: id }),
            8 => Some(Command::SetTitle {
                conversation: id,
                title: self.a_title(),
            }),
            9 => Some(Command::SetPicture {
                conversation: id,
                jpeg: self.a_picture(),
            }),
            _ => Some(Command::SetRules {
                conversation: id,
                announcements: self.world.chance.gen_bool(0.3),
                history_all: self.world.chance.gen_bool(0.5),
            }),
        };
        let Some(command) = command else {
            return;
        };
        let what = format!("{:?} by a {:?}", command.doing(), group.role);
        self.world.tell(format!("device {device}: {what} in {id}"));
        self.world.command(device, command).await;
    }

    fn adding(&mut self, conversation: ConversationId, inside: &[MemberId]) -> Option<Command> {
        let outside = self.members.iter().map(|m| m.id);
        let outside: Vec<MemberId> = outside.filter(|m| !inside.contains(m)).collect();
        let member = *outside.choose(&mut self.world.chance)?;
        Some(Command::AddMembers {
            conversation,
            members: vec![member],
        })
    }

    fn removing(&mut self, conversation: ConversationId, inside: &[MemberId]) -> Option<Command> {
        let member = *inside.choose(&mut self.world.chance)?;
        Some(Command::RemoveMember {
            conversation,
            member,
        })
    }

    fn giving_a_role(
        &mut self,
        conversation: ConversationId,
        inside: &[MemberId],
    ) -> Option<Command> {
        let member = *inside.choose(&mut self.world.chance)?;
        let roles = [Role::ReadOnly, Role::Member, Role::GroupAdmin, Role::Owner];
        let role = *roles.choose(&mut self.world.chance)?;
        Some(Command::SetRole {
            conversation,
            member,
            role,
        })
    }
}
