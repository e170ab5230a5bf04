//! The announcement of a join proxy, read by another implementation: the dissector of tshark.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::runs::RUNS;

/// What a program writes.
fn said(program: &str, arguments: &[&str], folder: &std::path::Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn tshark_reads_the_announcement_as_multicast_dns() {
    let trace = RUNS.traces.iter().map(|runs| &runs[0]).find(|trace| trace.flow == "brski").unwrap();
    let event = trace.events.iter().find(|event| event.step == "announce").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let digits = event.flights[0].wire.0.iter().fold("0000".to_owned(), |mut line, byte| {
        write!(line, " {byte:02x}").unwrap();
        line
    });
    fs::write(folder.path().join("message.txt"), digits + "\n").unwrap();
    // mDNS goes over UDP, from and to port 5353 (RFC 6762, section 5.2).
    said("text2pcap", &["-q", "-u", "5353,5353", "message.txt", "message.pcap"], folder.path());
    let fields =
        ["dns.ptr.domain_name", "dns.srv.port", "dns.srv.target", "dns.aaaa", "dns.flags.response", "_ws.expert"];
    let mut arguments = vec!["-r", "message.pcap", "-T", "fields"];
    arguments.extend(fields.iter().flat_map(|field| ["-e", field]));
    let read = said("tshark", &arguments, folder.path());
    let read: Vec<&str> = read.trim_end_matches('\n').split('\t').collect();
    assert!(["1", "True"].contains(&read[4]), "{read:?}");
    assert_eq!(
        [&read[..4], &read[5..]].concat(),
        ["proxy-7._brski-proxy._tcp.local", "8443", "proxy-7.local", "fe80::f0:0:0:cafe", ""]
    );
}
