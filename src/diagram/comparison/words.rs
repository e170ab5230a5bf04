//! What the picture says in words, and its text alternative.

use super::Measured;
use crate::quantity;

/// The whole picture in two sentences.
pub(super) fn description(methods: &[&Measured], link: &str, device: &str) -> String {
    let count = quantity::count(methods.len(), "method", "methods");
    format!("{count} in figures of their runs, a row each. {}", pair(link, device))
}

/// For which pair times are computed.
pub(super) fn pair(link: &str, device: &str) -> String {
    format!(
        "Times are computed for every method over {link} with {device}, without what people take and what is waited for; \
         every bar is drawn in proportion to the longest of its column."
    )
}

/// A method as one line.
pub(super) fn sentence(method: &Measured) -> String {
    format!(
        "{}: {}, {} on links of the device, which signs {} and verifies {}; machines take {}, people act {}; {} of {} get through",
        method.title,
        quantity::count(method.messages, "message", "messages"),
        quantity::bytes(method.device_bytes),
        times(method.signs),
        times(method.verifies),
        quantity::duration(method.machines),
        times(method.user_actions),
        method.accepted,
        quantity::count(method.attacks, "attack", "attacks"),
    )
}

fn times(n: usize) -> String {
    quantity::count(n, "time", "times")
}
