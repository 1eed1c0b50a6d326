//! The sets of templates, with versions. The one that came with the binary is kept like those that were brought in, so that
//! every version that a message names can be read; it holds where nothing was ever brought in. Of what was, the newest holds.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use phidia_domain::{Kind, Rejection, application::check_text, caller::Caller, sms::Measure};
use phidia_runtime::{
    clock::BusinessClock,
    database::{Database, alone},
    failure::Failure,
    reference,
};
use tokio_util::sync::CancellationToken;

use super::{
    Files, Set, bundled,
    check::{self, Given},
};
use crate::{config::Config, render::Renderer, store::templates as store};

/// The number of the first set. Messages of before bear the numbers that templates had by themselves, all of them lower.
const FIRST: u16 = 100;
/// How often a process looks whether another one took a set in.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A set as it is kept, without its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) version: u16,
    /// SHA-256 of its files.
    pub(crate) digest: String,
    /// Whether it came with a binary.
    pub(crate) bundled: bool,
    /// Business time.
    pub(crate) imported_at: Timestamp,
    /// Role and name.
    pub(crate) imported_by: String,
    pub(crate) reason: String,
}

/// A set to be brought in.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) given: Given,
    pub(crate) reason: String,
    /// The version that is believed to hold.
    pub(crate) expected: u32,
}

/// What became of it.
#[derive(Clone, Debug)]
pub(crate) struct Imported {
    /// The set that holds.
    pub(crate) holds: Kept,
    pub(crate) changed: bool,
    /// What each text message takes at most, by name of its file.
    pub(crate) text_messages: BTreeMap<String, Measure>,
}

/// All sets.
#[derive(Debug)]
pub(crate) struct Templates {
    pub(super) db: Database,
    business: BusinessClock,
    /// Puts notices into words, by the set that holds.
    pub(crate) renderer: Arc<Renderer>,
    pub(super) most_parts: u32,
}

impl Templates {
    /// Those of a store, in which the set that came with this binary is kept from now on.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a time zone that is none; those of the store.
    pub(crate) async fn open(
        db: Database,
        business: BusinessClock,
        config: &Config,
    ) -> Result<Self, Failure> {
        let version = keep_bundled(&db, business.now()).await?;
        let renderer = Arc::new(Renderer::new(&config.time_zone, config.sms.without_marks, version)?);
        let templates = Self { db, business, renderer, most_parts: config.sms.parts };
        templates.look().await?;
        Ok(templates)
    }

    /// Looks again and again which set holds, until `stop`.
    pub(crate) async fn watch(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "it is not known whether other templates hold by now");
            }
        }
    }

    /// Looks which set holds, and goes by it.
    pub(crate) async fn look(&self) -> Result<(), Failure> {
        let Some(version) = store::newest_imported(self.db.read()).await? else { return Ok(()) };
        if version != self.renderer.holds().version {
            let (_, files) = self.kept(version).await?;
            self.hold(version, &files);
        }
        Ok(())
    }

    /// Looks a set through; nothing is stored.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with each fault at its place.
    pub(crate) async fn check(&self, given: Given) -> Result<Imported, Failure> {
        let sound = self.sound(given).await?;
        let (holds, _) = self.kept(self.active().await?).await?;
        Ok(Imported { holds, changed: false, text_messages: sound.text_messages })
    }

    /// Makes a set the one that holds.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with each fault at its place; `ABORTED` when another version holds than the expected one.
    pub(crate) async fn import(&self, caller: &Caller, import: Import) -> Result<Imported, Failure> {
        let Import { given, reason, expected } = import;
        check_text("reason", &reason, 1, 500)?;
        let sound = self.sound(given).await?;
        let files = sound.files.clone();
        let new = Kept {
            version: 0,
            digest: digest(&files),
            bundled: false,
            imported_at: self.business.now(),
            imported_by: format!("{}/{}", caller.role.as_str(), caller.name),
            reason,
        };
        let bundled = self.renderer.bundled();
        let (holds, changed) = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    // Of two who expect the same one, the other sees what the first brought in.
                    alone(tx, "templates").await?;
                    let active = store::newest_imported(tx).await?.unwrap_or(bundled);
                    let holds =
                        store::find(tx, active).await?.filter(|(holds, _)| holds.digest == new.digest);
                    if let Some((holds, _)) = holds {
                        return Ok((holds, false));
                    }
                    let version = next(store::newest(tx).await?);
                    let new = Kept { version, ..new };
                    if u32::from(active) != expected || !store::add(tx, new.clone(), files).await? {
                        return Err(moved_on(active).into());
                    }
                    Ok((new, true))
                })
            })
            .await?;
        if changed {
            self.hold(holds.version, &sound.files);
            tracing::info!(version = holds.version, role = caller.role.as_str(), "templates were brought in");
        }
        Ok(Imported { holds, changed, text_messages: sound.text_messages })
    }

    /// The version that holds.
    pub(crate) async fn active(&self) -> Result<u16, Failure> {
        Ok(store::newest_imported(self.db.read()).await?.unwrap_or(self.renderer.bundled()))
    }

    /// A version with its files.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn kept(&self, version: u16) -> Result<(Kept, Files), Failure> {
        let found = store::find(self.db.read(), version).await?;
        Ok(found.ok_or_else(|| unknown(version.into()))?)
    }

    /// A page of the versions before `before`, newest first.
    pub(crate) async fn page(&self, before: u16, size: u64) -> Result<Vec<Kept>, Failure> {
        store::page(self.db.read(), before, size).await
    }

    /// Looks a set through, beside the calls of others: it takes a while.
    async fn sound(&self, given: Given) -> Result<check::Sound, Failure> {
        let (renderer, most_parts) = (Arc::clone(&self.renderer), self.most_parts);
        let looked = tokio::task::spawn_blocking(move || check::whole(given, &renderer, most_parts));
        Ok(looked.await.map_err(Failure::broken)??)
    }

    fn hold(&self, version: u16, files: &Files) {
        let (set, unreadable) = Set::read(version, files, false);
        for file in unreadable {
            // It was sound for the binary that took it.
            tracing::warn!(version, file = file.file, "a template cannot be read; the bundled one is used");
        }
        self.renderer.hold(Arc::new(set));
    }
}

/// Keeps the set that came with this binary, unless it is kept already; answers its version.
async fn keep_bundled(db: &Database, now: Timestamp) -> Result<u16, Failure> {
    let files = bundled::files();
    let digest = digest(&files);
    loop {
        let (files, digest) = (files.clone(), digest.clone());
        let kept = db.write(move |tx| {
            Box::pin(async move {
                if let Some(kept) = store::bundled(tx, &digest).await? {
                    return Ok(Some(kept));
                }
                let version = next(store::newest(tx).await?);
                let kept = Kept {
                    version,
                    digest,
                    bundled: true,
                    imported_at: now,
                    imported_by: format!("service/{}", crate::NAME),
                    reason: "came with the binary".to_owned(),
                };
                Ok(store::add(tx, kept, files).await?.then_some(version))
            })
        });
        // Another replica that starts as well was first, and has perhaps kept the same.
        if let Some(version) = kept.await? {
            return Ok(version);
        }
    }
}

fn next(newest: Option<u16>) -> u16 {
    newest.map_or(FIRST, |newest| newest.saturating_add(1))
}

fn digest(files: &Files) -> String {
    let files = files.iter().map(|(file, content)| (file.clone(), content.as_bytes().to_vec()));
    reference::digest(&files.collect())
}

fn moved_on(active: u16) -> Rejection {
    let message = format!("version {active} of the templates holds");
    Rejection::new(Kind::Conflict, "TEMPLATES_MOVED_ON", message).with("version", active)
}

/// There is no such version.
pub(crate) fn unknown(version: u32) -> Rejection {
    Rejection::not_found(
        "UNKNOWN_TEMPLATE_VERSION",
        format!("there is no version {version} of the templates"),
    )
}
