//! The set that came with the binary: the files in `templates/`, compiled in.

use super::Files;

macro_rules! both {
    ($($file:literal),* $(,)?) => {
        [$(
            (concat!("vi/", $file), include_str!(concat!("../../templates/vi/", $file))),
            (concat!("en/", $file), include_str!(concat!("../../templates/en/", $file))),
        )*]
    };
}

/// Name and content of all files.
const FILES: [(&str, &str); 92] = both![
    "application_accepted.txt",
    "application_accepted.sms.txt",
    "case_opened.txt",
    "case_opened.sms.txt",
    "case_moved.txt",
    "case_moved.sms.txt",
    "work_lost.txt",
    "work_gained.txt",
    "deadline_near.txt",
    "deadline_escalated.txt",
    "supplement_requested.txt",
    "supplement_requested.sms.txt",
    "payment_requested.txt",
    "payment_requested.sms.txt",
    "case_referred.txt",
    "case_referred.sms.txt",
    "referral_asked.txt",
    "referral_ended.txt",
    "case_resumed.txt",
    "case_resumed.sms.txt",
    "appointment_postponed.txt",
    "appointment_postponed.sms.txt",
    "deadline_replanned.txt",
    "deadline_replanned.sms.txt",
    "result_ready.txt",
    "result_ready.sms.txt",
    "application_refused.txt",
    "application_refused.sms.txt",
    "application_withdrawn.txt",
    "application_withdrawn.sms.txt",
    "application_lapsed.txt",
    "application_lapsed.sms.txt",
    "result_issued.txt",
    "result_issued.sms.txt",
    "result_handed_over.txt",
    "result_handed_over.sms.txt",
    "contact_corrected.txt",
    "contact_corrected.sms.txt",
    "case_reopened.txt",
    "case_reopened.sms.txt",
    "subscription_disabled.txt",
    "digest.txt",
    "digest.sms.txt",
    "office_digest.txt",
    "letter.txt",
    "letter.html",
];

/// All files.
pub(crate) fn files() -> Files {
    FILES.into_iter().map(|(file, content)| (file.to_owned(), content.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{LANGUAGES, Purpose};

    #[test]
    fn every_file_of_a_set_is_there_and_no_other() {
        let wanted = LANGUAGES
            .into_iter()
            .flat_map(|language| Purpose::all().map(move |purpose| purpose.file(language)));
        let wanted: std::collections::BTreeSet<_> = wanted.collect();
        assert_eq!(files().into_keys().collect::<std::collections::BTreeSet<_>>(), wanted);
        assert_eq!(FILES.len(), wanted.len());
    }
}
