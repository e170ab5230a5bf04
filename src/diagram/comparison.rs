//! The comparison: all methods side by side, a bar for each figure of their runs.

mod metric;
mod paint;
mod words;

use super::{Diagram, Subject};
use crate::flow::Family;
use crate::scene::{Cuts, Scene, Timeline};

/// The name of the kind.
pub const COMPARISON: &str = "comparison";

/// All methods in figures of their runs.
#[derive(Debug)]
pub struct Comparison;

/// A method in figures of its runs.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Id of the flow.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Its family.
    pub family: Family,
    /// Steps in which bytes crossed a link.
    pub messages: usize,
    /// Bytes on the links of the device.
    pub device_bytes: usize,
    /// Signatures of the device.
    pub signs: usize,
    /// Verifications of the device.
    pub verifies: usize,
    /// What the baseline takes without people and waiting, in microseconds, on the pair that is the same for all.
    pub machines: u64,
    /// Things that a person does.
    pub user_actions: usize,
    /// Attacks executed.
    pub attacks: usize,
    /// Attacks that got through.
    pub accepted: usize,
}

impl Diagram for Comparison {
    fn name(&self) -> &'static str {
        COMPARISON
    }

    fn summary(&self) -> &'static str {
        "All methods of the book side by side: messages, bytes, operations of the device, time, people and attacks."
    }

    fn is_of_book(&self) -> bool {
        true
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Methods { methods, link, device } = *subject else { return None };
        draw(methods, link, device)
    }
}

/// The picture; none of a book without methods.
fn draw(methods: &[Measured], link: &str, device: &str) -> Option<Scene> {
    if methods.is_empty() {
        return None;
    }
    let mut methods: Vec<&Measured> = methods.iter().collect();
    // Methods of a family stand together, else as they come.
    methods.sort_by_key(|method| Family::ALL.iter().position(|family| *family == method.family));
    let layout = paint::Layout::new(&methods, link, device);
    let (groups, height) = paint::groups(&layout);
    Some(Scene {
        title: "The methods compared".to_owned(),
        description: words::description(&methods, link, device),
        width: layout.width,
        height,
        timeline: Timeline::in_turns(&groups, (0..).take(methods.len())),
        cuts: Cuts::default(),
        groups,
        steps: methods.iter().map(|method| words::sentence(method)).collect(),
    })
}
