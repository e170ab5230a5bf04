//! The timeline: how long a run takes, lane by lane and step by step.

mod axis;
mod bar;
mod lane;
mod paint;
mod row;
mod words;

use super::{Diagram, Executed, Subject};
use crate::scene::geometry::on_grid;
use crate::scene::{self, Cuts, Scene, text::Block};
use crate::timeline::Timeline;
use axis::Axis;
use row::{Row, Scale};

/// How long every step takes, and what the time is made of.
#[derive(Debug)]
pub struct TimelineChart;

impl Diagram for TimelineChart {
    fn name(&self) -> &'static str {
        "timeline"
    }

    fn summary(&self) -> &'static str {
        "How long every step takes for a link and a device, on one axis: network, computing, waiting, and people, who are estimated."
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Duration { run, timeline, link, device } = *subject else { return None };
        Chart { run, timeline, link, device }.draw()
    }
}

/// What is drawn.
struct Chart<'a> {
    run: Executed<'a>,
    timeline: &'a Timeline,
    link: &'a str,
    device: &'a str,
}

/// Things with their places.
struct Layout<'a> {
    chart: &'a Chart<'a>,
    scale: Scale,
    rows: Vec<Row<'a>>,
    /// Of the lanes.
    whole: Axis,
    /// Of the steps.
    steps: Axis,
    /// Where times of bars end.
    time_end: f32,
    /// Where what is cut out ends; the right edge of everything.
    right: f32,
}

const MARGIN: f32 = 24.0;
/// Where titles begin.
const TITLES: f32 = MARGIN + 32.0;
const CHART_WIDTH: f32 = 560.0;
const COLUMN_GAP: f32 = 18.0;

impl Chart<'_> {
    /// The picture; none where nothing takes time.
    fn draw(&self) -> Option<Scene> {
        if self.timeline.total.sum() == 0 || self.timeline.steps.is_empty() {
            return None;
        }
        let layout = Layout::new(self);
        let (groups, height) = paint::groups(&layout);
        let turns = scene::Timeline::turns(layout.rows.iter().map(|row| row.phase.is_some()));
        Some(Scene {
            title: words::title(self),
            description: words::description(self),
            width: layout.right + MARGIN,
            height,
            timeline: scene::Timeline::in_turns(&groups, turns),
            cuts: Cuts::default(),
            groups,
            steps: words::steps(self),
        })
    }
}

impl<'a> Layout<'a> {
    fn new(chart: &'a Chart<'a>) -> Self {
        let total = &chart.timeline.total;
        let scale = Scale::of(total);
        let rows = row::rows(chart.run.trace, chart.timeline, scale);
        let names = rows.iter().flat_map(|row| [Some(&row.title), row.phase.as_ref().map(|phase| &phase.name)]);
        let name = names.flatten().map(Block::width).fold(paint::LANE_TEXT, f32::max);
        let name = on_grid(name);
        let left = TITLES + name + COLUMN_GAP;
        let times = rows.iter().flat_map(|row| [Some(&row.time), row.phase.as_ref().map(|phase| &phase.time)]);
        let time = times.flatten().map(Block::width).fold(paint::TIME_TEXT, f32::max).ceil();
        let cut = rows.iter().map(|row| row.cut.width()).fold(0.0, f32::max).ceil();
        let time_end = left + CHART_WIDTH + COLUMN_GAP + time;
        let right = match scale {
            Scale::Machines => time_end + COLUMN_GAP + cut.max(paint::CUT_HEAD),
            Scale::Whole => time_end,
        };
        let whole = Axis::new(left, CHART_WIDTH, total.sum());
        let steps = Axis::new(left, CHART_WIDTH, scale.shown(total).sum());
        Self { chart, scale, rows, whole, steps, time_end, right }
    }
}
