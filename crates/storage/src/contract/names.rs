//! Finding people.

use std::sync::Arc;

use super::{Fixture, account, done, seen};
use crate::{Storage, accounts::Account};

async fn with(
    fixture: &dyn Fixture,
    names: &'static [(&'static str, &'static str)],
) -> Arc<dyn Storage> {
    let storage = fixture.open();
    done(&storage, move |unit| {
        let mut numbered = (1u8..).zip(names);
        numbered
            .try_for_each(|(n, (login, display))| unit.insert_account(&account(n, login, display)))
    })
    .await;
    storage
}

async fn found(storage: &Arc<dyn Storage>, query: &str) -> Vec<String> {
    let query = query.to_owned();
    let accounts = seen(storage, move |r| r.find_accounts(&query, 100)).await;
    accounts
        .into_iter()
        .map(|account| account.login_name)
        .collect()
}

/// By the start of any word of either name, and on over the following words.
pub async fn found_by_any_word(fixture: &dyn Fixture) {
    let storage = with(
        fixture,
        &[
            ("amartin", "Anna-Maria Martin"),
            ("bob.smith", "Bob"),
            ("zoe", "Zoé d’Arc"),
        ],
    )
    .await;
    for (query, expected) in [
        ("ann", vec!["amartin"]),
        ("maria", vec!["amartin"]),
        ("mar", vec!["amartin"]),
        ("anna-maria mar", vec!["amartin"]),
        ("maria martin", vec!["amartin"]),
        ("artin", vec![]),
        ("nna", vec![]),
        ("smith", vec!["bob.smith"]),
        ("bob.s", vec!["bob.smith"]),
        ("arc", vec!["zoe"]),
        ("bob bob", vec![]),
        ("a", vec!["amartin", "zoe"]),
    ] {
        assert_eq!(found(&storage, query).await, expected, "{query}");
    }
}

/// Case does not count in any script that has it, and scripts without it work as well.
pub async fn found_in_any_script_and_case(fixture: &dyn Fixture) {
    let storage = with(
        fixture,
        &[
            ("strasse", "Jörg Straße"),
            ("дмитрий", "Дмитрий Иванов"),
            ("οδυσσεας", "Οδυσσεύς"),
            ("山田", "山田 太郎"),
            ("سارة", "سارة الأحمد"),
            ("hindi", "हिन्दी भाषी"),
            ("smile", "🙂 Emoji"),
        ],
    )
    .await;
    for (query, expected) in [
        ("STRASS", "strasse"),
        ("jÖRG", "strasse"),
        ("straß", "strasse"),
        ("ИВАН", "дмитрий"),
        ("ΟΔΥΣ", "οδυσσεας"),
        ("οδυσσεύς", "οδυσσεας"),
        ("山", "山田"),
        ("太", "山田"),
        ("الأح", "سارة"),
        ("भाषी", "hindi"),
        ("🙂", "smile"),
    ] {
        assert_eq!(found(&storage, query).await, [expected], "{query}");
    }
    assert!(
        found(&storage, "दी").await.is_empty(),
        "a mark does not end a word"
    );
}

/// In order of login name, as many as asked; an empty query finds everybody.
pub async fn found_in_order_and_limited(fixture: &dyn Fixture) {
    let storage = with(
        fixture,
        &[
            ("c", "Team X"),
            ("é", "Team X"),
            ("a", "Team X"),
            ("b", "Other"),
        ],
    )
    .await;
    assert_eq!(found(&storage, "").await, ["a", "b", "c", "é"]);
    assert_eq!(found(&storage, "team").await, ["a", "c", "é"]);
    for (query, limit, expected) in [("", 3, 3), ("team", 2, 2), ("team", 0, 0), ("", 0, 0)] {
        let some = seen(&storage, move |r| r.find_accounts(query, limit)).await;
        assert_eq!(some.len(), expected);
    }
    let whole = seen(&storage, |r| r.find_accounts("team", 1)).await;
    assert_eq!(whole, [account(3, "a", "Team X")]);
}

/// After a change of name only the new one is found.
pub async fn renamed_is_found_anew(fixture: &dyn Fixture) {
    let storage = with(fixture, &[("anna", "Anna Alt")]).await;
    let renamed = Account {
        login_name: "berta".into(),
        skeleton: "berta".into(),
        ..account(1, "anna", "Berta Neu")
    };
    done(&storage, move |unit| unit.update_certificate(&renamed)).await;
    assert!(found(&storage, "anna").await.is_empty());
    assert!(found(&storage, "alt").await.is_empty());
    assert_eq!(found(&storage, "neu").await, ["berta"]);
}

/// What databases or shells take for patterns is searched for as it is; overlong queries find nothing.
pub async fn wildcards_mean_nothing(fixture: &dyn Fixture) {
    let storage = with(fixture, &[("a", "Ann"), ("b", "100% sure")]).await;
    for query in ["%", "_", "*", "a%", "' OR 1=1 --", "\u{10ffff}", "\0"] {
        assert!(found(&storage, query).await.is_empty(), "{query:?}");
    }
    assert_eq!(found(&storage, "100%").await, ["b"]);
    assert!(found(&storage, &"a".repeat(100_000)).await.is_empty());
}
