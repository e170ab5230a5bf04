//! When the parts of a picture appear: one after the other, or many at once where there are many.

use crate::scene::{Beat, Group, GroupKind, Timeline};

/// The longest that a picture may move, in seconds.
const LONGEST: f32 = 5.0;

/// What has an address or passes appears in its turn; `turns` has one number for each, from 0 and never falling.
pub(super) fn in_turn(groups: &[Group], turns: &[u16]) -> Timeline {
    let last = turns.last().copied().unwrap_or(0);
    let motion = (LONGEST / (f32::from(last) + 1.0)).min(Timeline::MOTION);
    let mut turns = turns.iter();
    let beats = groups.iter().map(|group| match group.kind {
        GroupKind::Ground => Beat::default(),
        GroupKind::Passing | GroupKind::Step(_) => {
            let at = f32::from(*turns.next().unwrap_or(&last)) * motion;
            Beat { at, departs: at, settles: at }
        }
    });
    Timeline { motion, beats: beats.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_turn_ends_within_the_longest_time() {
        let groups: Vec<Group> = (0..300).map(|n| Group::new(GroupKind::Step(n.to_string()), "", Vec::new())).collect();
        let timeline = in_turn(&groups, &(0..300).collect::<Vec<u16>>());
        let end = timeline.beats.last().unwrap().at + timeline.motion;
        assert!(end <= LONGEST + 0.001, "{end}");
    }

    #[test]
    fn the_ground_is_there_from_the_beginning() {
        let groups = [
            Group::new(GroupKind::Ground, "", Vec::new()),
            Group::new(GroupKind::Passing, "", Vec::new()),
            Group::new(GroupKind::Step("a".to_owned()), "", Vec::new()),
        ];
        let beats = in_turn(&groups, &[0, 1]).beats;
        assert_eq!(beats.iter().map(|beat| beat.at > 0.0).collect::<Vec<_>>(), [false, false, true]);
    }
}
