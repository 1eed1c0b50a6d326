//! The spool: a folder in which applications are kept from the counter until they were answered, whatever becomes of the line, of the
//! process or of the power in between.
//!
//! What is to be handed over is written down first and sent then; it leaves the folder when it was answered. Sent twice, it is one
//! application: by its idempotency key, and by its dossier code where one was reserved ([`codes`]).
//!
//! ```text
//! key            seals what is personal; made at first, readable by its owner only
//! items/evt_….item   one application each, in the order of their names
//! files/evt_…-0.file the files of its papers, which are uploaded when it is handed over
//! codes/rng_….codes  reserved codes, and which is the next
//! lock, sending  held while the folder is changed, and while it is handed over
//! ```

pub(crate) mod codes;

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use phidia_domain::{Kind, Rejection, id::EventId};
use phidia_proto::intake::v1::SubmitApplicationRequest;
use phidia_runtime::{
    clock::RealClock,
    ids::Ids,
    seal::{MasterKey, PersonKey},
};
use prost::Message as _;
use tempfile::NamedTempFile;

use self::codes::Codes;
use crate::show::aside;

/// Answers are kept for 7 days by the key alone: what was sent longer ago than this and bears no code may have been accepted, and nobody
/// would know.
const SURE_FOR: SignedDuration = SignedDuration::from_hours(6 * 24);

/// A spool.
pub(crate) struct Spool {
    folder: PathBuf,
    key: MasterKey,
}

/// The folder is not changed by others as long as this is held.
pub(crate) struct Held {
    _file: File,
}

/// An application in the spool, as it rests: what is personal is sealed.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Item {
    /// `evt_…`: its place in the order, and its idempotency key unless the user gave one.
    #[prost(string, tag = "1")]
    pub(crate) id: String,
    /// Code of the procedure.
    #[prost(string, tag = "2")]
    pub(crate) procedure_code: String,
    /// Official code of the receiving unit.
    #[prost(string, tag = "3")]
    pub(crate) received_at_code: String,
    /// Its dossier code, where one was reserved.
    #[prost(string, tag = "4")]
    pub(crate) dossier_code: String,
    /// When it was written down, by this machine's clock.
    #[prost(message, optional, tag = "5")]
    pub(crate) kept_at: Option<prost_types::Timestamp>,
    /// When it was first sent without an answer.
    #[prost(message, optional, tag = "6")]
    pub(crate) tried_at: Option<prost_types::Timestamp>,
    /// Why it was refused.
    #[prost(message, optional, tag = "7")]
    pub(crate) refusal: Option<tonic_types::pb::Status>,
    /// The key that it is sealed under, wrapped.
    #[prost(bytes = "vec", tag = "8")]
    wrapped_key: Vec<u8>,
    /// The request, sealed.
    #[prost(bytes = "vec", tag = "9")]
    sealed: Vec<u8>,
    /// The files of its papers, in their order.
    #[prost(message, repeated, tag = "10")]
    pub(crate) files: Vec<ItemFile>,
    /// Who first sent it, `role/name`: keys are of one sender.
    #[prost(string, tag = "11")]
    pub(crate) tried_by: String,
    /// `drf_…`: the draft that is handed in; empty: what is to be handed in lies here.
    #[prost(string, tag = "12")]
    pub(crate) draft_id: String,
    /// Only if the draft has this revision; 0: whatever it says.
    #[prost(int64, tag = "13")]
    pub(crate) draft_revision: i64,
}

/// A file that is handed in with an application. Its name may name a person, and rests sealed with its bytes.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ItemFile {
    /// To which of the documents it belongs, from 0.
    #[prost(uint32, tag = "1")]
    pub(crate) document: u32,
    /// `att_…`, once it was uploaded.
    #[prost(string, tag = "2")]
    pub(crate) attachment_id: String,
}

/// What is sealed of a file.
#[derive(Clone, PartialEq, prost::Message)]
struct FileContent {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(bytes = "vec", tag = "2")]
    bytes: Vec<u8>,
}

/// A file that is to be handed in with an application.
pub(crate) struct Scan {
    /// To which of the documents it belongs, from 0.
    pub(crate) document: usize,
    /// Its name, without a folder.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

impl Spool {
    /// The spool in this folder, which is made where there is none.
    ///
    /// # Errors
    /// What the folder has against it; `EXPOSED_KEY` where others may read its key.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let cannot = || format!("the spool {} can't be used", folder.display());
        for part in [folder, &folder.join("items"), &folder.join("files"), &folder.join("codes")] {
            DirBuilder::new().recursive(true).mode(0o700).create(part).with_context(cannot)?;
        }
        let spool = Self { folder: folder.to_owned(), key: MasterKey::load_or_create(&folder.join("key"))? };
        Ok(spool)
    }

    /// Waits until nobody else changes the folder; changes are short.
    pub(crate) fn hold(&self) -> anyhow::Result<Held> {
        let file = self.lock_file("lock")?;
        file.lock().context("the spool can't be locked")?;
        Ok(Held { _file: file })
    }

    /// Whether nobody else hands over at this moment; then nobody does as long as this is held.
    pub(crate) fn hold_for_sending(&self) -> anyhow::Result<Option<Held>> {
        let file = self.lock_file("sending")?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Held { _file: file })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error).context("the spool can't be locked"),
        }
    }

    fn lock_file(&self, name: &str) -> anyhow::Result<File> {
        let path = self.folder.join(name);
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        file.with_context(|| format!("{} can't be opened", path.display()))
    }

    /// Writes an application down, with the next reserved code of its unit and day where there is one. Once this returns it is on the
    /// disk.
    pub(crate) fn keep(
        &self,
        mut request: SubmitApplicationRequest,
        scans: Vec<Scan>,
    ) -> anyhow::Result<Item> {
        let _held = self.hold()?;
        let now = RealClock.now();
        request.issued = self.codes().issue(&request.received_at_code, now)?;
        self.put_down(request, scans, now)
    }

    /// Writes down that a draft is to be handed in, with the next reserved code of the unit and day where there is one. What it says lies with
    /// the province.
    pub(crate) fn keep_draft(&self, draft_id: &str, revision: i64, unit: String) -> anyhow::Result<Item> {
        let _held = self.hold()?;
        let now = RealClock.now();
        let issued = self.codes().issue(&unit, now)?;
        let request = SubmitApplicationRequest { received_at_code: unit, issued, ..Default::default() };
        self.put_down_of(Some((draft_id, revision)), request, Vec::new(), now)
    }

    /// Writes an item down in place of another, with the code of that.
    pub(crate) fn keep_instead(
        &self,
        of: &Item,
        mut request: SubmitApplicationRequest,
        scans: Vec<Scan>,
    ) -> anyhow::Result<Item> {
        // What was refused under a key is another request now.
        request.idempotency_key = String::new();
        let item = {
            let _held = self.hold()?;
            self.put_down(request, scans, RealClock.now())?
        };
        // Killed in between, both are here; of one code only one is taken in.
        self.discard(&of.id)?;
        Ok(item)
    }

    /// The folder is held.
    fn put_down(
        &self,
        request: SubmitApplicationRequest,
        scans: Vec<Scan>,
        now: Timestamp,
    ) -> anyhow::Result<Item> {
        self.put_down_of(None, request, scans, now)
    }

    /// The same; where a draft is named, with its revision, what is handed in is that.
    fn put_down_of(
        &self,
        draft: Option<(&str, i64)>,
        mut request: SubmitApplicationRequest,
        scans: Vec<Scan>,
        now: Timestamp,
    ) -> anyhow::Result<Item> {
        let id = Ids::random().mint::<EventId>(now).to_string();
        if request.idempotency_key.is_empty() {
            request.idempotency_key.clone_from(&id);
        }
        let key = PersonKey::generate();
        // First the files: an item that is there is whole.
        let mut files = Vec::with_capacity(scans.len());
        for (number, Scan { document, name, bytes }) in scans.into_iter().enumerate() {
            let content = FileContent { name, bytes }.encode_to_vec();
            write(&self.path_of_file(&id, number), &key.seal_bytes(&file_context(&id, number), content)?)?;
            files.push(ItemFile { document: document.try_into()?, attachment_id: String::new() });
        }
        let item = Item {
            files,
            procedure_code: request.procedure_code.clone(),
            received_at_code: request.received_at_code.clone(),
            dossier_code: request
                .issued
                .as_ref()
                .map(|issued| issued.dossier_code.clone())
                .unwrap_or_default(),
            kept_at: Some(phidia_proto::convert::wire_timestamp(now)),
            tried_at: None,
            tried_by: String::new(),
            refusal: None,
            wrapped_key: key.wrap(&self.key)?,
            sealed: key.seal_bytes(&context(&id), request.encode_to_vec())?,
            draft_id: draft.map(|(draft_id, _)| draft_id.to_owned()).unwrap_or_default(),
            draft_revision: draft.map_or(0, |(_, revision)| revision),
            id,
        };
        self.save(&item)?;
        Ok(item)
    }

    /// What is in the spool, the oldest first. What is damaged is told, and keeps none of the others.
    pub(crate) fn items(&self) -> anyhow::Result<Vec<Item>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.folder.join("items")).context("the spool can't be read")? {
            let path = entry.context("the spool can't be read")?.path();
            if path.extension().is_some_and(|extension| extension == "item") {
                names.push(path);
            }
        }
        // An id carries the millisecond of its minting.
        names.sort();
        let mut items = Vec::with_capacity(names.len());
        for path in names {
            match fs::read(&path) {
                Ok(bytes) => match Item::decode(bytes.as_slice()) {
                    Ok(item) => items.push(item),
                    Err(error) => aside(&format!("{}: {error}", path.display())),
                },
                // Answered in between.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("{} can't be read", path.display())),
            }
        }
        Ok(items)
    }

    /// The item with this id.
    ///
    /// # Errors
    /// `NOT_IN_SPOOL`.
    pub(crate) fn item(&self, id: &str) -> anyhow::Result<Item> {
        Ok(self.items()?.into_iter().find(|item| item.id == id).ok_or_else(not_there)?)
    }

    /// What an item will ask for.
    pub(crate) fn request(&self, item: &Item) -> anyhow::Result<SubmitApplicationRequest> {
        let key = PersonKey::unwrap(&self.key, &item.wrapped_key)?;
        let bytes = key.open_bytes(&context(&item.id), &item.sealed)?;
        Ok(SubmitApplicationRequest::decode(bytes.as_slice())?)
    }

    /// Writes an item down as it stands.
    pub(crate) fn save(&self, item: &Item) -> anyhow::Result<()> {
        write(&self.path_of(&item.id), &item.encode_to_vec())
    }

    /// One of the files of an item's papers, from 0.
    pub(crate) fn scan(&self, item: &Item, number: usize) -> anyhow::Result<Scan> {
        let key = PersonKey::unwrap(&self.key, &item.wrapped_key)?;
        let file = item.files.get(number).context("no such file")?;
        let path = self.path_of_file(&item.id, number);
        let sealed = fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
        let content = key.open_bytes(&file_context(&item.id, number), &sealed)?;
        let FileContent { name, bytes } = FileContent::decode(content.as_slice())?;
        Ok(Scan { document: usize::try_from(file.document)?, name, bytes })
    }

    /// Takes out what has this id: it was answered, or is thrown away, also where it is damaged.
    ///
    /// # Errors
    /// `NOT_IN_SPOOL`.
    pub(crate) fn discard(&self, id: &str) -> anyhow::Result<()> {
        let _held = self.hold()?;
        id.parse::<EventId>().map_err(|_| not_there())?;
        let path = self.path_of(id);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(not_there().into()),
            Err(error) => {
                return Err(error).with_context(|| format!("{} can't be removed", path.display()));
            }
        }
        sync(&self.folder.join("items"))?;
        self.remove_files_of_none()
    }

    /// Takes out the files of what is not there: of a process that was killed before it had written all, or removed all.
    pub(crate) fn clean(&self) -> anyhow::Result<()> {
        let _held = self.hold()?;
        self.remove_files_of_none()
    }

    fn remove_files_of_none(&self) -> anyhow::Result<()> {
        let folder = self.folder.join("files");
        for entry in fs::read_dir(&folder).context("the spool can't be read")? {
            let path = entry.context("the spool can't be read")?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // Whatever else lies there was not written whole.
            let is_wanted = name.rsplit_once('-').is_some_and(|(id, _)| self.path_of(id).exists());
            if !is_wanted {
                fs::remove_file(&path).with_context(|| format!("{} can't be removed", path.display()))?;
            }
        }
        sync(&folder)
    }

    /// The codes that it gives out.
    pub(crate) fn codes(&self) -> Codes {
        Codes::of(self.folder.join("codes"))
    }

    fn path_of_file(&self, id: &str, number: usize) -> PathBuf {
        self.folder.join("files").join(format!("{id}-{number}.file"))
    }

    fn path_of(&self, id: &str) -> PathBuf {
        self.folder.join("items").join(format!("{id}.item"))
    }
}

impl Item {
    /// Whether this sender (`role/name`) may send it without a person looking at it: neither was it refused, nor may it have been accepted
    /// without anybody knowing.
    pub(crate) fn is_ready(&self, now: Timestamp, sender: &str) -> bool {
        self.refusal.is_none() && !self.is_unsure(now, sender)
    }

    /// Whether it may have been accepted, and nothing would tell this sender: it was tried long ago, or by somebody else, and has no code of
    /// its own. A draft becomes one application, however often it is handed in.
    pub(crate) fn is_unsure(&self, now: Timestamp, sender: &str) -> bool {
        let tried = self.tried_at.as_ref().and_then(|at| Timestamp::new(at.seconds, at.nanos).ok());
        let untold = |at| now.duration_since(at) > SURE_FOR || self.tried_by != sender;
        self.dossier_code.is_empty() && self.draft_id.is_empty() && tried.is_some_and(untold)
    }

    /// Its files are uploaded anew.
    pub(crate) fn forget_uploads(&mut self) {
        self.files.iter_mut().for_each(|file| file.attachment_id.clear());
    }
}

fn not_there() -> Rejection {
    Rejection::new(Kind::NotFound, "NOT_IN_SPOOL", "nothing in the spool has this id")
}

fn context(id: &str) -> String {
    format!("spool/{id}")
}

fn file_context(id: &str, number: usize) -> String {
    format!("spool/{id}/{number}")
}

/// Writes a file whole or not at all, and to the disk.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let cannot = || format!("{} can't be written", path.display());
    let folder = path.parent().with_context(cannot)?;
    let mut file = NamedTempFile::new_in(folder).with_context(cannot)?;
    file.write_all(bytes).with_context(cannot)?;
    file.as_file().sync_all().with_context(cannot)?;
    file.persist(path).with_context(cannot)?;
    sync(folder)
}

/// A name that was given or taken away is on the disk.
fn sync(folder: &Path) -> anyhow::Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("{} can't be written to the disk", folder.display()))
}

#[cfg(test)]
mod tests;
