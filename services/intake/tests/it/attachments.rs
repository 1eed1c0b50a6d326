//! Files that belong to applications, from the first byte of an upload to the last of a download.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use ::harness::{
    s3_server::S3Server,
    virus_scanner::{EICAR, VirusScanner},
};
use futures::{StreamExt as _, stream};
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
};
use phidia_intake::{AttachmentConfig, AttachmentRetention, AttachmentS3Config};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{CaseCompleted, StepOutcome, SupplementRequested, event::Fact},
    intake::v1::{
        Attachment, AttachmentState, BeginUploadRequest, DeleteAttachmentRequest, DownloadAttachmentRequest,
        GetAttachmentRequest, GetLimitsRequest, ListAttachmentsRequest, Receipt,
        SupplementApplicationRequest, UploadRequest, UploadStart, upload_request::Piece,
    },
};
use phidia_runtime::{digest::sha256, status::from_status};
use proptest::prelude::*;
use sea_orm::{ConnectionTrait as _, Statement};
use tonic::Status;

use crate::{
    harness::{Intake, at, caller, officer, operator, request, until},
    progress::{event, opened, tell, unit},
};

const NAME: &str = "Giấy khai sinh của Bùi Thị Kín.pdf";
const PDF: &str = "application/pdf";

fn citizen() -> Caller {
    caller(Role::Citizen, None)
}

fn another() -> Caller {
    Caller { name: "another".into(), ..citizen() }
}

/// A PDF of one page and so many bytes at least; another one for each seed.
pub(crate) fn pdf(least: usize, seed: u64) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let scan: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b'a' + u8::try_from(state % 26).unwrap()
    })
    .take(least)
    .collect();
    let mut places = Vec::new();
    let scan = String::from_utf8(scan).unwrap();
    for (number, body) in (1..).zip([
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{scan}\nendstream", scan.len()),
    ]) {
        places.push(file.len());
        file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let table = file.len();
    file.extend(b"xref\n0 5\n0000000000 65535 f \n");
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").bytes());
    file
}

/// The same with EICAR's test file in it.
pub(crate) fn infected_pdf(seed: u64) -> Vec<u8> {
    let file = pdf(500, seed);
    let at = file.windows(6).position(|piece| piece == b"stream").unwrap() + 50;
    let eicar = EICAR.concat();
    [&file[..at], eicar.as_bytes(), &file[at + eicar.len()..]].concat()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let walked = entries.map(|path| if path.is_dir() { files_in(&path) } else { vec![path] });
    walked.collect::<Vec<_>>().concat()
}

fn refusal(status: Status) -> Rejection {
    from_status(&status)
}

pub(crate) fn reason<T>(answer: Result<T, Rejection>) -> String {
    answer.err().expect("it is refused").reason
}

fn told<'r>(refusal: &'r Rejection, key: &str) -> &'r str {
    refusal.metadata.iter().find(|(known, _)| known == key).map_or("", |(_, value)| value)
}

impl Intake {
    async fn begin(&self, caller: Caller, key: &str, file: &[u8]) -> Result<Attachment, Rejection> {
        let request = BeginUploadRequest {
            idempotency_key: key.into(),
            file_name: NAME.into(),
            media_type: PDF.into(),
            size_bytes: file.len().try_into().unwrap(),
            sha256: String::new(),
        };
        self.begin_as(caller, request).await
    }

    async fn begin_as(&self, caller: Caller, request: BeginUploadRequest) -> Result<Attachment, Rejection> {
        let answer = self.attachments(caller).begin_upload(request).await.map_err(refusal)?;
        Ok(answer.into_inner().attachment.unwrap())
    }

    /// Sends these chunks from an offset on.
    async fn send(
        &self,
        caller: Caller,
        id: &str,
        offset: usize,
        chunks: Vec<Vec<u8>>,
    ) -> Result<Attachment, Rejection> {
        let start = UploadStart { attachment_id: id.into(), offset: offset.try_into().unwrap() };
        let pieces = [Piece::Start(start)].into_iter().chain(chunks.into_iter().map(Piece::Chunk));
        self.send_pieces(caller, pieces.collect()).await
    }

    async fn send_pieces(&self, caller: Caller, pieces: Vec<Piece>) -> Result<Attachment, Rejection> {
        let pieces = stream::iter(pieces).map(|piece| UploadRequest { piece: Some(piece) });
        let answer = self.attachments(caller).upload(pieces).await.map_err(refusal)?;
        Ok(answer.into_inner().attachment.unwrap())
    }

    /// Uploads a file as a whole.
    pub(crate) async fn uploaded(&self, caller: Caller, key: &str, file: &[u8]) -> Attachment {
        let begun = self.begin(caller.clone(), key, file).await.unwrap();
        let chunks = file.chunks(1 << 20).map(<[u8]>::to_vec).collect();
        self.send(caller, &begun.attachment_id, 0, chunks).await.unwrap()
    }

    pub(crate) async fn shown(&self, caller: Caller, id: &str) -> Result<Attachment, Rejection> {
        let request = GetAttachmentRequest { attachment_id: id.into() };
        let answer = self.attachments(caller).get_attachment(request).await.map_err(refusal)?;
        Ok(answer.into_inner().attachment.unwrap())
    }

    pub(crate) async fn listed(
        &self,
        caller: Caller,
        application: &str,
    ) -> Result<Vec<Attachment>, Rejection> {
        let request = ListAttachmentsRequest { application_id: application.into(), ..Default::default() };
        self.listed_as(caller, request).await
    }

    async fn listed_as(
        &self,
        caller: Caller,
        request: ListAttachmentsRequest,
    ) -> Result<Vec<Attachment>, Rejection> {
        let answer = self.attachments(caller).list_attachments(request).await.map_err(refusal)?;
        Ok(answer.into_inner().attachments)
    }

    pub(crate) async fn downloaded(&self, caller: Caller, id: &str) -> Result<Vec<u8>, Rejection> {
        let request = DownloadAttachmentRequest { attachment_id: id.into(), ..Default::default() };
        self.downloaded_as(caller, request).await
    }

    async fn downloaded_as(
        &self,
        caller: Caller,
        request: DownloadAttachmentRequest,
    ) -> Result<Vec<u8>, Rejection> {
        let answer = self.attachments(caller).download_attachment(request).await.map_err(refusal)?;
        let mut messages = answer.into_inner();
        let first = messages.message().await.map_err(refusal)?.unwrap();
        assert!(first.attachment.is_some() && first.chunk.is_empty());
        let mut bytes = Vec::new();
        while let Some(message) = messages.message().await.map_err(refusal)? {
            assert!(message.attachment.is_none());
            bytes.extend(message.chunk);
        }
        Ok(bytes)
    }

    async fn deleted(&self, caller: Caller, id: &str) -> Result<(), Rejection> {
        let request = DeleteAttachmentRequest { attachment_id: id.into() };
        self.attachments(caller).delete_attachment(request).await.map_err(refusal)?;
        Ok(())
    }

    pub(crate) async fn supplement(
        &self,
        caller: Caller,
        receipt: &Receipt,
        ids: &[&str],
    ) -> Result<(), Rejection> {
        let request = SupplementApplicationRequest {
            dossier_code: receipt.dossier_code.clone(),
            check_code: receipt.check_code.clone(),
            attachment_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        };
        self.applications(caller).supplement_application(request).await.map_err(refusal)?;
        Ok(())
    }

    /// An application that waits for a supplement; `number`: of the first of the two events that say so.
    pub(crate) async fn asked(&self, key: &str, number: u128) -> Receipt {
        let receipt = self.submit(request(key)).await.unwrap();
        let id = receipt.application_id.as_str();
        let asked = Fact::SupplementRequested(SupplementRequested {
            reasons: vec!["Giấy khai sinh".into()],
            until: Some(wire_timestamp(at("2026-12-23T02:00:00Z"))),
            unit_id: unit("2"),
            ..SupplementRequested::default()
        });
        tell(self, &[event(number, id, opened("2")), event(number + 1, id, asked)]).await;
        receipt
    }

    /// All files in the store of files.
    pub(crate) fn objects(&self) -> Vec<PathBuf> {
        files_in(&self.path().join("attachments"))
    }

    pub(crate) async fn counted(&self, table: &str) -> i64 {
        let sql = Statement::from_string(self.db.backend(), format!("select count(*) from {table}"));
        self.db.read().query_one_raw(sql).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }
}

#[tokio::test]
async fn a_file_is_uploaded_over_a_line_that_is_cut_and_is_the_same_again() {
    let intake = Intake::new().await;
    let file = pdf(2_500_000, 1);
    let begun = intake.begin(citizen(), "k", &file).await.unwrap();
    let id = begun.attachment_id.as_str();
    assert_eq!(
        (begun.state(), begun.stored_bytes, begun.file_name.as_str()),
        (AttachmentState::Uploading, 0, NAME)
    );
    assert!(begun.kept_until.is_some());

    // It goes on from where it broke off, and nowhere else.
    let first = file[..1_200_000].chunks(100_000).map(<[u8]>::to_vec).collect();
    let cut = intake.send(citizen(), id, 0, first).await.unwrap();
    assert_eq!((cut.state(), cut.stored_bytes), (AttachmentState::Uploading, 1_200_000));
    for wrong in [0, 1_199_999, 1_200_001] {
        let refused = intake.send(citizen(), id, wrong, Vec::new()).await.unwrap_err();
        assert_eq!((refused.reason.as_str(), told(&refused, "stored_bytes")), ("WRONG_OFFSET", "1200000"));
        assert_eq!(refused.violations[0].field, "start.offset");
    }
    // Announced again, it is the same one.
    assert_eq!(intake.begin(citizen(), "k", &file).await.unwrap().stored_bytes, 1_200_000);
    assert_eq!(reason(intake.begin(citizen(), "k", &file[1..]).await), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(reason(intake.downloaded(citizen(), id).await), "NOT_UPLOADED_YET");

    let rest = file[1_200_000..].chunks(1_000_000).map(<[u8]>::to_vec).collect();
    let whole = intake.send(citizen(), id, 1_200_000, rest).await.unwrap();
    assert_eq!((whole.state(), whole.pages, &whole.sha256), (AttachmentState::Clean, 1, &sha256(&file)));
    assert!(intake.downloaded(citizen(), id).await.unwrap() == file);
    // Sent again after a lost answer.
    let again = intake.send(citizen(), id, 0, vec![file.clone()]).await.unwrap();
    assert_eq!((again.state(), again.stored_bytes), (AttachmentState::Clean, whole.size_bytes));
    // Of its parts nothing is left, and nothing readable.
    let objects = intake.objects();
    assert_eq!(objects.len(), 1);
    let rests = std::fs::read(&objects[0]).unwrap();
    assert!(!rests.windows(16).any(|piece| file.windows(16).next() == Some(piece)));
    assert_eq!(intake.counted("attachment_part").await, 0);

    let intake = intake.restarted().await;
    assert!(intake.downloaded(citizen(), id).await.unwrap() == file);
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_may_begin_again() {
    let intake = Intake::new().await;
    let file = pdf(1_000, 1);
    let announce = |name: &str, media_type: &str, size: i64, digest: &str| BeginUploadRequest {
        idempotency_key: "wrong".into(),
        file_name: name.into(),
        media_type: media_type.into(),
        size_bytes: size,
        sha256: digest.into(),
    };
    for (request, field, reason) in [
        (announce("a.exe", PDF, 5, ""), "file_name", "NAME_OF_ANOTHER_TYPE"),
        (announce("a.exe", "application/x-msdownload", 5, ""), "media_type", "MEDIA_TYPE_NOT_TAKEN"),
        (
            announce(
                "a.docx",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                5,
                "",
            ),
            "media_type",
            "MEDIA_TYPE_NOT_TAKEN",
        ),
        (announce("a.pdf", PDF, 20_000_001, ""), "size_bytes", "TOO_LARGE"),
        (announce("a.pdf", PDF, 0, ""), "size_bytes", "MISSING_FIELD"),
        (announce("a.pdf", PDF, 5, "xyz"), "sha256", "MALFORMED_DIGEST"),
        (announce("", PDF, 5, ""), "file_name", "MISSING_FIELD"),
    ] {
        let refused = intake.begin_as(citizen(), request).await.unwrap_err();
        assert_eq!((refused.violations[0].field.as_str(), refused.reason.as_str()), (field, reason));
    }
    // Whoever asks first learns all of that without sending anything.
    let limits = intake.attachments(citizen()).get_limits(GetLimitsRequest {}).await.unwrap().into_inner();
    let kinds: Vec<_> =
        limits.kinds.iter().map(|kind| (kind.media_type.as_str(), kind.endings.join(" "))).collect();
    assert_eq!(
        kinds,
        [
            (PDF, "pdf".into()),
            ("image/jpeg", "jpg jpeg".into()),
            ("image/png", "png".into()),
            ("image/tiff", "tif tiff".into())
        ]
    );
    assert_eq!((limits.most_bytes, limits.most_pages, limits.most_megapixels), (20_000_000, 500, 200));
    assert_eq!((limits.most_files, limits.most_chunk_bytes), (50, 1_048_576));
    intake.begin_as(citizen(), announce("a.pdf", PDF, limits.most_bytes, "")).await.unwrap();
    let most = intake.begin_as(citizen(), announce("a.pdf", PDF, i64::MAX, "")).await.unwrap_err();
    assert_eq!(told(&most, "most"), "20000000");

    // An order that is none.
    let id = intake.begin(citizen(), "k", &file).await.unwrap().attachment_id;
    let start = || Piece::Start(UploadStart { attachment_id: id.clone(), offset: 0 });
    assert_eq!(reason(intake.send_pieces(citizen(), vec![Piece::Chunk(vec![1])]).await), "OUT_OF_ORDER");
    assert_eq!(reason(intake.send_pieces(citizen(), Vec::new()).await), "OUT_OF_ORDER");
    assert_eq!(reason(intake.send_pieces(citizen(), vec![start(), start()]).await), "OUT_OF_ORDER");
    let large = intake.send(citizen(), &id, 0, vec![vec![0; 1024 * 1024 + 1]]).await.unwrap_err();
    assert_eq!((large.reason.as_str(), large.violations[0].field.as_str()), ("TOO_LARGE", "chunk"));
    let nobodys = "att_00000000000000000000000000000000";
    assert_eq!(reason(intake.send(citizen(), nobodys, 0, Vec::new()).await), "UNKNOWN_ATTACHMENT");
    // Another's cannot be told from none.
    assert_eq!(reason(intake.send(another(), &id, 0, Vec::new()).await), "UNKNOWN_ATTACHMENT");
    assert_eq!(reason(intake.shown(another(), &id).await), "UNKNOWN_ATTACHMENT");

    // More than was announced, and something else than it claims: nothing of it stays, and it begins again.
    intake.send(citizen(), &id, 0, vec![file[..100].to_vec()]).await.unwrap();
    let more = intake.send(citizen(), &id, 100, vec![file.clone()]).await;
    assert_eq!(reason(more), "MORE_THAN_ANNOUNCED");
    assert_eq!(intake.shown(citizen(), &id).await.unwrap().stored_bytes, 0);
    let exe = [b"MZ".as_slice(), &vec![0; file.len() - 2]].concat();
    let refused = intake.send(citizen(), &id, 0, vec![exe]).await.unwrap_err();
    assert_eq!(refused.reason, "NOT_WHAT_IT_CLAIMS");
    assert_eq!(told(&refused, "claimed"), PDF);
    assert_eq!(told(&refused, "found"), "application/vnd.microsoft.portable-executable");
    let broken = [&file[..50], &vec![b' '; file.len() - 50]].concat();
    assert_eq!(reason(intake.send(citizen(), &id, 0, vec![broken]).await), "UNREADABLE_FILE");
    assert!(intake.objects().is_empty());
    assert_eq!(intake.shown(citizen(), &id).await.unwrap().state(), AttachmentState::Uploading);
    intake.send(citizen(), &id, 0, vec![file.clone()]).await.unwrap();
    assert!(intake.downloaded(citizen(), &id).await.unwrap() == file);

    // Another file than was announced.
    let other = BeginUploadRequest {
        idempotency_key: "other".into(),
        ..announce("a.pdf", PDF, file.len().try_into().unwrap(), &sha256(b"other"))
    };
    let id = intake.begin_as(citizen(), other).await.unwrap().attachment_id;
    assert_eq!(reason(intake.send(citizen(), &id, 0, vec![file]).await), "DIGEST_MISMATCH");
}

#[tokio::test]
async fn one_content_is_kept_once_for_all_who_have_it() {
    let intake = Intake::new().await;
    let file = pdf(600_000, 7);
    let first = intake.uploaded(citizen(), "a", &file).await;
    let second = intake.uploaded(another(), "b", &file).await;
    assert_ne!(first.attachment_id, second.attachment_id);
    assert_eq!((intake.objects().len(), intake.counted("content").await), (1, 1));
    // Whoever deletes theirs leaves it to the other.
    intake.deleted(citizen(), &first.attachment_id).await.unwrap();
    intake.deleted(citizen(), &first.attachment_id).await.unwrap();
    assert_eq!(reason(intake.begin(citizen(), "a", &file).await), "UPLOAD_GONE");
    assert_eq!(reason(intake.shown(citizen(), &first.attachment_id).await), "UNKNOWN_ATTACHMENT");
    assert!(intake.downloaded(another(), &second.attachment_id).await.unwrap() == file);
    assert_eq!(reason(intake.deleted(citizen(), &second.attachment_id).await), "UNKNOWN_ATTACHMENT");
    intake.deleted(another(), &second.attachment_id).await.unwrap();
    assert_eq!((intake.objects().len(), intake.counted("content").await), (0, 0));

    // Many at once bring the same, and it is kept once.
    let sent = (0..6).map(|number| {
        let (intake, file) = (&intake, &file);
        async move { intake.uploaded(citizen(), &format!("c{number}"), file).await.attachment_id }
    });
    let ids: BTreeSet<_> = futures::future::join_all(sent).await.into_iter().collect();
    assert_eq!((ids.len(), intake.objects().len(), intake.counted("content").await), (6, 1, 1));
}

#[tokio::test]
async fn two_streams_of_one_file_do_not_mix() {
    let intake = Intake::new().await;
    let file = pdf(3_000_000, 3);
    let id = intake.begin(citizen(), "k", &file).await.unwrap().attachment_id;
    let chunks = || file.chunks(65_536).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let both = (0..4).map(|_| intake.send(citizen(), &id, 0, chunks()));
    for answer in futures::future::join_all(both).await {
        match answer {
            Ok(whole) => assert_eq!(whole.state(), AttachmentState::Clean),
            Err(refused) => {
                assert!(["SENT_BY_ANOTHER", "WRONG_OFFSET"].contains(&&*refused.reason), "{refused}")
            }
        }
    }
    // Whoever goes on where it broke off finishes it.
    let stored = usize::try_from(intake.shown(citizen(), &id).await.unwrap().stored_bytes).unwrap();
    let rest = file[stored..].chunks(65_536).map(<[u8]>::to_vec).collect();
    intake.send(citizen(), &id, stored, rest).await.unwrap();
    assert!(intake.downloaded(citizen(), &id).await.unwrap() == file);
    assert_eq!(intake.objects().len(), 1);
}

#[tokio::test]
async fn a_supplement_brings_files_to_those_who_work_on_it_and_to_nobody_else() {
    let intake = Intake::new().await;
    let (receipt, other) = (intake.asked("k", 1).await, intake.asked("l", 3).await);
    let (file, scan) = (pdf(300_000, 1), pdf(500, 2));
    let birth = intake.uploaded(citizen(), "birth", &file).await.attachment_id;
    let card = intake.uploaded(citizen(), "card", &scan).await.attachment_id;
    let foreign = intake.uploaded(another(), "foreign", &scan).await.attachment_id;
    let half = intake.begin(citizen(), "half", &file).await.unwrap().attachment_id;

    // Each file that cannot be attached is named, and then none is.
    for (ids, field, expected) in [
        (vec![birth.as_str(), &foreign], "attachment_ids[1]", "UNKNOWN_ATTACHMENT"),
        (vec![&half, &birth], "attachment_ids[0]", "NOT_UPLOADED_YET"),
        (vec![&birth, &card, &birth], "attachment_ids[2]", "DUPLICATE"),
        (vec!["att_x"], "attachment_ids[0]", "MALFORMED_ID"),
        (vec![birth.as_str(); 51], "attachment_ids", "TOO_MANY_ATTACHMENTS"),
    ] {
        let refused = intake.supplement(citizen(), &receipt, &ids).await.unwrap_err();
        assert_eq!((refused.violations[0].field.as_str(), refused.reason.as_str()), (field, expected));
    }
    assert!(intake.listed(officer("2"), &receipt.application_id).await.unwrap().is_empty());

    intake.supplement(citizen(), &receipt, &[&birth, &card]).await.unwrap();
    intake.supplement(citizen(), &receipt, &[&birth, &card]).await.unwrap();
    let late = intake.uploaded(citizen(), "late", &scan).await.attachment_id;
    assert_eq!(reason(intake.supplement(citizen(), &receipt, &[&birth, &late]).await), "SUPPLEMENTED_BEFORE");
    assert_eq!(reason(intake.supplement(citizen(), &other, &[&birth]).await), "ATTACHED_ELSEWHERE");
    assert_eq!(reason(intake.deleted(citizen(), &birth).await), "ATTACHED");

    // Where it was received, and where it is worked on.
    for unit in ["1", "2"] {
        let listed = intake.listed(officer(unit), &receipt.application_id).await.unwrap();
        let ids: Vec<_> = listed.iter().map(|attachment| attachment.attachment_id.as_str()).collect();
        assert_eq!(ids, [&birth, &card]);
        assert_eq!(
            (listed[0].file_name.as_str(), &listed[0].application_id),
            (NAME, &receipt.application_id)
        );
        assert!(listed[0].kept_until.is_none() && listed[0].attached_at.is_some());
        assert!(intake.downloaded(officer(unit), &birth).await.unwrap() == file);
    }
    // Not elsewhere; and not the uploader, who has handed it in, unless they have the receipt.
    for caller in [officer("D"), citizen(), another()] {
        assert_eq!(reason(intake.downloaded(caller.clone(), &birth).await), "UNKNOWN_ATTACHMENT");
        assert_eq!(reason(intake.shown(caller.clone(), &birth).await), "UNKNOWN_ATTACHMENT");
        assert_eq!(reason(intake.listed(caller, &receipt.application_id).await), "UNKNOWN_APPLICATION");
    }
    let by = |receipt: &Receipt, id: &str| DownloadAttachmentRequest {
        attachment_id: id.into(),
        dossier_code: receipt.dossier_code.clone(),
        check_code: receipt.check_code.clone(),
    };
    assert!(intake.downloaded_as(citizen(), by(&receipt, &birth)).await.unwrap() == file);
    let list = ListAttachmentsRequest {
        dossier_code: receipt.dossier_code.clone(),
        check_code: receipt.check_code.clone(),
        ..Default::default()
    };
    assert_eq!(intake.listed_as(another(), list).await.unwrap().len(), 2);
    // A receipt opens what is its own, also for its own uploader.
    for id in [&foreign, &late] {
        assert_eq!(reason(intake.downloaded_as(citizen(), by(&receipt, id)).await), "UNKNOWN_ATTACHMENT");
    }
    assert_eq!(reason(intake.downloaded_as(citizen(), by(&other, &birth)).await), "UNKNOWN_ATTACHMENT");
    // Nobody guesses codes here.
    let guess = Receipt { check_code: "000000".into(), ..receipt.clone() };
    for _ in 0..10 {
        assert_eq!(reason(intake.downloaded_as(citizen(), by(&guess, &birth)).await), "UNKNOWN_RECEIPT");
    }
    assert_eq!(reason(intake.downloaded_as(citizen(), by(&receipt, &birth)).await), "TOO_MANY_WRONG_CODES");
    // Who had it is written down: two officers, and the receipt's holder.
    let sql = "select actor, by_receipt from attachment_reading order by id";
    let rows =
        intake.db.read().query_all_raw(Statement::from_string(intake.db.backend(), sql)).await.unwrap();
    let readings: Vec<(String, bool)> =
        rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect();
    assert_eq!(
        readings,
        [("officer/test".into(), false), ("officer/test".into(), false), ("citizen/test".into(), true)]
    );
    // The province sees what it may open.
    assert_eq!(intake.listed(operator(), &receipt.application_id).await.unwrap().len(), 2);
    // Names rest sealed.
    let rest = std::fs::read(intake.path().join("intake.db")).unwrap_or_default();
    assert!(!rest.windows("Bùi Thị Kín".len()).any(|piece| piece == "Bùi Thị Kín".as_bytes()));
}

#[tokio::test]
async fn one_caller_does_not_fill_the_house() {
    let file = pdf(1_000, 1);
    let size = u64::try_from(file.len()).unwrap();
    let config = AttachmentConfig {
        most_unfinished: 2,
        most_bytes: size,
        most_unclaimed_bytes: 3 * size,
        silence_seconds: 1,
        most_streams_of_one: 1,
        ..AttachmentConfig::default()
    };
    let intake = Intake::keeping(config).await;
    let first = intake.begin(citizen(), "1", &file).await.unwrap().attachment_id;
    intake.begin(citizen(), "2", &file).await.unwrap();
    let refused = intake.begin(citizen(), "3", &file).await.unwrap_err();
    assert_eq!((refused.reason.as_str(), told(&refused, "most")), ("TOO_MANY_UPLOADS", "2"));
    // It is theirs alone, and what was begun goes on.
    intake.begin(another(), "3", &file).await.unwrap();
    intake.begin(citizen(), "2", &file).await.unwrap();
    intake.send(citizen(), &first, 0, vec![file.clone()]).await.unwrap();
    intake.begin(citizen(), "3", &file).await.unwrap();
    intake
        .deleted(citizen(), &intake.begin(citizen(), "2", &file).await.unwrap().attachment_id)
        .await
        .unwrap();
    intake.uploaded(citizen(), "4", &file).await;
    let refused = intake.begin(citizen(), "5", &file).await.unwrap_err();
    assert_eq!(
        (refused.reason.as_str(), told(&refused, "most")),
        ("TOO_MUCH_UNCLAIMED", &*(3 * size).to_string())
    );

    // Whoever is silent is sent away, what they have sent stays, and meanwhile they send nothing else.
    let id = intake.begin(citizen(), "3", &file).await.unwrap().attachment_id;
    let start =
        UploadRequest { piece: Some(Piece::Start(UploadStart { attachment_id: id.clone(), offset: 0 })) };
    let some = UploadRequest { piece: Some(Piece::Chunk(file[..500].to_vec())) };
    let silent = stream::iter([start, some]).chain(stream::pending());
    let mut client = intake.attachments(citizen());
    let (answer, other) = tokio::join!(client.upload(silent), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        intake.send(citizen(), &id, 0, Vec::new()).await
    });
    assert_eq!(refusal(answer.unwrap_err()).reason, "UPLOAD_SILENT");
    assert_eq!(reason(other), "TOO_MANY_STREAMS");
    assert_eq!(intake.shown(citizen(), &id).await.unwrap().stored_bytes, 500);
}

#[tokio::test]
async fn what_nobody_wants_is_deleted() {
    let config = AttachmentConfig {
        retention: AttachmentRetention {
            procedures: [("1.1".to_owned(), 30)].into(),
            ..AttachmentRetention::default()
        },
        ..AttachmentConfig::default()
    };
    let intake = Intake::keeping(config.clone()).await;
    let receipt = intake.asked("k", 1).await;
    let kept = intake.uploaded(citizen(), "kept", &pdf(700, 1)).await.attachment_id;
    intake.supplement(citizen(), &receipt, &[&kept]).await.unwrap();
    let completed = Fact::CaseCompleted(CaseCompleted {
        outcome: StepOutcome::Approved.into(),
        completed_at: Some(wire_timestamp(at("2026-11-23T09:00:00Z"))),
        on_time: true,
        ..CaseCompleted::default()
    });
    tell(&intake, &[event(9, &receipt.application_id, completed)]).await;
    let unclaimed = intake.uploaded(citizen(), "unclaimed", &pdf(700, 2)).await.attachment_id;
    let half = intake.begin(citizen(), "half", &pdf(700, 3)).await.unwrap().attachment_id;
    intake.send(citizen(), &half, 0, vec![b"%PDF".to_vec()]).await.unwrap();
    // Of a process that was killed before it wrote down what it had stored: one long ago, one just now.
    let folder = intake.path().join("attachments/37/parts");
    std::fs::create_dir_all(&folder).unwrap();
    let orphan = |digit: &str| folder.join(format!("obj_{}", digit.repeat(32)));
    for digit in ["0", "1"] {
        std::fs::write(orphan(digit), b"sealed").unwrap();
    }
    let long_ago =
        std::fs::metadata(orphan("0")).unwrap().modified().unwrap() - Duration::from_secs(25 * 3_600);
    std::fs::File::options().write(true).open(orphan("0")).unwrap().set_modified(long_ago).unwrap();

    let round = async |intake: Intake, now: &str, left: usize| {
        let mut intake = intake.restarted_with(config.clone()).await;
        intake.clock.set(at(now));
        let workers = intake.start();
        let has_left = async || intake.objects().len() == left;
        until(&format!("{left} objects are left"), has_left).await;
        assert!(workers.stop(Duration::from_secs(10)).await);
        intake
    };
    // The same evening nobody misses anything, but the orphan is gone.
    let intake = round(intake, "2026-11-23T12:00:00Z", 4).await;
    assert!(!orphan_is_there(&intake, "0") && orphan_is_there(&intake, "1"));
    // A day later, what was not finished; a week later, what was not handed in; a month later, what has ended.
    let intake = round(intake, "2026-11-24T02:00:01Z", 3).await;
    assert_eq!(reason(intake.shown(citizen(), &half).await), "UNKNOWN_ATTACHMENT");
    intake.shown(citizen(), &unclaimed).await.unwrap();
    let intake = round(intake, "2026-11-30T02:00:01Z", 2).await;
    assert_eq!(reason(intake.shown(citizen(), &unclaimed).await), "UNKNOWN_ATTACHMENT");
    intake.shown(officer("1"), &kept).await.unwrap();
    let intake = round(intake, "2026-12-23T09:00:01Z", 1).await;
    assert_eq!(reason(intake.shown(officer("1"), &kept).await), "UNKNOWN_ATTACHMENT");
    assert!(orphan_is_there(&intake, "1"));
}

fn orphan_is_there(intake: &Intake, digit: &str) -> bool {
    intake.path().join("attachments/37/parts").join(format!("obj_{}", digit.repeat(32))).exists()
}

#[tokio::test]
async fn whoever_is_erased_leaves_no_file() {
    let intake = Intake::new().await;
    let (theirs, others) = (intake.asked("k", 1).await, intake.asked("l", 3).await);
    for (receipt, key) in [(&theirs, "theirs"), (&others, "others")] {
        let id =
            intake.uploaded(citizen(), key, &pdf(700, key.len().try_into().unwrap())).await.attachment_id;
        intake.supplement(citizen(), receipt, &[&id]).await.unwrap();
    }
    let application: uuid::Uuid = theirs.application_id.trim_start_matches("app_").parse().unwrap();
    let erase = Statement::from_sql_and_values(
        intake.db.backend(),
        "delete from person_key where person in (select person from application where id = $1)",
        [application.into()],
    );
    intake
        .db
        .write(move |tx| Box::pin(async move { tx.execute_raw(erase).await.map(drop).map_err(Into::into) }))
        .await
        .unwrap();
    let mut intake = intake.restarted().await;
    let workers = intake.start();
    until("theirs is gone", async || {
        intake.listed(officer("1"), &theirs.application_id).await.unwrap().is_empty()
    })
    .await;
    assert!(workers.stop(Duration::from_secs(10)).await);
    assert_eq!(intake.listed(officer("1"), &others.application_id).await.unwrap().len(), 1);
}

/// The same in a folder and in a bucket: files are kept once, sealed, found again, and deleted.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_keeps_files_as_a_folder_does() {
    let server = tokio::task::spawn_blocking(S3Server::start).await.unwrap();
    let bucket = AttachmentConfig {
        store: format!("s3://{}/ninh-binh/attachments", S3Server::BUCKET),
        s3: s3(&server, S3Server::KEY),
        ..AttachmentConfig::default()
    };
    for config in [AttachmentConfig::default(), bucket.clone()] {
        let intake = Intake::keeping(config.clone()).await;
        let objects = || match config.store.as_str() {
            "" => intake.objects().len(),
            // Beside each object are its sum and its metadata.
            _ => files_in(&server.folder())
                .iter()
                .filter(|path| path.to_string_lossy().ends_with("._S3rver_object"))
                .count(),
        };
        let file = pdf(2_300_000, 1);
        let id = intake.begin(citizen(), "k", &file).await.unwrap().attachment_id;
        let cut = file[..1_500_000].chunks(1 << 20).map(<[u8]>::to_vec).collect();
        intake.send(citizen(), &id, 0, cut).await.unwrap();
        assert_eq!(objects(), 2);
        let rest = file[1_500_000..].chunks(1_000_000).map(<[u8]>::to_vec).collect();
        intake.send(citizen(), &id, 1_500_000, rest).await.unwrap();
        let twin = intake.uploaded(another(), "k", &file).await.attachment_id;
        assert_eq!(objects(), 1);
        let intake = intake.restarted_with(config.clone()).await;
        assert!(intake.downloaded(citizen(), &id).await.unwrap() == file);
        intake.deleted(citizen(), &id).await.unwrap();
        assert!(intake.downloaded(another(), &twin).await.unwrap() == file);
        intake.deleted(another(), &twin).await.unwrap();
        let left = match config.store.as_str() {
            "" => intake.objects().len(),
            _ => files_in(&server.folder())
                .iter()
                .filter(|path| path.to_string_lossy().ends_with("._S3rver_object"))
                .count(),
        };
        assert_eq!(left, 0);
    }
    // Whom the bucket does not know is not let in, and the caller is told that it may be better later.
    let intruder = AttachmentConfig { s3: s3(&server, "SOMEBODY"), ..bucket.clone() };
    let intake = Intake::keeping(intruder).await;
    let id = intake.begin(citizen(), "k", &pdf(500, 1)).await.unwrap().attachment_id;
    assert_eq!(reason(intake.send(citizen(), &id, 0, vec![pdf(500, 1)]).await), "FILES_UNAVAILABLE");
    // So it is while the server is away; and then it goes on.
    let nowhere = AttachmentS3Config { endpoint: "http://127.0.0.1:1".into(), ..bucket.s3.clone() };
    let intake = intake.restarted_with(AttachmentConfig { s3: nowhere, ..bucket.clone() }).await;
    assert_eq!(reason(intake.send(citizen(), &id, 0, vec![pdf(500, 1)]).await), "FILES_UNAVAILABLE");
    let intake = intake.restarted_with(bucket).await;
    intake.send(citizen(), &id, 0, vec![pdf(500, 1)]).await.unwrap();
    assert!(intake.downloaded(citizen(), &id).await.unwrap() == pdf(500, 1));
}

fn s3(server: &S3Server, who: &str) -> AttachmentS3Config {
    AttachmentS3Config {
        endpoint: server.endpoint(),
        region: "hn".into(),
        access_key_id: who.into(),
        secret_access_key: Some(S3Server::KEY.into()),
        authority: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_scanner_finds_is_neither_attached_nor_given_out() {
    let mut scanner = VirusScanner::away();
    let config = AttachmentConfig { scanner: Some(scanner.address()), ..AttachmentConfig::default() };
    let mut intake = Intake::keeping(config).await;
    let workers = intake.start();
    let receipt = intake.asked("k", 1).await;
    let file = pdf(400_000, 1);
    let waits = intake.uploaded(citizen(), "waits", &file).await;
    assert_eq!(waits.state(), AttachmentState::Scanning);
    let infected = intake.uploaded(citizen(), "infected", &infected_pdf(1)).await;
    let (waits, infected) = (waits.attachment_id, infected.attachment_id);
    // The scanner is away: nothing is given out, and no deadline is missed for that.
    assert_eq!(reason(intake.downloaded(citizen(), &waits).await), "NOT_SCANNED_YET");
    intake.supplement(citizen(), &receipt, &[&waits, &infected]).await.unwrap();

    let started = tokio::task::spawn_blocking(move || {
        scanner.start();
        scanner
    });
    let _scanner = started.await.unwrap();
    let late = intake.uploaded(citizen(), "late", &infected_pdf(2)).await.attachment_id;
    until("all is scanned", async || {
        let listed = intake.listed(officer("2"), &receipt.application_id).await.unwrap();
        listed.iter().all(|attachment| attachment.state() != AttachmentState::Scanning)
            && intake.shown(citizen(), &late).await.unwrap().state() == AttachmentState::Quarantined
    })
    .await;
    let listed = intake.listed(officer("2"), &receipt.application_id).await.unwrap();
    let states: Vec<_> = listed.iter().map(Attachment::state).collect();
    assert_eq!(states, [AttachmentState::Clean, AttachmentState::Quarantined]);
    assert!(intake.downloaded(officer("2"), &waits).await.unwrap() == file);
    assert_eq!(reason(intake.downloaded(officer("2"), &infected).await), "QUARANTINED");
    let other = intake.asked("l", 3).await;
    assert_eq!(reason(intake.supplement(citizen(), &other, &[&late]).await), "QUARANTINED");
    // Whoever brings the same again brings nothing else.
    let again = intake.uploaded(another(), "again", &infected_pdf(2)).await;
    assert_eq!(again.state(), AttachmentState::Quarantined);
    assert!(workers.stop(Duration::from_secs(10)).await);
}

/// What a client does with a line that fails it.
#[derive(Clone, Debug)]
enum Try {
    /// Goes on where it broke off, for so many bytes, in messages of so many, and is cut off or not.
    GoOn { bytes: usize, message: usize, cut: bool },
    /// Sends from somewhere else.
    Elsewhere { offset: usize },
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let go_on = (1..4_000_usize, 1..3_000_usize, any::<bool>()).prop_map(|(bytes, message, cut)| Try::GoOn {
        bytes,
        message,
        cut,
    });
    let elsewhere = (0..9_000_usize).prop_map(|offset| Try::Elsewhere { offset });
    proptest::collection::vec(prop_oneof![4 => go_on, 1 => elsewhere], 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// However often a line is cut, whatever is sent again and from wherever: what is stored is the beginning of the file, and in the end
    /// the file, once.
    #[test]
    fn an_upload_goes_on_from_wherever_it_broke_off(tries in tries(), size in 600..8_000_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(tries, size));
    }
}

async fn play(tries: Vec<Try>, size: usize) {
    // Within one process no line is cut: the house hears of it when nothing comes for half a minute, and until then the stream counts.
    let config = AttachmentConfig { most_streams_of_one: 64, ..AttachmentConfig::default() };
    let intake = Intake::keeping(config).await;
    let file = pdf(size, 11);
    let id = intake.begin(citizen(), "k", &file).await.unwrap().attachment_id;
    let stored = async || {
        let shown = intake.shown(citizen(), &id).await.unwrap();
        usize::try_from(shown.stored_bytes).unwrap()
    };
    for attempt in tries {
        let before = stored().await;
        match attempt {
            Try::GoOn { bytes, message, cut } => {
                let sent = &file[before..file.len().min(before + bytes)];
                let start = Piece::Start(UploadStart {
                    attachment_id: id.clone(),
                    offset: before.try_into().unwrap(),
                });
                let pieces =
                    [start].into_iter().chain(sent.chunks(message).map(|chunk| Piece::Chunk(chunk.to_vec())));
                let pieces = stream::iter(pieces.collect::<Vec<_>>())
                    .map(|piece| UploadRequest { piece: Some(piece) });
                if cut {
                    // The caller goes away in the midst: some of it may have come, and none that was not sent.
                    let mut client = intake.attachments(citizen());
                    let call = client.upload(pieces.chain(stream::pending()));
                    let answer = tokio::time::timeout(Duration::from_millis(3), call).await;
                    assert!(answer.is_err() || before == file.len(), "only what is whole is answered");
                    // What came last is put away by a task of its own.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    let now = stored().await;
                    assert!((before..=before + sent.len()).contains(&now), "{before} {now}");
                } else {
                    let mut client = intake.attachments(citizen());
                    let answer = client.upload(pieces).await.unwrap().into_inner().attachment.unwrap();
                    assert_eq!(usize::try_from(answer.stored_bytes).unwrap(), before + sent.len());
                }
            }
            Try::Elsewhere { offset } => {
                let answer = intake.send(citizen(), &id, offset, vec![b"x".to_vec()]).await;
                if before == file.len() {
                    answer.unwrap();
                } else if offset != before {
                    assert_eq!(reason(answer), "WRONG_OFFSET");
                } else {
                    // By chance that is where it broke off, and the byte is a wrong one: it begins again, or it is found at the end.
                    return;
                }
                assert_eq!(stored().await, before);
            }
        }
    }
    let before = stored().await;
    let whole = intake.send(citizen(), &id, before, vec![file[before..].to_vec()]).await.unwrap();
    assert_eq!((whole.state(), &whole.sha256), (AttachmentState::Clean, &sha256(&file)));
    assert!(intake.downloaded(citizen(), &id).await.unwrap() == file);
    assert_eq!((intake.objects().len(), intake.counted("attachment_part").await), (1, 0));
}
