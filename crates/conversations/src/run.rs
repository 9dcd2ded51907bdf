//! The run of commits that a complaint is about: the newest ones of a log, all by one author.

use e2ee::{restart::RUN_MAX, statement::Complaint};
use protocol::{MemberId, methods::conversations::Entry};
use storage::{Reader, conversations::Conversation};

use crate::Error;

/// The newest commits of a conversation, all by one author, as far back as complaints go.
pub(crate) struct Run {
    /// The commits, newest first; never the one that founded the group, which nobody has to follow.
    commits: Vec<Entry>,
}

impl Run {
    /// The run that ends in the present epoch; empty where no member had to follow any commit.
    pub(crate) fn of<R: Reader + ?Sized>(reader: &R, row: &Conversation) -> Result<Self, Error> {
        let mut commits: Vec<Entry> = Vec::new();
        let mut epoch = row.epoch;
        while epoch > 1 && commits.len() < RUN_MAX {
            epoch -= 1;
            let commit = reader.commit_of_epoch(row.conversation, row.restart, epoch)?;
            let author = commits.first().map(|newest| newest.sender);
            let Some(commit) = commit.filter(|c| author.is_none_or(|by| by == c.sender)) else {
                break;
            };
            commits.push(commit);
        }
        Ok(Self { commits })
    }

    /// Whether it can't get any longer and still be complained of as a whole.
    pub(crate) fn is_full(&self) -> bool {
        self.commits.len() >= RUN_MAX
    }

    /// Who made all of it.
    pub(crate) fn author(&self) -> Option<MemberId> {
        self.commits.first().map(|newest| newest.sender)
    }

    /// Whether a complaint is about one of its commits, and so about all after it.
    pub(crate) fn has(&self, said: &Complaint) -> bool {
        let mut commits = self.commits.iter();
        commits.any(|c| (c.epoch, c.body_hash) == (said.epoch, said.commit))
    }

    /// Whether a conversation may go back to this epoch because of a complaint: the last one before any of its commits, or
    /// the present one.
    pub(crate) fn leads_to(&self, epoch: u64) -> bool {
        let mut commits = self.commits.iter();
        commits.any(|c| c.epoch == epoch || c.epoch + 1 == epoch)
    }

    /// The complaints of it, by those who are still members.
    pub(crate) fn complaints<R: Reader + ?Sized>(
        &self,
        reader: &R,
        row: &Conversation,
    ) -> Result<Vec<Entry>, Error> {
        match self.commits.last() {
            Some(first) => standing(reader, row, first.seq),
            None => Ok(Vec::new()),
        }
    }

    /// Nobody who is complained of makes the run longer: what is complained of could not be named any more, and nobody could go back
    /// before it. Only who takes all out who complain may go on, which they might do in any case.
    pub(crate) fn check_not_complained_of<R: Reader + ?Sized>(
        &self,
        reader: &R,
        row: &Conversation,
        author: MemberId,
        removed: impl Fn(MemberId) -> bool,
    ) -> Result<(), Error> {
        if self.author() != Some(author) {
            return Ok(());
        }
        let complaints = self.complaints(reader, row)?;
        let all = complaints.iter().all(|c| removed(c.sender));
        all.then_some(()).ok_or(Error::ComplainedOf)
    }
}

fn standing<R: Reader + ?Sized>(
    reader: &R,
    row: &Conversation,
    from: u64,
) -> Result<Vec<Entry>, Error> {
    let id = row.conversation;
    let mut standing = Vec::new();
    for complaint in reader.complaints(id, from)? {
        if reader.membership(id, complaint.sender)?.is_some() {
            standing.push(complaint);
        }
    }
    Ok(standing)
}
