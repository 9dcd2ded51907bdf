//! The few shapes of arguments that tasks take.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// Refuses any argument.
pub fn none(args: &[String]) -> Result<()> {
    match args.first() {
        None => Ok(()),
        Some(arg) => bail!("unexpected argument `{arg}`"),
    }
}

/// What stands after `--`; nothing may stand before it.
pub fn after_dashes(args: &[String]) -> Result<&[String]> {
    match args.split_first() {
        None => Ok(args),
        Some((first, rest)) if first == "--" => Ok(rest),
        Some((first, _)) => {
            bail!("unexpected argument `{first}`: put `--` before what is passed on")
        }
    }
}

/// Whether the one flag `name` was given; nothing else may be.
pub fn flag(args: &[String], name: &str) -> Result<bool> {
    match args {
        [] => Ok(false),
        [arg] if arg == name => Ok(true),
        _ => bail!("expected nothing or `{name}`"),
    }
}

/// `--name N` pairs, each name out of `names`.
pub fn numbers(args: &[String], names: &[&str]) -> Result<BTreeMap<String, u64>> {
    let mut found = BTreeMap::new();
    for pair in args.chunks(2) {
        let [name, value] = pair else {
            bail!("`{}` needs a number", pair[0]);
        };
        if !names.contains(&name.as_str()) {
            bail!(
                "unexpected argument `{name}`: known are {}",
                names.join(", ")
            );
        }
        let value = value
            .parse()
            .with_context(|| format!("`{value}` after `{name}` is not a number"))?;
        found.insert(name.clone(), value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(args: &[&str]) -> Vec<String> {
        args.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn numbers_are_read_by_name() {
        let found = numbers(
            &strings(&["--seeds", "7", "--minutes", "2"]),
            &["--seeds", "--minutes"],
        );
        let found = found.unwrap();
        assert_eq!((found["--seeds"], found["--minutes"]), (7, 2));
    }

    #[test]
    fn wrong_numbers_are_refused() {
        for args in [
            &["--seeds"][..],
            &["--seeds", "x"],
            &["--hours", "1"],
            &["--seeds", "-1"],
        ] {
            assert!(numbers(&strings(args), &["--seeds"]).is_err(), "{args:?}");
        }
    }

    #[test]
    fn only_what_follows_the_dashes_is_passed_on() {
        let args = strings(&["--", "--listen", "--"]);
        assert_eq!(after_dashes(&args).unwrap(), &args[1..]);
        assert!(after_dashes(&strings(&["--listen"])).is_err());
        assert!(flag(&strings(&["--check", "x"]), "--check").is_err());
    }
}
