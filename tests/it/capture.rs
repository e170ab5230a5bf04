//! Captures, read by tshark: it must understand, decrypt and name what the trace says, and have nothing to complain of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use rayon::prelude::*;
use trustlane::annotation::{Field, Inside, Layer};
use trustlane::capture;
use trustlane::diag::Sink;
use trustlane::diag::render::{Colour, render};
use trustlane::protocol::{coap, lwm2m, mqtt};
use trustlane::run::{self, Runs};
use trustlane::source::{Origin, Sources};
use trustlane::trace::{EditMark, Event, EventOutcome, Place, Trace};
use trustlane::vocabulary::Medium;
use trustlane::{env, load, project};

static RUNS: LazyLock<Runs> =
    LazyLock::new(|| runs(&load::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap(), "shipped"));

/// A flow over every kind of carrier, with more bytes than a window holds.
static CARRIERS: LazyLock<Runs> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = load::load(&root.join("tests/suite/run")).unwrap();
    let flow = std::fs::read_to_string(root.join("tests/suite/capture/carriers.toml")).unwrap();
    let flow = flow.replace("LARGE", &"0123456789abcdef".repeat(9000));
    sources.insert("flows/enrol.toml", flow.into_bytes(), Origin::Project);
    runs(&sources, "carriers")
});

fn runs(sources: &Sources, of: &str) -> Runs {
    let mut sink = Sink::default();
    let project = project(sources, &mut sink);
    let runs = project.and_then(|project| run::run_all(&project, &env(&project), &mut sink));
    runs.unwrap_or_else(|| panic!("{of}: {}", render(&sink.into_sorted(), sources, Colour::Never)))
}

/// Every run with what tshark reads of its capture.
static READ: LazyLock<Vec<(&Trace, Vec<Packet>)>> = LazyLock::new(|| {
    let traces = RUNS.traces.iter().chain(&CARRIERS.traces).flatten();
    let traces: Vec<&Trace> = traces.collect();
    traces.into_par_iter().map(|trace| (trace, packets(trace))).collect()
});

/// A packet as tshark reads it: all values of each field that was asked for.
type Packet = BTreeMap<&'static str, Vec<String>>;

const FIELDS: &[&str] = &[
    "_ws.expert.group",
    "_ws.expert.message",
    "_ws.expert.severity",
    "_ws.malformed",
    "cbor.item.major_type",
    "coap.code",
    "coap.mid",
    "coap.opt.uri_path",
    "dtls.handshake.type",
    "eth.src",
    "frame.comment",
    "frame.interface_name",
    "frame.protocols",
    "frame.time_epoch",
    "http.request.method",
    "http.request.uri",
    "http.response.code",
    "ip.checksum.status",
    "ip.src",
    "ipv6.src",
    "lwm2mtlv.resource_name",
    "mqtt.clientid",
    "mqtt.msgtype",
    "mqtt.topic",
    "tcp.analysis.flags",
    "tcp.checksum.status",
    "tcp.dstport",
    "tcp.flags",
    "tcp.segment_data",
    "tcp.stream",
    "tls.handshake.type",
    "udp.checksum.status",
];

/// EST sends Base64 (RFC 7030, section 4.2.1), which tshark takes for DER unless it is told otherwise.
const OPTIONS: &[&str] = &[
    "-d",
    "media_type==application/pkcs10,data-text-lines",
    "-d",
    "media_type==application/pkcs7-mime,data-text-lines",
    "-o",
    "tcp.check_checksum:TRUE",
    "-o",
    "ip.check_checksum:TRUE",
    "-o",
    "udp.check_checksum:TRUE",
    "-o",
    "uat:user_dlts:\"User 0 (DLT=147)\",\"cbor\",\"0\",\"\",\"0\",\"\"",
    "-o",
    "uat:user_dlts:\"User 1 (DLT=148)\",\"data\",\"0\",\"\",\"0\",\"\"",
];

/// What separates several values of a field; no title or path has it.
const BETWEEN: char = '\u{1f}';

fn tshark(file: &Path, more: &[&str]) -> Vec<Packet> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(file).args(OPTIONS).args(more).args(["-T", "fields", "-E", &format!("aggregator={BETWEEN}")]);
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said.lines().filter(|line| !line.starts_with("Running as user \"root\"")).collect();
    assert!(output.status.success() && said.is_empty(), "{said:#?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let values = |cell: &str| cell.split(BETWEEN).filter(|value| !value.is_empty()).map(str::to_owned).collect();
    text.lines().map(|line| FIELDS.iter().copied().zip(line.split('\t').map(values)).collect()).collect()
}

fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

fn packets(trace: &Trace) -> Vec<Packet> {
    tshark(written(&capture::pcapng(trace)).path(), &[])
}

/// The values of a field in the packets of each step, by the step's number.
fn by_step(packets: &[Packet], field: &str) -> BTreeMap<usize, Vec<String>> {
    let mut found = BTreeMap::<usize, Vec<String>>::new();
    for packet in packets {
        let Some(comment) = packet["frame.comment"].first() else { continue };
        let number = comment.strip_prefix("step ").and_then(|rest| rest.split(':').next()).unwrap();
        found.entry(number.parse().unwrap()).or_default().extend(packet[field].iter().cloned());
    }
    found
}

fn name(trace: &Trace) -> String {
    format!("{}: {}", trace.flow, trace.scenario)
}

/// Whether the step's bytes are in TCP or UDP: on this link, IP is captured, and the step has a protocol that goes over
/// one of them.
fn is_carried(trace: &Trace, event: &Event) -> bool {
    let opened = event.session.as_ref().map(|id| trace.event(id).unwrap());
    let Place::Between { link, .. } = &opened.unwrap_or(event).place else { return false };
    let medium = trace.link(link).unwrap().medium;
    let carries_ip = match medium {
        Medium::Cellular | Medium::Ethernet | Medium::Internet | Medium::NbIot | Medium::Thread | Medium::WiFi => true,
        Medium::Ble | Medium::Human | Medium::Lorawan | Medium::Optical | Medium::Serial => false,
    };
    carries_ip && (event.session.is_some() || event.operation != "deliver")
}

#[test]
fn tshark_has_nothing_to_complain_of() {
    for (trace, packets) in READ.iter() {
        let of = name(trace);
        for (index, packet) in packets.iter().enumerate() {
            let of = format!("{of}: packet {}", index + 1);
            assert_eq!(packet["_ws.malformed"], Vec::<String>::new(), "{of}");
            assert_eq!(packet["tcp.analysis.flags"], Vec::<String>::new(), "{of}: {packet:#?}");
            assert!(packet["_ws.expert.severity"].iter().all(|severity| severity != ERROR), "{of}: {packet:#?}");
            for group in [MALFORMED, CHECKSUM] {
                assert!(packet["_ws.expert.group"].iter().all(|found| found != group), "{of}: {packet:#?}");
            }
            let is_tcp = !packet["tcp.stream"].is_empty();
            assert_eq!(packet["tcp.checksum.status"], if is_tcp { vec![GOOD] } else { vec![] }, "{of}");
            let is_udp = !packet["udp.checksum.status"].is_empty();
            assert_eq!(packet["udp.checksum.status"], if is_udp { vec![GOOD] } else { vec![] }, "{of}");
            let is_v4 = !packet["ip.src"].is_empty();
            assert_eq!(packet["ip.checksum.status"], if is_v4 { vec![GOOD] } else { vec![] }, "{of}");
        }
    }
}

/// Values of tshark's enumerations: severity, groups, status of a checksum.
const ERROR: &str = "8388608";
const MALFORMED: &str = "117440512";
const CHECKSUM: &str = "16777216";
const GOOD: &str = "1";

/// The type of each handshake message that is in clear in a record, or that was decrypted (RFC 8446, section 4).
fn handshake_types(layer: &Layer) -> Vec<String> {
    let own = Field::new("", 0..layer.bytes.0.len(), "").with_fields(layer.fields().to_vec());
    let messages = std::iter::once(&own).chain(layer.fields()).filter(|field| match &field.inside {
        Inside::Fields(fields) => fields.first().is_some_and(|first| first.name == "msg_type"),
        Inside::Decoded(_) | Inside::Nothing => false,
    });
    messages.map(|message| layer.bytes.0[message.start].to_string()).collect()
}

#[test]
fn tshark_decrypts_every_handshake_that_the_trace_decrypts() {
    let (mut n_sessions, mut n_refused) = (0, 0);
    for (trace, packets) in READ.iter() {
        let seen = by_step(packets, "tls.handshake.type");
        for event in trace.events.iter().filter(|event| event.operation == "tls" && is_carried(trace, event)) {
            let layers = event.flights.iter().flat_map(|flight| &flight.layers);
            let expected: Vec<String> = layers.flat_map(handshake_types).collect();
            assert!(!expected.is_empty() && !event.key_log.is_empty() || !is_done(event));
            assert_eq!(
                seen.get(&event.number).cloned().unwrap_or_default(),
                expected,
                "{}: {}",
                name(trace),
                event.step
            );
            n_sessions += 1;
            n_refused += usize::from(!is_done(event));
        }
    }
    assert!(n_sessions > 20 && n_refused > 3, "{n_sessions} sessions, {n_refused} refused");
}

#[test]
fn tshark_decrypts_dtls_and_names_the_messages_and_objects_in_it() {
    let (mut n_sessions, mut n_messages, mut n_resources) = (0, 0, 0);
    for (trace, packets) in READ.iter() {
        let seen = |field| by_step(packets, field);
        let handshakes = seen("dtls.handshake.type");
        let [codes, ids, paths, resources] =
            ["coap.code", "coap.mid", "coap.opt.uri_path", "lwm2mtlv.resource_name"].map(seen);
        let of = |found: &BTreeMap<usize, Vec<String>>, event: &Event| found.get(&event.number).cloned();
        for event in trace.events.iter().filter(|event| is_carried(trace, event) && !event.flights.is_empty()) {
            let step = format!("{}: {}", name(trace), event.step);
            if event.operation == "dtls-psk" {
                let layers = event.flights.iter().flat_map(|flight| &flight.layers);
                let expected: Vec<String> = layers.flat_map(handshake_types).collect();
                assert_eq!(of(&handshakes, event).unwrap_or_default(), expected, "{step}");
                n_sessions += 1;
            }
            // A record that was changed on its way nobody can decrypt.
            let is_genuine = is_done(event) || !matches!(event.edit, EditMark::Tampered | EditMark::Replayed);
            if event.operation.starts_with("coap-") && is_genuine {
                let message = coap::Message::decode(message(event)).unwrap();
                let path: Vec<String> = message.texts(coap::option::URI_PATH).collect();
                assert_eq!(of(&codes, event), Some(vec![message.code.0.to_string()]), "{step}");
                assert_eq!(of(&ids, event), Some(vec![message.message_id.to_string()]), "{step}");
                assert_eq!(of(&paths, event).unwrap_or_default(), path, "{step}");
                n_messages += 1;
                if message.object().is_some() {
                    let object = &lwm2m::OBJECTS[usize::from(message.object().unwrap())];
                    let written = object.read(&message.payload).unwrap();
                    let titles: Vec<&str> = written.iter().map(|(resource, _)| resource.title).collect();
                    assert_eq!(of(&resources, event).unwrap_or_default(), titles, "{step}");
                    n_resources += written.len();
                }
            }
        }
    }
    assert!(n_sessions > 20 && n_messages > 100 && n_resources > 50, "{n_sessions}, {n_messages}, {n_resources}");
}

fn is_done(event: &Event) -> bool {
    matches!(event.outcome, EventOutcome::Done)
}

/// The application message of an event, as it was sent.
fn message(event: &Event) -> &[u8] {
    &event.flights[0].layers.last().unwrap().bytes.0
}

#[test]
fn tshark_names_http_and_mqtt_with_the_targets_and_topics_of_the_trace() {
    let mut n_messages = BTreeMap::<&str, usize>::new();
    for (trace, packets) in READ.iter() {
        let fields = ["http.request.method", "http.request.uri", "http.response.code", "mqtt.msgtype", "mqtt.topic"];
        let seen = fields.map(|field| by_step(packets, field));
        for event in trace.events.iter().filter(|event| !event.flights.is_empty()) {
            let found = seen.each_ref().map(|steps| steps.get(&event.number).cloned().unwrap_or_default());
            // Records that were changed on their way, or come from elsewhere, nobody can decrypt.
            let is_genuine = is_done(event) || !matches!(event.edit, EditMark::Tampered | EditMark::Replayed);
            let is_readable = is_carried(trace, event) && is_genuine;
            let expected = if is_readable { expected(event) } else { Default::default() };
            if expected.iter().any(|values| !values.is_empty()) {
                *n_messages.entry(&event.operation).or_default() += 1;
            }
            assert_eq!(found, expected, "{}: {}", name(trace), event.step);
        }
    }
    for operation in ["http-request", "http-response", "mqtt-connect", "mqtt-connack", "mqtt-publish"] {
        assert!(n_messages.get(operation).is_some_and(|n| *n > 1), "{operation} is not in any capture");
    }
}

/// Method, target, status code, packet type and topic.
fn expected(event: &Event) -> [Vec<String>; 5] {
    let none = Vec::new;
    match event.operation.as_str() {
        "http-request" | "http-response" => {
            let line = String::from_utf8_lossy(message(event)).lines().next().unwrap().to_owned();
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            match event.operation.as_str() {
                "http-request" => [vec![words[0].clone()], vec![words[1].clone()], none(), none(), none()],
                _ => [none(), none(), vec![words[1].clone()], none(), none()],
            }
        }
        operation if operation.starts_with("mqtt-") => {
            let kind = (message(event)[0] >> 4).to_string();
            let topics = match mqtt::Packet::decode(message(event)).unwrap() {
                mqtt::Packet::Publish(publish) => vec![publish.topic],
                mqtt::Packet::Subscribe(subscribe) => subscribe.filters.into_iter().map(|(topic, _)| topic).collect(),
                _ => none(),
            };
            [none(), none(), none(), vec![kind], topics]
        }
        _ => [none(), none(), none(), none(), none()],
    }
}

#[test]
fn the_key_log_decrypts_a_capture_without_secrets() {
    let mut n_decrypted = 0;
    // Some protocols have no key log: Matter's messages are none of TLS.
    for trace in RUNS.traces.iter().map(|traces| &traces[0]).filter(|trace| trace.has_key_log()) {
        let (whole, bare) = (written(&capture::pcapng(trace)), tempfile::NamedTempFile::new().unwrap());
        let stripped =
            Command::new("editcap").arg("--discard-all-secrets").args([whole.path(), bare.path()]).status().unwrap();
        assert!(stripped.success());
        let keys = written(capture::key_log(trace).as_bytes());
        let option = format!("tls.keylog_file:{}", keys.path().display());
        let contents = |packets: &[Packet]| {
            let fields = ["coap.code", "http.request.uri", "http.response.code", "mqtt.msgtype", "tls.handshake.type"];
            packets.iter().map(|packet| fields.map(|field| packet[field].clone())).collect::<Vec<_>>()
        };
        let (decrypted, opaque) =
            (contents(&tshark(bare.path(), &["-o", &option])), contents(&tshark(bare.path(), &[])));
        assert_eq!(decrypted, contents(&tshark(whole.path(), &[])), "{}", name(trace));
        assert_ne!(decrypted, opaque, "{}: there is nothing to decrypt", name(trace));
        n_decrypted += 1;
    }
    assert!(n_decrypted > 0);
}

#[test]
fn a_key_log_has_the_lines_of_every_session_and_says_that_they_are_worthless() {
    for (trace, _) in READ.iter() {
        let text = capture::key_log(trace);
        let (comments, lines): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
        assert!(comments.iter().any(|line| line.contains(Trace::NOTICE)));
        let logged: Vec<&str> = trace.events.iter().flat_map(|event| &event.key_log).map(String::as_str).collect();
        assert_eq!(lines, logged, "{}", name(trace));
        let distinct: BTreeSet<&str> = lines.iter().copied().collect();
        assert_eq!(distinct.len(), lines.len(), "{}", name(trace));
    }
}

#[test]
fn times_rise_from_packet_to_packet_and_follow_the_virtual_clock() {
    for (trace, packets) in READ.iter() {
        let times: Vec<u64> = packets.iter().map(|packet| micros(&packet["frame.time_epoch"][0])).collect();
        assert!(times.is_sorted_by(|one, next| one < next), "{}", name(trace));
        let clocks: BTreeSet<i64> = times.iter().map(|time| i64::try_from(time / 1_000_000).unwrap()).collect();
        let sent = trace.events.iter().filter(|event| !event.flights.is_empty());
        assert_eq!(clocks, sent.map(|event| event.clock.0).collect::<BTreeSet<_>>(), "{}", name(trace));
    }
}

fn micros(seconds: &str) -> u64 {
    let (whole, fraction) = seconds.split_once('.').unwrap();
    format!("{whole}{}", &fraction[..6]).parse().unwrap()
}

#[test]
fn a_connection_ends_where_the_run_ends_it() {
    for (trace, packets) in READ.iter() {
        let mut open = BTreeSet::new();
        for packet in packets.iter().filter(|packet| !packet["tcp.stream"].is_empty()) {
            let flags = u16::from_str_radix(packet["tcp.flags"][0].trim_start_matches("0x"), 16).unwrap();
            let stream = packet["tcp.stream"][0].clone();
            if flags & 0x01 != 0 {
                open.remove(&stream);
            } else if flags & 0x02 != 0 {
                open.insert(stream);
            }
        }
        let tls = |event: &&Event| event.operation == "tls" && is_done(event) && is_carried(trace, event);
        let is_closed = |id: &str| {
            trace.events.iter().any(|event| event.operation == "close" && event.session.as_deref() == Some(id))
        };
        let left = trace.events.iter().filter(tls).filter(|event| !is_closed(&event.step)).count();
        assert_eq!(open.len(), left, "{}", name(trace));
    }
}

#[test]
fn bytes_without_a_carrier_stand_alone_under_the_name_of_their_link() {
    let trace = &CARRIERS.traces[0][0];
    let packets = packets(trace);
    let of = |step: &str| {
        let number = trace.event(step).unwrap().number;
        let found = packets.iter().filter(|packet| {
            packet["frame.comment"].first().is_some_and(|comment| comment.starts_with(&format!("step {number}:")))
        });
        found.collect::<Vec<_>>()
    };
    for (step, link, protocols) in [
        ("install", "desk", "user_dlt:cbor"),
        ("manifest", "net", "user_dlt:cbor"),
        ("nearby-hello", "nearby", "user_dlt:data"),
    ] {
        let [packet] = of(step)[..] else { panic!("{step} is not one packet") };
        assert_eq!(
            (packet["frame.interface_name"][0].as_str(), packet["frame.protocols"][0].as_str()),
            (link, protocols)
        );
    }
    let addresses = |step: &str| {
        let packet = of(step)[0];
        ["eth.src", "ip.src", "ipv6.src", "tcp.dstport"].map(|field| packet[field].join(" "))
    };
    assert_eq!(addresses("report"), ["02:00:c0:00:02:02", "192.0.2.2", "", "443"]);
    assert_eq!(addresses("mesh-hello"), ["", "", "2001:db8::c000:202", "80"]);
    assert_eq!(addresses("broker-connect"), ["", "192.0.2.2", "", "1883"]);
}

#[test]
fn a_second_mqtt_connection_is_a_second_tcp_connection() {
    let trace = &CARRIERS.traces[0][0];
    let streams = by_step(&packets(trace), "tcp.stream");
    let stream = |step: &str| streams[&trace.event(step).unwrap().number][0].clone();
    assert_eq!(stream("broker-connect"), stream("broker-answer"));
    assert_ne!(stream("broker-connect"), stream("broker-again"));
    assert_eq!(stream("mesh-hello"), stream("mesh-again"));
}

#[test]
fn the_same_run_gives_the_same_capture() {
    let again = runs(&load::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap(), "shipped");
    for (one, other) in RUNS.traces.iter().flatten().zip(again.traces.iter().flatten()) {
        assert!(capture::pcapng(one) == capture::pcapng(other), "{}", name(one));
    }
}

#[test]
fn a_run_without_messages_is_a_capture_without_packets() {
    let trace = Trace { events: Vec::new(), ..RUNS.traces[0][0].clone() };
    assert_eq!(packets(&trace), Vec::new());
}

#[test]
fn the_command_line_writes_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, file: &Path, keys: &Path| {
        Command::new(env!("CARGO_BIN_EXE_trustlane"))
            .args(["run", "brski", "--project", env!("CARGO_MANIFEST_DIR"), "--scenario", name])
            .arg("--capture")
            .arg(file)
            .arg("--key-log")
            .arg(keys)
            .output()
            .unwrap()
    };
    let (file, keys) = (folder.path().join("a.pcapng"), folder.path().join("a.keys"));
    let flow = RUNS.traces.iter().find(|traces| traces[0].flow == "brski").unwrap();
    for trace in flow {
        let output = run(&trace.scenario, &file, &keys);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(std::fs::read(&file).unwrap() == capture::pcapng(trace), "{}", name(trace));
        assert_eq!(std::fs::read_to_string(&keys).unwrap(), capture::key_log(trace));
    }
    let output = run("baseline", &keys.join("no file has files in it"), &keys);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn tshark_derives_the_keys_of_dtls_from_the_pre_shared_key_alone() {
    let trace = RUNS.traces.iter().flatten().find(|trace| trace.flow == "lwm2m-bootstrap").unwrap();
    let (whole, bare) = (written(&capture::pcapng(trace)), tempfile::NamedTempFile::new().unwrap());
    let stripped = Command::new("editcap").arg("--discard-all-secrets").args([whole.path(), bare.path()]).status();
    assert!(stripped.unwrap().success());
    let codes = |key: &str| {
        let packets = tshark(bare.path(), &["-o", &format!("dtls.psk:{key}")]);
        by_step(&packets, "coap.code")
    };
    let key = hex::encode(&trace.stores["factory"]["bootstrap-key"].bytes.0);
    let (right, wrong) = (codes(&key), codes("00112233445566778899aabbccddeeff"));
    let through = |session: &str| {
        let events = trace.events.iter().filter(|event| event.operation.starts_with("coap-"));
        events.filter(|event| event.session.as_deref() == Some(session)).map(|event| event.number).collect::<Vec<_>>()
    };
    for number in through("bs-dtls") {
        assert_eq!((right[&number].len(), wrong[&number].len()), (1, 0), "step {number}");
    }
    for number in through("dtls") {
        assert_eq!(right[&number].len(), 0, "step {number}: the other session has another key");
    }
}
