//! What files say of procedures, put into the active province.

use std::sync::Arc;

use jiff::civil::Date;
use phidia_domain::{
    Rejection,
    catalogue::{
        Catalogue,
        difference::{Change, from_now_on},
        national,
        published::Published,
    },
    province::{CatalogueTable, Documents, Province, about_rows, malformed},
};
use phidia_runtime::{failure::Failure, reference};

use super::import_province::{Importer, Summary};
use crate::Intake;

/// The layout of what is brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Files of a province.
    Tables,
    /// Our own export.
    Published,
    /// That of the national database.
    National,
}

/// What is to be brought in, and how.
#[derive(Clone, Debug)]
pub(crate) struct CatalogueImport {
    pub(crate) files: reference::Documents,
    pub(crate) layout: Layout,
    /// Whose steps are taken over by what is new and has none.
    pub(crate) steps_as: Option<String>,
    pub(crate) validate_only: bool,
    pub(crate) allow_uncovered: bool,
    pub(crate) expected_version: Option<i64>,
}

impl Intake {
    /// Brings it in, for `by` (`role/name`); answers like an import of the province, and what is said otherwise from
    /// today on.
    ///
    /// # Errors
    /// Those of [`read`] and of [`Catalogue::put_into`], and of an import of the province.
    pub(crate) async fn import_catalogue(
        &self,
        importer: &Arc<Importer>,
        import: CatalogueImport,
        by: String,
    ) -> Result<(Summary, bool, Vec<(Option<Date>, Change)>), Failure> {
        let active = self.versions.latest().await?;
        let documents = Documents(self.versions.documents(active.version).await?);
        let ours = Catalogue::of(&documents).map_err(|errors| malformed("MALFORMED_PROVINCE", &errors))?;
        let today = active.value.clock.local_date(self.business.now());
        let stated = read(import.layout, import.files, &ours, today)?;
        let after = stated.put_into(&documents, import.steps_as.as_deref())?;
        let province = Province::parse(&after)
            .map_err(|errors| malformed("MALFORMED_PROVINCE", &about_rows(&after, errors)))?;
        let changes = from_now_on(&active.value, &province, today);
        // Over the version that it was put into: where another one becomes active meanwhile, somebody has to look again.
        let over = import.expected_version.unwrap_or(active.version);
        let (validate_only, allow_uncovered) = (import.validate_only, import.allow_uncovered);
        let (summary, changed) =
            importer.import_over(after.0, by, over, validate_only, allow_uncovered).await?;
        Ok((summary, changed, changes))
    }
}

/// What the files say.
///
/// # Errors
/// Every wrong place in them.
pub(super) fn read(
    layout: Layout,
    files: reference::Documents,
    ours: &Catalogue,
    today: Date,
) -> Result<Catalogue, Rejection> {
    if layout == Layout::Tables {
        if let Some(stray) = files.keys().find(|name| !CatalogueTable::is_file(name)) {
            let known = CatalogueTable::ALL.map(CatalogueTable::file).join(", ");
            return Err(Rejection::invalid(
                "UNKNOWN_FILE",
                stray,
                format!("one of the files {known}, or a form_<name>.json"),
            ));
        }
        return Catalogue::of(&Documents(files)).map_err(|errors| malformed("MALFORMED_CATALOGUE", &errors));
    }
    let mut files = files.into_iter();
    let (Some((name, content)), None) = (files.next(), files.next()) else {
        return Err(Rejection::invalid("WRONG_COUNT", "files", "one JSON document"));
    };
    match layout {
        Layout::Published => Ok(Published::read(&name, &content)?.catalogue),
        Layout::National | Layout::Tables => national::read(&name, &content, ours, today),
    }
}
