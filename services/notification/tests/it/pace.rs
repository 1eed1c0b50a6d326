use crate::{harness::Notification, story::Story};
use phidia_notification::Config;

#[tokio::test]
async fn pace() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let stories: Vec<_> = (0..3900).map(Story::new).collect();
    let batches: Vec<_> = stories
        .chunks(80)
        .map(|some| {
            some.iter().flat_map(|s| [s.submitted(), s.opened(), s.completed(true)]).collect::<Vec<_>>()
        })
        .collect();
    let began = std::time::Instant::now();
    for batch in batches {
        service.deliver(batch).await;
    }
    eprintln!("PACE {:?}", began.elapsed());
    service.stop().await;
}
