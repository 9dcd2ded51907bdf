//! One member who keeps the server busy: with changes of conversations, and with their trees.

use protocol::{
    Bytes, ConversationId, ErrorCode,
    methods::{
        conversations::{CreateConversation, GetTree},
        vault::VaultWrite,
    },
};

use super::World;
use crate::common::{FAST, direct, invite};

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_changes_run_out_and_members_notice_nothing() {
    let usual: Vec<&str> = FAST
        .iter()
        .copied()
        .filter(|option| !option.starts_with("--changes"))
        .collect();
    let mut world = World::start_with(&usual).await;
    let server = &world.server;
    let (anna, wire) = &mut world.anna;
    let mut dora = invite(server, (&mut *anna, &mut *wire), 90, "dora").await;
    let mut emil = invite(server, (anna, wire), 91, "emil").await;
    dora.0.learn(&emil.0.certificate);
    emil.0.learn(&dora.0.certificate);
    // Something that is read for a while before it is refused: as large as a founding may be.
    let create = CreateConversation {
        conversation: ConversationId([9; 16]),
        group_info: Bytes::from(vec![0x55; 200_000]),
        commit: Bytes::from(vec![0x55; 1_000_000]),
        welcomes: vec![],
        vault: VaultWrite::default(),
    };
    let tree = GetTree {
        conversation: world.talk,
        epoch: 1,
        restart: None,
    };
    let (mut reached, mut limited) = (0, 0);
    while limited < 50 {
        for _ in 0..10 {
            world.anna.1.post(&create).await.unwrap();
            world.anna.1.post(&tree).await.unwrap();
        }
        for _ in 0..20 {
            let frame = loop {
                let frame = world.anna.1.next().await.unwrap();
                if frame.event.is_none() {
                    break frame;
                }
            };
            let error = frame.err.unwrap();
            match error.code {
                ErrorCode::RateLimited => {
                    assert!(error.retry_after_ms.unwrap() <= 200);
                    limited += 1;
                }
                ErrorCode::CommitRefused | ErrorCode::NotAMember => reached += 1,
                other => panic!("{other:?}"),
            }
        }
        world.talk_on().await;
    }
    assert!(reached >= 90, "{reached}: a burst is allowed");
    // Others found conversations meanwhile.
    let mut others = vec![dora, emil];
    direct(&mut others).await;
    world.talk_on().await;
}
