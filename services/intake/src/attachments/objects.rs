//! Where contents and parts are kept: a folder of this machine, or a bucket that replicas share. Nothing in it is readable without the keys
//! in the database.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream::BoxStream};
use jiff::Timestamp;
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use phidia_domain::{Kind, Rejection, id::ObjectId};
use phidia_runtime::failure::Failure;
use secrecy::ExposeSecret as _;
use tokio::sync::OnceCell;

use super::{
    config::{Config, S3Config},
    s3::Connector,
};
use crate::store::attachments::Object;

/// How long the bucket may take to answer one request.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it may take to read an object that is read as a whole.
const LONGEST_READ: Duration = Duration::from_secs(60);
/// How often it is asked again, and for how long.
const RETRIES: RetryConfig = RetryConfig {
    backoff: object_store::BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(2),
        base: 2.0,
    },
    max_retries: 3,
    retry_timeout: Duration::from_secs(30),
};

/// The store of files.
#[derive(Debug)]
pub(crate) struct Objects {
    place: Place,
    opened: OnceCell<Arc<dyn ObjectStore>>,
}

#[derive(Debug)]
enum Place {
    Folder(PathBuf),
    Bucket(Arc<dyn ObjectStore>),
}

impl Objects {
    /// The store that is configured. A folder is made when something is first put there.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where it cannot be one.
    pub(super) fn of(config: &Config) -> Result<Self, Rejection> {
        let place = match config.store.strip_prefix("s3://") {
            Some(bucket) => Place::Bucket(bucket_of(bucket, &config.s3)?),
            None => Place::Folder(PathBuf::from(&config.store)),
        };
        Ok(Self { place, opened: OnceCell::new() })
    }

    /// Whether it is a folder of this machine.
    pub(super) fn is_folder(&self) -> bool {
        matches!(self.place, Place::Folder(_))
    }

    /// Puts an object there; once answered, it is on the disk.
    pub(super) async fn put(
        &self,
        province: &str,
        object: Object,
        sealed: Vec<Bytes>,
    ) -> Result<(), Failure> {
        let payload: PutPayload = sealed.into_iter().collect();
        self.store().await?.put(&path(province, object), payload).await.map_err(failed)?;
        Ok(())
    }

    /// The bytes of an object as they come.
    pub(super) async fn get(
        &self,
        province: &str,
        object: Object,
    ) -> Result<BoxStream<'static, Result<Bytes, Failure>>, Failure> {
        let got = self.store().await?.get(&path(province, object)).await.map_err(failed)?;
        Ok(got.into_stream().map_err(failed).boxed())
    }

    /// All bytes of an object.
    pub(super) async fn read(&self, province: &str, object: Object) -> Result<Bytes, Failure> {
        let store = self.store().await?;
        let read = async { store.get(&path(province, object)).await?.bytes().await };
        match tokio::time::timeout(LONGEST_READ, read).await {
            Ok(read) => read.map_err(failed),
            Err(_) => Err(away()),
        }
    }

    /// Deletes an object, if it is there.
    pub(super) async fn delete(&self, province: &str, object: Object) -> Result<(), Failure> {
        match self.store().await?.delete(&path(province, object)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes what nobody needs any more. What cannot be deleted now is found when orphans are looked for.
    pub(super) async fn forget(&self, province: &str, objects: &[Object]) {
        for object in objects {
            if let Err(failure) = self.delete(province, *object).await {
                tracing::info!(?object, %failure, "an object that nobody needs was not deleted yet");
            }
        }
    }

    /// Objects of a province that were put there before `before` (real time), as they are listed: there may be millions.
    pub(super) async fn old(
        &self,
        province: &str,
        before: Timestamp,
    ) -> Result<impl Stream<Item = Result<Object, Failure>> + use<>, Failure> {
        let store = self.store().await?;
        let listed = [PARTS, CONTENTS].map(|kind| {
            let folder = Path::from_iter([province, kind]);
            store.list(Some(&folder)).filter_map(move |meta| {
                std::future::ready(match meta {
                    Ok(meta) if meta.last_modified.timestamp_micros() < before.as_microsecond() => {
                        object(kind, &meta.location).map(Ok)
                    }
                    // It was deleted meanwhile.
                    Ok(_) | Err(object_store::Error::NotFound { .. }) => None,
                    Err(error) => Some(Err(failed(error))),
                })
            })
        });
        let [parts, contents] = listed;
        Ok(parts.chain(contents))
    }

    async fn store(&self) -> Result<&Arc<dyn ObjectStore>, Failure> {
        self.opened
            .get_or_try_init(async || match &self.place {
                Place::Bucket(bucket) => Ok(Arc::clone(bucket)),
                Place::Folder(folder) => {
                    tokio::fs::create_dir_all(folder).await.map_err(Failure::broken)?;
                    let files = LocalFileSystem::new_with_prefix(folder).map_err(Failure::broken)?;
                    Ok(Arc::new(files.with_fsync(true)) as Arc<dyn ObjectStore>)
                }
            })
            .await
    }
}

const PARTS: &str = "parts";
const CONTENTS: &str = "contents";

fn path(province: &str, object: Object) -> Path {
    let (kind, id) = match object {
        Object::Part(id) => (PARTS, id),
        Object::Content(id) => (CONTENTS, id),
    };
    Path::from_iter([province, kind, id.to_string().as_str()])
}

/// The object at a path; none: it is none of ours.
fn object(kind: &str, path: &Path) -> Option<Object> {
    let id: ObjectId = path.filename()?.parse().ok()?;
    Some(if kind == PARTS { Object::Part(id) } else { Object::Content(id) })
}

fn bucket_of(bucket: &str, s3: &S3Config) -> Result<Arc<dyn ObjectStore>, Rejection> {
    let wrong = |field: &str, expected: &str| Rejection::invalid("MALFORMED_CONFIG", field, expected);
    let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
    if bucket.is_empty() {
        return Err(wrong("attachments.store", "s3://bucket/prefix"));
    }
    let (Some(secret), false) = (&s3.secret_access_key, s3.access_key_id.is_empty()) else {
        return Err(wrong("attachments.s3", "access_key_id and secret_access_key"));
    };
    let options = ClientOptions::new().with_allow_http(s3.endpoint.starts_with("http://"));
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_access_key_id(&s3.access_key_id)
        .with_secret_access_key(secret.expose_secret())
        .with_client_options(options)
        .with_retry(RETRIES)
        .with_http_connector(Connector::new(s3.authority.as_deref(), PATIENCE)?);
    if !s3.region.is_empty() {
        builder = builder.with_region(&s3.region);
    }
    if !s3.endpoint.is_empty() {
        builder = builder.with_endpoint(&s3.endpoint);
    }
    let store = builder.build().map_err(|error| wrong("attachments.s3", &error.to_string()))?;
    Ok(match prefix.trim_matches('/') {
        "" => Arc::new(store),
        prefix => Arc::new(PrefixStore::new(store, prefix)),
    })
}

/// What is not there although a row names it is a fault of ours; all else may be better in a while.
fn failed(error: object_store::Error) -> Failure {
    match error {
        object_store::Error::NotFound { .. } => Failure::broken(error),
        error => {
            tracing::warn!(%error, "the store of files cannot be reached");
            away()
        }
    }
}

fn away() -> Failure {
    Rejection::new(Kind::Unavailable, "FILES_UNAVAILABLE", "the store of files cannot be reached now").into()
}
