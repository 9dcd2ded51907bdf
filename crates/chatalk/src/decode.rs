//! `chatalk decode`: frames as readable text.

use std::{
    fs,
    io::{self, Read, Write},
    path::PathBuf,
};

use anyhow::{Context, Result};

/// Options of `chatalk decode`.
#[derive(clap::Args)]
pub struct Options {
    /// A frame in binary, or lines of frames in hexadecimal; `-` reads standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
}

/// Prints the description of each frame in the file.
pub fn run(options: &Options) -> Result<()> {
    let mut bytes = Vec::new();
    if options.file.as_os_str() == "-" {
        io::stdin().read_to_end(&mut bytes)?;
    } else {
        let name = options.file.display();
        bytes = fs::read(&options.file).with_context(|| format!("can't read {name}"))?;
    }
    let mut out = io::stdout().lock();
    for frame in frames(bytes) {
        writeln!(out, "{}", protocol::describe(&frame).trim_end())?;
    }
    Ok(())
}

/// Lines of hexadecimal are a frame each; anything else is one frame in binary.
fn frames(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let in_hex = |text: &str| -> Option<Vec<Vec<u8>>> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let frames: Vec<_> = lines
            .map(|line| hex::decode(line.replace([' ', ':'], "")).ok())
            .collect::<Option<_>>()?;
        (!frames.is_empty()).then_some(frames)
    };
    match std::str::from_utf8(&bytes).ok().and_then(in_hex) {
        Some(frames) => frames,
        None => vec![bytes],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_lines_and_binary_are_told_apart() {
        let two = frames(b"81 a1\n\n8200\n".to_vec());
        assert_eq!(two, [vec![0x81, 0xa1], vec![0x82, 0x00]]);
        let binary = vec![0x83, 0xa2, b'i', b'd'];
        assert_eq!(frames(binary.clone()), [binary]);
        assert_eq!(frames(b"no hex".to_vec()), [b"no hex".to_vec()]);
    }
}
