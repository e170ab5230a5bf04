//! When the parts of a picture appear: one after the other, or many at once where there are many.

use super::{Group, GroupKind};

/// When each group appears, counted in motions: the time in which one thing appears, travels or settles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// How many motions come before each group, in the order of [`Scene::groups`](super::Scene::groups).
    pub starts: Vec<u16>,
    /// How many motions it takes until the picture is complete.
    pub n_motions: u16,
}

impl Timeline {
    /// The longest that a picture may move, in seconds.
    pub const LONGEST: f32 = 5.0;
    /// The longest that one thing takes to appear, to travel or to settle, in seconds.
    const MOTION: f32 = 0.22;
    /// Of more steps than this, those of a phase move at once.
    const MANY_STEPS: usize = 20;

    /// How long a motion takes, in seconds.
    pub fn motion(&self) -> f32 {
        (Self::LONGEST / f32::from(self.n_motions.max(1))).min(Self::MOTION)
    }

    /// One group after another; the ground is there from the beginning.
    pub fn in_turn(groups: &[Group]) -> Self {
        Self::in_turns(groups, 0..=u16::MAX)
    }

    /// Groups with the same turn appear at once, and turn follows turn, each as long as its longest group.
    ///
    /// `turns` has a number for each group but the ground, from 0 on; groups beyond its end take the highest.
    pub fn in_turns(groups: &[Group], turns: impl IntoIterator<Item = u16>) -> Self {
        let n_moving = groups.iter().filter(|group| group.kind != GroupKind::Ground).count();
        let turns: Vec<u16> = turns.into_iter().take(n_moving).collect();
        let highest = turns.iter().copied().max().unwrap_or(0);
        let mut turns = turns.into_iter();
        let turns: Vec<Option<u16>> = groups
            .iter()
            .map(|group| match group.kind {
                GroupKind::Ground => None,
                GroupKind::Passing | GroupKind::Step(_) => Some(turns.next().unwrap_or(highest)),
            })
            .collect();
        let mut lengths = vec![0; usize::from(highest) + 1];
        for (group, turn) in groups.iter().zip(&turns) {
            let Some(turn) = *turn else { continue };
            let length = &mut lengths[usize::from(turn)];
            *length = group.n_motions().max(*length);
        }
        let mut n_motions = 0;
        let starts: Vec<u16> = lengths
            .into_iter()
            .map(|length| {
                let start = n_motions;
                n_motions += length;
                start
            })
            .collect();
        Self {
            starts: turns.into_iter().map(|turn| turn.map_or(0, |turn| starts[usize::from(turn)])).collect(),
            n_motions,
        }
    }

    /// The turns of steps, of which each says whether a phase begins: one after the other, or phase by phase where they
    /// are many.
    pub fn turns(steps: impl IntoIterator<Item = bool, IntoIter: ExactSizeIterator>) -> Vec<u16> {
        let steps = steps.into_iter();
        let by_phase = steps.len() > Self::MANY_STEPS;
        let mut turn = 0;
        let turns = steps.enumerate().map(|(index, begins)| {
            turn += u16::from(index > 0 && (begins || !by_phase));
            turn
        });
        turns.collect()
    }

    /// This picture, then the one whose groups follow.
    #[must_use]
    pub fn then(mut self, next: &Self) -> Self {
        self.starts.extend(next.starts.iter().map(|start| start + self.n_motions));
        self.n_motions += next.n_motions;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::Part;
    use super::*;

    fn step(n_parts: usize) -> Group {
        let parts = (0..n_parts).map(|_| Part::new(Vec::new())).collect();
        Group { kind: GroupKind::Step(String::new()), label: String::new(), parts }
    }

    #[test]
    fn a_turn_is_as_long_as_its_longest_group() {
        let ground = Group::new(GroupKind::Ground, "", Vec::new());
        let passing = Group::new(GroupKind::Passing, "", Vec::new());
        let timeline = Timeline::in_turns(&[ground, passing, step(2), step(3), step(1)], [2, 0, 0, 1]);
        assert_eq!(timeline, Timeline { starts: vec![0, 4, 0, 0, 3], n_motions: 5 });
        assert_eq!(timeline.clone().then(&timeline).starts[5..], [5, 9, 5, 5, 8]);
    }

    #[test]
    fn many_steps_move_phase_by_phase() {
        assert_eq!(Timeline::turns([true, false, true]), [0, 1, 2]);
        let many: Vec<bool> = (0..21).map(|index| index % 7 == 0).collect();
        assert_eq!(Timeline::turns(many)[5..9], [0, 0, 1, 1]);
    }

    #[test]
    fn what_has_no_turn_of_its_own_comes_with_the_last() {
        assert_eq!(Timeline::in_turns(&[step(1), step(1), step(1)], [0, 1]).starts, [0, 1, 1]);
        assert_eq!(Timeline::in_turn(&[step(1), step(2), step(1)]).starts, [0, 1, 3]);
    }

    #[test]
    fn the_last_turn_ends_within_the_longest_time() {
        let groups: Vec<Group> = (0..300).map(|_| step(3)).collect();
        let timeline = Timeline::in_turn(&groups);
        assert!(timeline.motion() * f32::from(timeline.n_motions) <= Timeline::LONGEST + 0.001);
        assert!(Timeline::in_turn(&groups[..2]).motion() <= Timeline::MOTION);
    }
}
