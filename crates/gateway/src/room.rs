//! Room for what is large: requests at work and unfinished frames. Of one account so much, of all accounts together so
//! much; of guests by their address, apart from the members' and less.

use protocol::MemberId;

use crate::{
    config::network,
    seats::Seat,
    session::{Shared, Who},
};

/// So much is kept for somebody; given back when dropped.
#[allow(dead_code)] // held, never looked at
pub(crate) enum Room {
    OfAccount(Seat<MemberId>),
    OfAddress(Seat),
}

/// Room for so many bytes of this connection, if there is.
pub(crate) fn room(shared: &Shared, who: Option<Who>, bytes: u32) -> Option<Room> {
    let gateway = &shared.gateway;
    match who {
        Some(who) => {
            let seat = gateway.request_bytes.take_some(who.member, bytes);
            seat.map(Room::OfAccount)
        }
        None => {
            let network = network(shared.origin.address);
            let seat = gateway.guest_bytes.take_some(network, bytes);
            seat.map(Room::OfAddress)
        }
    }
}
