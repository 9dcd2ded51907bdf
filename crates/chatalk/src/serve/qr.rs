//! A QR code drawn in a terminal.

use qrcode::{Color, EcLevel, QrCode};

/// The empty border that readers need, in modules (ISO/IEC 18004, 9.1).
const BORDER: i32 = 4;
/// Black on white whatever the colours of the terminal are: readers fail on the inverse.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const RESET: &str = "\x1b[0m";

/// The code of `text`, two rows of modules in each line; None when it is too long for one.
pub fn lines(text: &str) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = i32::try_from(code.width()).ok()?;
    let dark = |x: i32, y: i32| {
        let inside = (0..width).contains(&x) && (0..width).contains(&y);
        inside && {
            let at = |i: i32| usize::try_from(i).unwrap_or_default();
            code[(at(x), at(y))] == Color::Dark
        }
    };
    let edge = -BORDER..width + BORDER;
    let rows = edge.clone().step_by(2).map(|y| {
        let modules: String = edge
            .clone()
            .map(|x| match (dark(x, y), dark(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            })
            .collect();
        format!("{BLACK_ON_WHITE}{modules}{RESET}")
    });
    Some(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_code_with_its_border() {
        let text = "https://192.168.178.20:7443";
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let lines = lines(text).unwrap();
        let rows: Vec<Vec<bool>> = lines
            .iter()
            .flat_map(|line| {
                let line = line.strip_prefix(BLACK_ON_WHITE).unwrap();
                let line = line.strip_suffix(RESET).unwrap();
                let upper = line.chars().map(|c| matches!(c, '█' | '▀')).collect();
                let lower = line.chars().map(|c| matches!(c, '█' | '▄')).collect();
                [upper, lower]
            })
            .collect();
        let width = code.width();
        for (y, row) in rows.iter().enumerate() {
            assert_eq!(row.len(), width + 8);
            for (x, &dark) in row.iter().enumerate() {
                let inside = (4..width + 4).contains(&x) && (4..width + 4).contains(&y);
                let expected = inside && code[(x - 4, y - 4)] == Color::Dark;
                assert_eq!(dark, expected, "{x} {y}");
            }
        }
        assert!(rows.len() >= width + 8);
        assert!(super::lines(&"x".repeat(10_000)).is_none());
    }
}
