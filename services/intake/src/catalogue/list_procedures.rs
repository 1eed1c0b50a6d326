//! The catalogue, and how it is searched by people who type without diacritics.

use std::ops::Bound;

use jiff::civil::Date;
use phidia_domain::{application::check_text, procedure::Procedure};
use phidia_runtime::failure::Failure;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::{
    Intake,
    page::{self, Page},
};

impl Intake {
    /// Procedures of the active version by code, those in which `query` occurs; and the day by whose law they are
    /// shown.
    pub(crate) async fn list_procedures(
        &self,
        query: &str,
        page_size: u64,
        page_token: &str,
    ) -> Result<(Page<Procedure>, Date), Failure> {
        check_text("query", query, 0, 200)?;
        let province = &self.versions.active().await?.value;
        let wanted = fold(query.trim());
        let asked = format!("procedures {wanted}");
        let from = page::position(&asked, page_token)?.map_or(Bound::Unbounded, Bound::Excluded);
        let found = province
            .procedures
            .range((from, Bound::Unbounded))
            .map(|(_, procedure)| procedure)
            .filter(|procedure| contains(procedure, &wanted))
            .take(usize::try_from(page_size).unwrap_or(usize::MAX).saturating_add(1))
            .cloned()
            .collect();
        let today = province.clock.local_date(self.business.now());
        Ok((Page::of(found, page_size, &asked, |procedure| procedure.code.clone()), today))
    }
}

fn contains(procedure: &Procedure, wanted: &str) -> bool {
    let Procedure { code, name, field, .. } = procedure;
    wanted.is_empty()
        || [code, &name.vi, &name.en, &field.vi, &field.en]
            .into_iter()
            .any(|text| fold(text).contains(wanted))
}

/// A text without diacritics and case. The bar of `đ` is no combining mark, so Unicode does not take it off.
pub(crate) fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diacritics_and_case_do_not_count() {
        assert_eq!(fold("ĐĂNG KÝ khai sinh"), "dang ky khai sinh");
        assert_eq!(fold("Hộ tịch – Quyền sử dụng đất"), "ho tich – quyen su dung dat");
        // Composed or not, it is the same word.
        assert_eq!(fold("Ho\u{302}\u{323}"), fold("Hộ"));
    }
}
