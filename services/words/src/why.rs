//! Why routing and policies do what they do, in words. The contract names it by keys.

use phidia_domain::application::Language;

use crate::{Words, reason};

impl Words {
    /// A term of a score, why a unit was left out, what speaks against it, or why work cannot be assigned.
    pub fn why(self, name: &str) -> String {
        let known = match name {
            "boundary" => self.route_why_boundary(),
            "continuity" => self.route_why_continuity(),
            "distance" => self.route_why_distance(),
            "fairness" => self.route_why_fairness(),
            "finish" => self.route_why_finish(),
            "late" => self.route_why_late(),
            "out_of_scope" => self.route_why_out_of_scope(),
            "not_competent" => self.route_why_not_competent(),
            "closed" => self.route_why_closed(),
            "full" => self.route_why_full(),
            "risk" => self.route_why_risk(),
            "lent" => self.route_why_lent(),
            "rarity" => self.route_why_rarity(),
            "conflicted" => self.route_why_conflicted(),
            "originals_elsewhere" => self.route_why_originals_elsewhere(),
            "not_accepting" => self.route_why_not_accepting(),
            "quarantined" => self.route_why_quarantined(),
            "absent" => self.route_why_absent(),
            "at_capacity" => self.route_why_at_capacity(),
            "borrowed_enough" => self.route_why_borrowed_enough(),
            "not_needed" => self.route_why_not_needed(),
            "outweighed" => self.route_why_outweighed(),
            "home_unknown" => self.route_why_home_unknown(),
            key => match reason(key).filter(|_| self.language == Language::Vi) {
                Some(sentence) => sentence,
                // In the words of whoever did it.
                None if key.contains(' ') => key,
                None => return name.to_lowercase().replace('_', " "),
            },
        };
        known.to_owned()
    }

    /// A rule of a policy, why nobody may take a step by it, or why a rule never applies; what is none stays as it is.
    pub fn rule(self, name: &str) -> String {
        let said = match name {
            "home" => self.policy_by_home(),
            "cluster" => self.policy_by_its_cluster(),
            "listed" => self.policy_by_the_list_of_the_step(),
            "province" => self.policy_by_the_province(),
            "NO_HOME" => self.policy_no_home(),
            "NOT_AT_HOME" => self.policy_not_at_home(),
            "NOT_IN_CLUSTER" => self.policy_not_in_cluster(),
            "NOT_LISTED" => self.policy_not_listed(),
            "NOT_IN_PROVINCE" => self.policy_not_in_province(),
            "CLOSED_FOR_GOOD" => self.policy_closed_for_good(),
            "NEVER_IN_FORCE" => self.policy_never_in_force(),
            "SCOPE_IN_VAIN" => self.policy_scope_in_vain(),
            "NO_DISTANCES" => self.policy_no_distances(),
            "NO_GREEN_CORRIDOR" => self.policy_no_green_corridor(),
            "NOTHING_RARE" => self.policy_nothing_rare(),
            "CLUSTER_OF_ONE" => self.policy_cluster_of_one(),
            other => other,
        };
        said.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_words() {
        assert_eq!(Words::VI.why("quarantined"), "tạm không nhận việc nơi khác");
        assert_eq!(Words::VI.rule("cluster"), "trong cụm");
        // What is not known here is still read, if not well.
        assert_eq!(Words::EN.why("NEW_REASON"), "new reason");
    }
}
