//! Numbers, bytes and times as people read them.

/// Space that no line breaks at; it groups digits and keeps a unit with its figure.
const NBSP: char = '\u{a0}';

/// A whole number with its digits in groups of three.
pub fn number(value: usize) -> String {
    let digits = value.to_string();
    if digits.len() <= 3 {
        return digits;
    }
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(NBSP);
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of bytes, exact.
pub fn bytes(value: usize) -> String {
    format!("{}{NBSP}B", number(value))
}

/// A number of bytes for a headline: exact below 1000, then in kilobytes with one decimal.
pub fn short_bytes(value: usize) -> String {
    if value < 1000 {
        return bytes(value);
    }
    let tenths = (value + 50) / 100;
    format!("{}.{}{NBSP}kB", number(tenths / 10), tenths % 10)
}

/// A time for people, of microseconds: two figures of precision and more.
pub fn duration(micros: u64) -> String {
    const SECOND: u64 = 1_000_000;
    const MINUTE: u64 = 60 * SECOND;
    let rounded = |unit: u64| micros.saturating_add(unit / 2) / unit;
    let pair = |n: u64, of: u64, large: &str, small: &str| {
        let whole = format!("{}{NBSP}{large}", number(usize::try_from(n / of).unwrap_or(usize::MAX)));
        if n.is_multiple_of(of) { whole } else { format!("{whole} {}{NBSP}{small}", n % of) }
    };
    match micros {
        0..1_000 => format!("{micros}{NBSP}µs"),
        1_000..9_950 => format!("{}.{}{NBSP}ms", rounded(100) / 10, rounded(100) % 10),
        9_950..999_500 => format!("{}{NBSP}ms", rounded(1_000)),
        999_500..59_950_000 => format!("{}.{}{NBSP}s", rounded(100_000) / 10, rounded(100_000) % 10),
        59_950_000..3_599_500_000 => pair(rounded(SECOND), 60, "min", "s"),
        3_599_500_000..172_770_000_000 => pair(rounded(MINUTE), 60, "h", "min"),
        _ => pair(rounded(60 * MINUTE), 24, "days", "h"),
    }
}

/// `n` with the right form of a noun.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{}{NBSP}{}", number(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_and_rounded() {
        let plain = |text: String| text.replace(NBSP, " ");
        assert_eq!(plain(number(999)), "999");
        assert_eq!(plain(number(1_234_567)), "1 234 567");
        assert_eq!(plain(bytes(1604)), "1 604 B");
        assert_eq!(plain(short_bytes(999)), "999 B");
        assert_eq!(plain(short_bytes(11_423)), "11.4 kB");
        assert_eq!(plain(short_bytes(9_950)), "10.0 kB");
        let times =
            [0, 999, 1_000, 9_949, 9_950, 999_499, 999_500, 59_949_999, 59_950_000, 3_599_499_999, 3_599_500_000];
        let told =
            ["0 µs", "999 µs", "1.0 ms", "9.9 ms", "10 ms", "999 ms", "1.0 s", "59.9 s", "1 min", "59 min 59 s", "1 h"];
        assert_eq!(times.map(|micros| plain(duration(micros))), told);
        assert_eq!(plain(duration(300_000_000_000)), "3 days 11 h");
        assert_eq!(plain(count(1, "session", "sessions")), "1 session");
    }
}
