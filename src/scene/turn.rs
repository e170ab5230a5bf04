//! When the parts of a picture appear: one after the other, or many at once where there are many.

use super::{Beat, Group, GroupKind, Timeline};

impl Timeline {
    /// The longest that a picture may move, in seconds.
    pub const LONGEST: f32 = 5.0;

    /// One group after another, each as one thing; the ground is there from the beginning.
    pub fn in_turn(groups: &[Group]) -> Self {
        let turns: Vec<u16> = (0..=u16::MAX).take(groups.len()).collect();
        Self::in_turns(groups, &turns)
    }

    /// What has an address or passes appears in its turn; `turns` has one number for each, from 0 and never falling.
    pub fn in_turns(groups: &[Group], turns: &[u16]) -> Self {
        let n_moving = groups.iter().filter(|group| group.kind != GroupKind::Ground).count();
        let turns = &turns[..turns.len().min(n_moving)];
        let last = turns.last().copied().unwrap_or(0);
        let motion = (Self::LONGEST / (f32::from(last) + 1.0)).min(Self::MOTION);
        let mut turns = turns.iter();
        let beats = groups.iter().map(|group| match group.kind {
            GroupKind::Ground => Beat::default(),
            GroupKind::Passing | GroupKind::Step(_) => {
                let at = f32::from(*turns.next().unwrap_or(&last)) * motion;
                Beat { at, departs: at, settles: at }
            }
        });
        Self { motion, beats: beats.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_turn_ends_within_the_longest_time() {
        let groups: Vec<Group> = (0..300).map(|n| Group::new(GroupKind::Step(n.to_string()), "", Vec::new())).collect();
        let timeline = Timeline::in_turns(&groups, &(0..300).collect::<Vec<u16>>());
        let end = timeline.beats.last().unwrap().at + timeline.motion;
        assert!(end <= Timeline::LONGEST + 0.001, "{end}");
    }

    #[test]
    fn the_ground_is_there_from_the_beginning() {
        let groups = [
            Group::new(GroupKind::Ground, "", Vec::new()),
            Group::new(GroupKind::Passing, "", Vec::new()),
            Group::new(GroupKind::Step("a".to_owned()), "", Vec::new()),
        ];
        let beats = Timeline::in_turns(&groups, &[0, 1]).beats;
        assert_eq!(beats.iter().map(|beat| beat.at > 0.0).collect::<Vec<_>>(), [false, false, true]);
    }
}
