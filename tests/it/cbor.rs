//! Values that are handed over, read and written again by another implementation: `cbor2` (Debian's `python3-cbor2`).

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::runs::RUNS;

/// Prints, for each line of hexadecimal digits, whether its canonical encoding is the same and it is a map.
const SCRIPT: &str = r"
import sys, cbor2
for line in sys.stdin:
    octets = bytes.fromhex(line)
    value = cbor2.loads(octets)
    print(isinstance(value, dict) and cbor2.dumps(value, canonical=True) == octets)
";

#[test]
fn cbor2_reads_what_is_handed_over_and_writes_the_same_bytes() {
    let events = RUNS.traces.iter().flat_map(|traces| &traces[0].events);
    let layers = events.flat_map(|event| &event.flights).flat_map(|flight| &flight.layers);
    let maps: BTreeSet<&[u8]> =
        layers.filter(|layer| layer.name == "CBOR map").map(|layer| layer.bytes.0.as_slice()).collect();
    assert!(maps.len() > 20, "{}", maps.len());
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: Vec<String> = maps.iter().map(hex::encode).collect();
    python.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let refused: Vec<&String> =
        lines.iter().zip(said.lines()).filter(|(_, same)| *same != "True").map(|(line, _)| line).collect();
    assert_eq!(said.lines().count(), lines.len());
    assert!(refused.is_empty(), "{refused:?}");
}
