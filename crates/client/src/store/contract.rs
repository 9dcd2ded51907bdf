//! What every store must do. Adapters run [`run`] in their tests.

use super::{Batch, Space, Store};

fn put(store: &mut impl Store, space: Space, key: &[u8], value: &[u8]) {
    let mut batch = Batch::default();
    batch.put(space, key, value.to_vec());
    batch.durable = true;
    assert_eq!(store.commit(batch), Ok(()));
}

/// Runs the whole contract on an empty store.
///
/// # Panics
/// When the store does not keep the contract.
pub fn run(store: &mut impl Store) {
    assert_eq!(store.get(Space::Own, b"a"), Ok(None));
    put(store, Space::Own, b"a", b"1");
    put(store, Space::People, b"a", b"2");
    assert_eq!(
        store.get(Space::Own, b"a"),
        Ok(Some(b"1".to_vec())),
        "spaces are apart"
    );
    put(store, Space::Own, b"a", b"3");
    assert_eq!(
        store.get(Space::Own, b"a"),
        Ok(Some(b"3".to_vec())),
        "the last write wins"
    );

    for n in [3u8, 1, 2, 0, 255] {
        put(store, Space::Timeline, &[7, n], &[n]);
    }
    put(store, Space::Timeline, &[8, 0], &[9]);
    let ascending = store.range(Space::Timeline, &[7, 1], &[8], 3, false);
    let keys = |rows: super::Rows| rows.into_iter().map(|(k, _)| k[1]).collect::<Vec<_>>();
    assert_eq!(
        ascending.map(keys),
        Ok(vec![1, 2, 3]),
        "ascending, from included"
    );
    let descending = store.range(Space::Timeline, &[7, 0], &[7, 255], 2, true);
    assert_eq!(
        descending.map(keys),
        Ok(vec![3, 2]),
        "descending, to excluded"
    );
    assert_eq!(
        store.range(Space::Timeline, &[9], &[7], 2, true),
        Ok(vec![]),
        "an empty range"
    );

    let mut batch = Batch::default();
    batch.delete(Space::Timeline, [7u8, 1].to_vec());
    batch.put(Space::Timeline, [7u8, 2].to_vec(), vec![]);
    batch.put(Space::Own, b"x".to_vec(), b"1".to_vec());
    batch.delete(Space::Own, b"x".to_vec());
    assert_eq!(store.commit(batch), Ok(()));
    assert_eq!(store.get(Space::Timeline, &[7, 1]), Ok(None));
    assert_eq!(
        store.get(Space::Timeline, &[7, 2]),
        Ok(Some(vec![])),
        "empty is not absent"
    );
    assert_eq!(
        store.get(Space::Own, b"x"),
        Ok(None),
        "later changes of a batch win"
    );

    let big = vec![0x5a; 300_000];
    put(store, Space::Conversations, b"big", &big);
    assert_eq!(store.get(Space::Conversations, b"big"), Ok(Some(big)));

    assert_eq!(store.wipe(), Ok(()));
    assert_eq!(store.get(Space::Own, b"a"), Ok(None));
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_store_keeps_the_contract() {
        super::run(&mut super::super::MemoryStore::new());
    }
}
