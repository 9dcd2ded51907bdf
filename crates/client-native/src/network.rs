//! Notices that the machine's network changed, so that the engine tries again at once instead of waiting.

use std::fs;

/// The routes that the kernel has now, without their counters; the same text means the same network. Empty where the
/// platform does not tell (then the engine's own back-off has to do).
pub(crate) fn routes() -> String {
    let v4 = fs::read_to_string("/proc/net/route").unwrap_or_default();
    let v6 = fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    columns(&v4, &[0, 1, 2, 7]) + &columns(&v6, &[0, 1, 4, 9])
}

fn columns(table: &str, wanted: &[usize]) -> String {
    let mut out = String::new();
    for line in table.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        for field in wanted.iter().filter_map(|&n| fields.get(n)) {
            out.push_str(field);
            out.push(' ');
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_do_not_count() {
        let header = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU\n";
        let a = format!("{header}eth0 00000000 0102A8C0 0003 0 5 0 00000000 0\n");
        let b = format!("{header}eth0 00000000 0102A8C0 0003 1 9 0 00000000 0\n");
        let c = format!("{header}wlan0 00000000 0102A8C0 0003 1 9 0 00000000 0\n");
        let pick = |table: &str| columns(table, &[0, 1, 2, 7]);
        assert_eq!(pick(&a), pick(&b));
        assert_ne!(pick(&a), pick(&c));
    }
}
