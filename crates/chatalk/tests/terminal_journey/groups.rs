//! Life in a group of three, in three terminals.

use crate::{
    journey::terminal::Terminal,
    server::FAST,
    world::{TAB, World, begin, join},
};

/// All of them see it.
fn all_see(terminals: &[&Terminal], text: &str) {
    for terminal in terminals {
        terminal.sees(text);
    }
}

#[test]
fn three_people_live_in_a_group() {
    let world = World::new(FAST);
    let (mut ada, _, links) = begin(&world, 2);
    let (mut anna, _) = join(&world, "Anna", &links[0], ("anna", "Anna Lind"));
    let (mut ben, _) = join(&world, "Ben", &links[1], ("ben", "Ben Okri"));

    // a name with a blank stands between quotes
    ada.enter("/group \"Anna Lind\" ben");
    ada.sees("▌1");
    ada.enter("/title Night desk");
    all_see(&[&ada, &anna, &ben], "Night desk");
    for terminal in [&mut anna, &mut ben] {
        terminal.press(TAB);
        terminal.sees("Write a message, or /help");
    }
    ada.enter("who is on duty?");
    all_see(&[&anna, &ben], "who is on duty?");
    ben.enter("I am");
    all_see(&[&ada, &anna], "I am");
    ada.enter("/who");
    let who = ada.sees("Ben Okri  ben");
    assert!(who.iter().any(|row| row.contains("Anna Lind  anna")));

    // what each may do
    ada.enter("/admin anna");
    all_see(&[&anna, &ben], "Ada Lovelace made Anna Lind an admin");
    anna.enter("/reader \"Ben Okri\"");
    all_see(&[&ben], "Anna Lind lets Ben Okri only read");
    ben.enter("may I?");
    ben.sees("Only admins of this group may do that.");
    anna.enter("/member ben");
    all_see(&[&ben], "Anna Lind made Ben Okri a member");
    ben.enter("/remove Anna Lind");
    ben.sees("Remove Anna Lind from");
    ben.enter("/yes");
    ben.sees("Only admins of this group may do that.");
    ben.enter("now I may");
    all_see(&[&ada, &anna], "now I may");

    // somebody leaves, and is brought back
    ben.enter("/leave");
    ben.sees("Leave “Night desk”?");
    ben.enter("/yes");
    all_see(&[&anna], "Ben Okri left");
    anna.enter("while Ben is away");
    // a panel is in the way of it
    ada.press(crate::world::ESCAPE);
    all_see(&[&ada], "while Ben is away");
    anna.enter("/add \"Ben Okri\"");
    all_see(&[&ada, &ben], "Anna Lind added Ben Okri");
    ada.enter("there you are again");
    all_see(&[&anna, &ben], "there you are again");

    // and removed: what is said from then on does not reach him
    anna.enter("/remove ben");
    anna.sees("Remove Ben Okri from");
    anna.enter("/yes");
    all_see(&[&ada], "Anna Lind removed Ben Okri");
    ben.sees("you are no longer in it");
    ada.enter("without Ben");
    anna.sees("without Ben");
    ben.enter("let me in");
    ben.sees("The message was not sent.");
    let his = ben.rows().join("\n");
    for unheard in ["while Ben is away", "without Ben"] {
        assert!(!his.contains(unheard), "{his}");
    }
}
