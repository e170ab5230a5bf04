//! The codes on Matter labels, judged by another implementation: the payload generator of Project CHIP, as Espressif
//! packs it (`PyPI`'s `esp-matter-mfg-tool`, which `.ci/test` lays into `target/python`).

use std::path::Path;
use std::process::Command;

use crate::runs::{PROJECT, RUNS};

/// What the generator prints for a device, as lines of name and value.
fn generator(vendor: &str, product: &str, discriminator: &str, passcode: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/deps");
    let script = folder.join("generate_setup_payload.py");
    assert!(script.is_file(), "{} is missing: `.ci/test` installs it", script.display());
    let output = Command::new("/usr/bin/python3")
        .arg(script)
        .args(["-vid", vendor, "-pid", product, "-d", discriminator, "-p", passcode, "-dm", "2"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn another_generator_writes_the_label_of_the_run() {
    let index = PROJECT.flows.iter().position(|flow| flow.id == "matter").unwrap();
    let label = &RUNS.traces[index][0].stores["factory"];
    let text = |name: &str| String::from_utf8(label[name].bytes.0.clone()).unwrap();
    let printed = generator("0xFFF1", "0x8001", "3840", &text("passcode"));
    let line = |name: &str| {
        let found = printed.lines().find_map(|line| line.strip_prefix(name));
        found.and_then(|rest| rest.split(": ").nth(1)).map(str::trim).unwrap_or_default().to_owned()
    };
    assert_eq!(line("QRCode"), text("payload"));
    assert_eq!(line("Manualcode"), text("manual-code"));
}
