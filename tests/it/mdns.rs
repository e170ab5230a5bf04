//! Messages of multicast DNS, read by tshark (Wireshark's dissector).

use std::path::Path;
use std::process::Command;

use trustlane::diag::Sink;
use trustlane::trace::{Event, Trace};
use trustlane::{env, load, project, run};

fn bytes<'t>(trace: &'t Trace, step: &str) -> &'t [u8] {
    let event: &Event = trace.event(step).unwrap();
    &event.flights[0].layers.last().unwrap().bytes.0
}

/// The fields that tshark finds in a datagram of the port for multicast DNS; without name compression there is one
/// value for each occurrence.
fn dissected(bytes: &[u8], fields: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (dump, capture) = (folder.path().join("dump"), folder.path().join("capture"));
    let octets: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(&dump, format!("000000 {}\n", octets.join(" "))).unwrap();
    let written = Command::new("text2pcap").args(["-q", "-u", "5353,5353"]).arg(&dump).arg(&capture).output().unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let mut command = Command::new("tshark");
    command.arg("-r").arg(&capture).args(["-T", "fields", "-E", "separator=|"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    // Newer versions write truth values as words.
    let text = text.replace("True", "1").replace("False", "0");
    text.trim_end_matches('\n').split('|').map(str::to_owned).collect()
}

#[test]
fn tshark_reads_the_question_and_the_answer_of_the_edge_hub() {
    let sources = load::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let project = project(&sources, &mut Sink::default()).unwrap();
    let flow = project.flows.iter().find(|flow| flow.id == "edge-hub").unwrap();
    let trace = run::run(flow, flow.baseline(), &env(&project));
    let fields = ["_ws.malformed", "dns.id", "dns.flags.response", "dns.qry.name", "dns.qry.type", "dns.qry.class"];
    let asked = dissected(bytes(&trace, "find-hub"), &fields);
    assert_eq!(asked, ["", "0x0000", "0", "_hub._tcp.local", "12", "0x0001"].map(str::to_owned));
    let fields = [
        "_ws.malformed",
        "dns.flags.authoritative",
        "dns.ptr.domain_name",
        "dns.srv.target",
        "dns.srv.port",
        "dns.a",
        "dns.txt",
        "dns.resp.cache_flush",
    ];
    let answered = dissected(bytes(&trace, "here-is-hub"), &fields);
    let expected =
        ["", "1", "Hub of the west wing._hub._tcp.local", "hub-w.local", "8443", "192.0.2.20", "v=1", "0,1,1,1"];
    assert_eq!(answered, expected.map(str::to_owned));
}
