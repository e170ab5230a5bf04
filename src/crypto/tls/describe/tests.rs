use super::*;

const TLS12: &str = include_str!("tests/tls12.txt");
const TLS13: &str = include_str!("tests/tls13.txt");

/// Messages of a handshake recorded with OpenSSL: name and bytes.
fn messages(text: &'static str) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    text.lines().map(|line| {
        let (name, digits) = line.split_once(' ').unwrap();
        (name, hex::decode(digits).unwrap())
    })
}

#[test]
fn dump() {
    for (text, v) in [(TLS12, Tls::V12), (TLS13, Tls::V13)] {
        for (n, b) in messages(text) {
            println!("{n}");
            for f in handshake(&b, v) {
                println!("{:4}..{:4} {:40} {}", f.start, f.end, f.name, f.value);
            }
        }
    }
}
