//! How fast files come in and go out, beside what the disk does with the same bytes in the same run: written in pieces of the
//! same length, each synced, and read again; and what a scanned page costs an application.

use std::{
    fs::{self, File},
    io::Write as _,
    thread,
    time::{Duration, Instant},
};

use harness::{client::Client, process::Phidia, province, workspace};
use phidia_proto::intake::v1::{
    AttachmentState, BeginUploadRequest, DownloadAttachmentRequest, UploadRequest, UploadStart,
    attachment_service_client::AttachmentServiceClient, upload_request::Piece,
};
use phidia_runtime::peer::Peer;
use tokio::task::JoinSet;

use crate::{Play, Run, house::House, load::Citizens, say, yardstick};

/// Bytes of one file; the default allows no more.
const SIZE: usize = 19_000_000;
const PIECE: usize = 1 << 20;
/// So many files go each way, by so many callers at once.
const FILES: usize = 16;
const CALLERS: [usize; 2] = [1, 4];

/// Nothing is asserted but that each file is the same again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement that wants the machine to itself: README.md"]
async fn uploads_beside_the_bare_disk() {
    let folder = tempfile::tempdir().unwrap();
    let phidia = Phidia::up(&folder.path().join("data"), &["--empty"]);
    province::write(&folder.path().join("province"), &province::files());
    let imported = phidia.cli(&[
        "province",
        "import",
        "--allow-uncovered",
        folder.path().join("province").to_str().unwrap(),
    ]);
    assert!(imported.status.success());
    say("| callers | disk: MB/s in | upload: MB/s | ratio | disk: MB/s out | download: MB/s | ratio |");
    say("|--:|--:|--:|--:|--:|--:|--:|");
    for (round, callers) in (0_u8..).zip(CALLERS) {
        let files: Vec<_> = (0..FILES)
            .map(|number| scan(SIZE, u64::from(round) << 8 | u64::try_from(number).unwrap()))
            .collect();
        let (disk_in, disk_out) = bare(folder.path().join(format!("bare{round}")).as_path(), &files);
        let mut uploading = JoinSet::new();
        let since = Instant::now();
        for (caller, own) in files.chunks(FILES / callers).enumerate() {
            let (client, own) = (client(phidia.endpoint.as_str()), own.to_vec());
            uploading.spawn(async move { upload(client, &format!("{round}-{caller}"), own).await });
        }
        let ids: Vec<_> = uploading.join_all().await.into_iter().flatten().collect();
        let up = rate(since.elapsed());
        let mut downloading = JoinSet::new();
        let since = Instant::now();
        for own in ids.chunks(FILES / callers) {
            let (client, own) = (client(phidia.endpoint.as_str()), own.to_vec());
            downloading.spawn(async move { download(client, own).await });
        }
        let came: Vec<_> = downloading.join_all().await.into_iter().flatten().collect();
        let down = rate(since.elapsed());
        assert!(came.iter().all(|file| files.contains(file)) && came.len() == FILES);
        say(&format!(
            "| {callers} | {disk_in:.0} | {up:.0} | {:.2} | {disk_out:.0} | {down:.0} | {:.2} |",
            up / disk_in,
            down / disk_out
        ));
    }
}

/// Bytes of a page that was scanned at a counter.
const PAGE: usize = 300_000;
/// So many hand in at once.
const CLIENTS: usize = 8;

/// Nothing is asserted but that everything accepted is assigned and in exactly one place. `LOAD_SECONDS` (10) is how long each
/// part lasts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement that wants the machine to itself: README.md"]
async fn submissions_with_and_without_files() {
    let seconds = std::env::var("LOAD_SECONDS").map_or(10, |text| text.parse().expect("a number"));
    let lasting = Duration::from_secs(seconds);
    let mut house = House::with_stores_only();
    let [pgbench] = yardstick::transactions(&house.postgres, [CLIENTS], seconds);
    let folder = tempfile::tempdir().unwrap();
    let disk = tokio::task::block_in_place(|| pages(folder.path(), lasting));
    house.open(&workspace::root().join("deploy/province/ninh-binh"));
    let citizens = Citizens::of_ninh_binh(house.intake()).await;
    let mut run = Run { house, citizens, lasting, accepted: 0 };
    run.play(Play::Closed(CLIENTS)).await;
    let without = run.play(Play::Closed(CLIENTS)).await.handed;
    run.citizens.scanned_page = Some(PAGE);
    let with = run.play(Play::Closed(CLIENTS)).await.handed;
    let (tx, alone, both) = (pgbench.per_second, without.per_second, with.per_second);
    say(
        "| `pgbench`: tx/s | disk: pages/s | submissions/s | ratio | with a page each | to tx | to the disk | failed |",
    );
    say("|--:|--:|--:|--:|--:|--:|--:|--:|");
    say(&format!(
        "| {tx:.0} | {disk:.0} | {alone:.0} | {:.3} | {both:.0} | {:.3} | {:.3} | {} |",
        alone / tx,
        both / tx,
        both / disk,
        without.failed + with.failed
    ));
    run.judge();
}

/// How many pages a second so many threads write and sync.
fn pages(folder: &std::path::Path, lasting: Duration) -> f64 {
    let since = Instant::now();
    let written: usize = thread::scope(|scope| {
        let writers: Vec<_> = (0..CLIENTS)
            .map(|writer| {
                scope.spawn(move || {
                    let page = scan(PAGE, writer.try_into().unwrap());
                    let mut written = 0;
                    while since.elapsed() < lasting {
                        let mut file = File::create(folder.join(format!("{writer}-{written}"))).unwrap();
                        file.write_all(&page).unwrap();
                        file.sync_all().unwrap();
                        written += 1;
                    }
                    written
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    written as f64 / since.elapsed().as_secs_f64()
}

fn client(endpoint: &str) -> AttachmentServiceClient<Peer> {
    AttachmentServiceClient::new(Client::system(endpoint).peer())
}

/// A PDF of one page and about so many bytes that no other is like, nor packs.
pub(crate) fn scan(size: usize, seed: u64) -> Vec<u8> {
    let head = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
                2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
                3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>\nendobj\n4 0 obj\n";
    let end = "\nendstream\nendobj\nxref\n0 1\n0000000000 65535 f \n1 3\n\
               0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \n\
               trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n";
    let length = size - 1_000;
    let mut file = format!("{head}<< /Length {length} >>\nstream\n").into_bytes();
    let mut state = seed | 1 << 32;
    let dots = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()
    });
    file.extend(dots.take(length / 8).flatten());
    let table = file.len() + end.find("xref").unwrap();
    file.extend(format!("{end}{table}\n%%EOF\n").bytes());
    file
}

/// MB/s with which the disk takes and gives.
fn bare(folder: &std::path::Path, files: &[Vec<u8>]) -> (f64, f64) {
    fs::create_dir(folder).unwrap();
    let path = |number: usize, piece: usize| folder.join(format!("{number}-{piece}"));
    let since = Instant::now();
    for (number, file) in files.iter().enumerate() {
        for (piece, bytes) in file.chunks(PIECE).enumerate() {
            let mut written = File::create(path(number, piece)).unwrap();
            written.write_all(bytes).unwrap();
            written.sync_all().unwrap();
        }
        File::open(folder).unwrap().sync_all().unwrap();
    }
    let taken = rate(since.elapsed());
    let since = Instant::now();
    for (number, file) in files.iter().enumerate() {
        let read = (0..file.len().div_ceil(PIECE)).map(|piece| fs::read(path(number, piece)).unwrap().len());
        assert_eq!(read.sum::<usize>(), file.len());
    }
    (taken, rate(since.elapsed()))
}

async fn upload(mut client: AttachmentServiceClient<Peer>, key: &str, files: Vec<Vec<u8>>) -> Vec<String> {
    let mut ids = Vec::new();
    for (number, file) in files.into_iter().enumerate() {
        ids.push(send(&mut client, &format!("{key}-{number}"), &file).await);
    }
    ids
}

/// Sends a file, and answers its id.
pub(crate) async fn send(client: &mut AttachmentServiceClient<Peer>, key: &str, file: &[u8]) -> String {
    let request = BeginUploadRequest {
        idempotency_key: key.to_owned(),
        file_name: "scan.pdf".into(),
        media_type: "application/pdf".into(),
        size_bytes: file.len().try_into().unwrap(),
        sha256: String::new(),
    };
    let begun = client.begin_upload(request).await.unwrap().into_inner().attachment.unwrap();
    let id = begun.attachment_id;
    let start = UploadStart { attachment_id: id.clone(), offset: 0 };
    let chunks: Vec<_> = file.chunks(256 * 1024).map(|chunk| Piece::Chunk(chunk.to_vec())).collect();
    let pieces = [Piece::Start(start)].into_iter().chain(chunks);
    let pieces = tokio_stream::iter(pieces.map(|piece| UploadRequest { piece: Some(piece) }));
    let sent = client.upload(pieces).await.unwrap().into_inner().attachment.unwrap();
    assert_eq!(sent.state(), AttachmentState::Clean);
    id
}

async fn download(mut client: AttachmentServiceClient<Peer>, ids: Vec<String>) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for id in ids {
        let request = DownloadAttachmentRequest { attachment_id: id, ..Default::default() };
        let mut messages = client.download_attachment(request).await.unwrap().into_inner();
        let mut file = Vec::new();
        while let Some(message) = messages.message().await.unwrap() {
            file.extend(message.chunk);
        }
        files.push(file);
    }
    files
}

/// Megabytes per second of all files.
fn rate(took: Duration) -> f64 {
    (FILES * SIZE) as f64 / 1e6 / took.as_secs_f64()
}
