//! The matrix of knowledge: who holds which secret, since which step, and how it came there.

mod holding;
mod mark;
mod paint;
mod words;

use super::{Diagram, Executed, Subject};
use crate::scene::{Cuts, Scene, Timeline};
use holding::Matrix;

/// Who holds which secret, and since when.
#[derive(Debug)]
pub struct Knowledge;

impl Diagram for Knowledge {
    fn name(&self) -> &'static str {
        "knowledge"
    }

    fn summary(&self) -> &'static str {
        "Who holds which key, secret or token, since which step, and how it came there; the attacker has a column too."
    }

    fn is_of_every_run(&self) -> bool {
        true
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Run(run) = *subject else { return None };
        draw(run)
    }
}

/// The picture; none where the run has no secret.
fn draw(run: Executed<'_>) -> Option<Scene> {
    let matrix = Matrix::new(run);
    if matrix.secrets.is_empty() {
        return None;
    }
    let layout = paint::Layout::new(&matrix);
    let (groups, height) = paint::groups(&layout);
    Some(Scene {
        title: words::title(run),
        description: words::description(&matrix),
        width: layout.width,
        height,
        timeline: Timeline::in_turns(&groups, turns(&matrix)),
        cuts: Cuts::default(),
        groups,
        steps: matrix.steps().map(|step| words::sentence(&matrix, step)).collect(),
    })
}

/// Step after step, or phase after phase.
fn turns(matrix: &Matrix<'_>) -> Vec<u16> {
    let steps: Vec<usize> = matrix.steps().collect();
    let phase = |step: usize| &matrix.run.trace.events[step].phase;
    let begins = |index: usize| index > 0 && phase(steps[index - 1]) != phase(steps[index]);
    Timeline::turns((0..steps.len()).map(begins))
}
