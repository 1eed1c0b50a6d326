//! The configuration of a process, in layers: defaults, a TOML file, `PHIDIA_CONFIG_A__B` in the
//! environment, the command line. A key that nobody knows is refused.

use std::{
    fs::{self, File, TryLockError},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use phidia_board::{Board, BoardConfig, MemoryBoard, RedisBoard};
use phidia_domain::{Kind, Rejection};
use phidia_runtime::{
    clock::{BusinessClock, RealClock},
    config,
    database::{Database, DatabaseConfig},
    failure::Failure,
    identity::Trust,
    ids::Ids,
    seal::{BrowserKey, MasterKey},
    sign::SigningKey,
    stack::StackConfig,
    telemetry::{LogConfig, TelemetryConfig},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    command::{ConfigOptions, ServiceName},
    conservation::ConservationConfig,
    serve, show,
};

const ENVIRONMENT: &str = "PHIDIA_CONFIG";

/// What a process is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Folder of SQLite files and of the master key.
    pub(crate) data: PathBuf,
    /// The name of this process among the replicas of its service, to be kept when it is started again: then it
    /// goes on at once with what its predecessor held. By default the machine's, as containers of Kubernetes
    /// have it. Replicas on one machine need names of their own.
    pub(crate) replica: Option<String>,
    /// How long calls may take to end when the process is stopped.
    pub(crate) grace_seconds: u64,
    /// What callers must present, so that the identity in their headers is believed. Required where the
    /// address is not of this machine only.
    #[serde(skip_serializing)]
    pub(crate) token: Option<SecretString>,
    /// 64 hexadecimal digits, the same for intake, processing and notification, and for all their replicas; by default a key file in the data folder,
    /// made on the first start. Required where the database is PostgreSQL's: replicas have no folder in common.
    #[serde(skip_serializing)]
    pub(crate) master_key: Option<SecretString>,
    pub(crate) receipts: Receipts,
    /// Where to answer for health, readiness and metrics over HTTP, to whoever reaches it; none: nowhere.
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) log: LogConfig,
    /// Where traces, metrics and logs are sent.
    pub(crate) telemetry: TelemetryConfig,
    pub(crate) stack: StackConfig,
    /// Where the other services are (`serve` only).
    pub(crate) peers: Peers,
    pub(crate) databases: Databases,
    /// The Redis that the board is on; by default it is in the memory of routing's one process.
    pub(crate) board: Option<BoardConfig>,
    /// How often conservation runs by itself.
    pub(crate) conservation: ConservationConfig,
    pub(crate) intake: phidia_intake::Config,
    /// Files that belong to applications: which are taken, where they are kept, who scans them (intake's).
    pub(crate) attachments: phidia_intake::AttachmentConfig,
    /// Numbers at the counters of the centres.
    pub(crate) queue: phidia_intake::QueueConfig,
    /// The national portal, which is told how applications stand, and brings some; by default there is none.
    pub(crate) portal: phidia_intake::PortalConfig,
    pub(crate) routing: phidia_routing::Config,
    pub(crate) processing: phidia_processing::Config,
    pub(crate) notification: phidia_notification::Config,
    /// Pages, for browsers (`up`, and `serve portal`).
    pub(crate) web: phidia_portal::Config,
    /// A day that is played.
    #[cfg(any(debug_assertions, feature = "rehearsal"))]
    pub(crate) rehearsal: Option<crate::rehearsal::Rehearsal>,
}

/// How receipts are signed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Receipts {
    /// The seed of an Ed25519 key, 64 hexadecimal digits, the same for all replicas of intake; by default a key file in the data folder,
    /// made on the first start. Required where the database is PostgreSQL's. Another one may take its place at any time: those of before
    /// stay known.
    #[serde(skip_serializing)]
    pub(crate) signing_key: Option<SecretString>,
}

/// URLs of the services of a cluster.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Peers {
    pub(crate) intake: String,
    pub(crate) routing: String,
    pub(crate) processing: String,
    pub(crate) notification: String,
}

/// The databases of the services; by default a SQLite file each in the data folder. In PostgreSQL each has a
/// schema of its own, called like the service unless it is told otherwise.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Databases {
    pub(crate) intake: Option<DatabaseConfig>,
    pub(crate) routing: Option<DatabaseConfig>,
    pub(crate) processing: Option<DatabaseConfig>,
    pub(crate) notification: Option<DatabaseConfig>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7370)),
            data: PathBuf::from("phidia-data"),
            replica: None,
            grace_seconds: 10,
            token: None,
            master_key: None,
            receipts: Receipts::default(),
            admin: None,
            log: LogConfig::default(),
            telemetry: TelemetryConfig::default(),
            stack: StackConfig::default(),
            peers: Peers::default(),
            databases: Databases::default(),
            board: None,
            conservation: ConservationConfig::default(),
            intake: phidia_intake::Config::default(),
            attachments: phidia_intake::AttachmentConfig::default(),
            queue: phidia_intake::QueueConfig::default(),
            portal: phidia_intake::PortalConfig::default(),
            routing: phidia_routing::Config::default(),
            processing: phidia_processing::Config::default(),
            notification: phidia_notification::Config::default(),
            web: phidia_portal::Config::default(),
            #[cfg(any(debug_assertions, feature = "rehearsal"))]
            rehearsal: None,
        }
    }
}

impl Default for Peers {
    fn default() -> Self {
        let at = |service| format!("http://127.0.0.1:{}", serve::port(service));
        Self {
            intake: at(ServiceName::Intake),
            routing: at(ServiceName::Routing),
            processing: at(ServiceName::Processing),
            notification: at(ServiceName::Notification),
        }
    }
}

/// What the command line says of a configuration.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Given<'g> {
    pub(crate) file: Option<&'g Path>,
    pub(crate) data: Option<&'g Path>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) web: Option<SocketAddr>,
}

impl Settings {
    /// Reads the layers; the last is what the command line gives.
    pub(crate) fn load(given: Given<'_>) -> Result<Self, Failure> {
        let Given { file, data, listen, web } = given;
        let mut given = json!({ "data": data, "listen": listen });
        if let Some(web) = web {
            given["web"] = json!({ "listen": web });
        }
        let settings: Self = config::load(file, ENVIRONMENT, given)?;
        settings.trust()?;
        settings.trust_of("web.listen", settings.web.listen)?;
        Ok(settings)
    }

    /// Whom the process believes.
    ///
    /// # Errors
    /// Without a token only an address of this machine is allowed: whoever reaches the port is believed.
    pub(crate) fn trust(&self) -> Result<Trust, Rejection> {
        self.trust_of("listen", self.listen)
    }

    fn trust_of(&self, setting: &str, listen: SocketAddr) -> Result<Trust, Rejection> {
        match &self.token {
            Some(token) => Ok(Trust::Token(token.clone())),
            None if listen.ip().is_loopback() => Ok(Trust::Headers),
            None => Err(Rejection::invalid(
                "TOKEN_REQUIRED",
                "token",
                format!("is required for {setting} = {listen}, which is not an address of this machine only"),
            )),
        }
    }

    /// The key of what browsers keep for the portal.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: it is no key, or others may read its file.
    pub(crate) fn browser_key(&self) -> Result<BrowserKey, Failure> {
        match &self.web.key {
            Some(hex) => BrowserKey::from_hex(hex),
            None => {
                fs::create_dir_all(&self.data).map_err(Failure::broken)?;
                BrowserKey::load_or_create(&self.data.join("web.key"))
            }
        }
    }

    /// The key under which persons' keys are wrapped, for a service over this store.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: replicas that share a database share its key, too, and one that made its own could not read what others write.
    pub(crate) fn master_key(&self, db: &Database) -> Result<MasterKey, Failure> {
        const SETTING: &str = "master_key";
        match &self.master_key {
            Some(hex) => MasterKey::from_hex(hex),
            None if db.is_shared() => Err(key_required("MASTER_KEY_REQUIRED", SETTING).into()),
            None => MasterKey::load_or_create(&self.data.join("master.key")),
        }
    }

    /// The key that signs receipts, for intake over this store.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: what one replica signs is to be signed by the key that the province has published, like what all others sign.
    pub(crate) fn signing_key(&self, db: &Database) -> Result<SigningKey, Failure> {
        const SETTING: &str = "receipts.signing_key";
        match &self.receipts.signing_key {
            Some(seed) => SigningKey::from_hex(seed, SETTING),
            None if db.is_shared() => Err(key_required("SIGNING_KEY_REQUIRED", SETTING).into()),
            None => SigningKey::load_or_create(&self.data.join("receipt.key"), SETTING),
        }
    }

    /// The national portal with the key that signs what it is sent; none: there is none.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: replicas that share a database have to share the key too.
    pub(crate) fn portal(&self) -> Result<Option<(phidia_intake::PortalConfig, SigningKey)>, Failure> {
        const SETTING: &str = "portal.signing_key";
        if self.portal.url.is_empty() {
            return Ok(None);
        }
        let key = match &self.portal.signing_key {
            Some(seed) => SigningKey::from_hex(seed, SETTING)?,
            None if self.database(ServiceName::Intake).is_shared() => {
                let expected = "the seed that all replicas of intake share: 64 hexadecimal digits";
                return Err(Rejection::invalid("SIGNING_KEY_REQUIRED", SETTING, expected).into());
            }
            None => SigningKey::load_or_create(&self.data.join("portal.key"), SETTING)?,
        };
        Ok(Some((self.portal.clone(), key)))
    }

    /// Where the service keeps its state.
    pub(crate) fn database(&self, service: ServiceName) -> DatabaseConfig {
        let (configured, file) = match service {
            ServiceName::Intake => (&self.databases.intake, "intake.db"),
            ServiceName::Routing => (&self.databases.routing, "routing.db"),
            ServiceName::Processing => (&self.databases.processing, "processing.db"),
            ServiceName::Notification => (&self.databases.notification, "notification.db"),
        };
        let mut database =
            configured.clone().unwrap_or_else(|| DatabaseConfig::sqlite(&self.data.join(file)));
        if database.schema.is_empty() {
            serve::name(service).clone_into(&mut database.schema);
        }
        database.replica = self.replica.clone().unwrap_or_else(machine);
        database
    }

    /// How files that belong to applications are kept; by default in the data folder.
    pub(crate) fn attachments(&self) -> phidia_intake::AttachmentConfig {
        let mut attachments = self.attachments.clone();
        if attachments.store.is_empty() {
            attachments.store = self.data.join("attachments").to_string_lossy().into_owned();
        }
        attachments
    }

    /// The live load of the province, for routing over this store.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: replicas that share a database have to share a board too.
    pub(crate) fn board(&self, db: &Database) -> Result<Arc<dyn Board>, Failure> {
        match &self.board {
            Some(redis) => Ok(Arc::new(RedisBoard::new(redis)?)),
            None if db.is_shared() => {
                let expected = "the URL of the Redis that all replicas of routing share";
                Err(Rejection::invalid("BOARD_REQUIRED", "board.urls", expected).into())
            }
            None => Ok(Arc::new(MemoryBoard::new(Arc::new(|| RealClock.now())))),
        }
    }

    /// Business time: the machine's, but in a rehearsal.
    ///
    /// # Errors
    /// When a rehearsal's clock file is no use.
    pub(crate) fn business(&self) -> Result<BusinessClock, Failure> {
        #[cfg(any(debug_assertions, feature = "rehearsal"))]
        if let Some(rehearsal) = &self.rehearsal {
            return Ok(rehearsal.business()?);
        }
        Ok(BusinessClock::system())
    }

    /// What mints the ids of a service: chance, but in a rehearsal.
    #[cfg_attr(
        not(any(debug_assertions, feature = "rehearsal")),
        expect(unused_variables, reason = "chance is the same for all")
    )]
    pub(crate) fn ids(&self, role: ServiceName) -> Ids {
        #[cfg(any(debug_assertions, feature = "rehearsal"))]
        if let Some(rehearsal) = &self.rehearsal {
            return rehearsal.ids(role);
        }
        Ids::random()
    }

    /// Makes this process the only one on the data folder, until the file is closed: each has a board of its
    /// own in memory, and two would know of half the load.
    ///
    /// # Errors
    /// When another process is at work there.
    pub(crate) fn lock(&self, name: &str) -> anyhow::Result<File> {
        fs::create_dir_all(&self.data).with_context(|| format!("{} can't be made", self.data.display()))?;
        let path = self.data.join(format!("{name}.lock"));
        let file = File::create(&path).with_context(|| format!("{} can't be made", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                let folder = self.data.display();
                let message = format!("another phidia is at work in {folder}");
                let refusal = Rejection::new(Kind::Precondition, "FOLDER_IN_USE", message);
                Err(refusal.with("folder", folder).into())
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} can't be locked", path.display()))
            }
        }
    }

    /// How long calls may take to end.
    pub(crate) fn grace(&self) -> Duration {
        Duration::from_secs(self.grace_seconds)
    }
}

fn key_required(reason: &str, setting: &str) -> Rejection {
    let expected =
        "64 hexadecimal digits, the same for all replicas that share the database (openssl rand -hex 32)";
    Rejection::invalid(reason, setting, expected)
}

/// The name of this machine; empty where it does not tell.
fn machine() -> String {
    // Linux and its containers; elsewhere nobody runs replicas.
    fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
}

/// `phidia config`: what was understood, without secrets.
pub(crate) fn print(options: &ConfigOptions) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(Given { file: options.config.as_deref(), ..Given::default() })?;
    show::line(&serde_json::to_string_pretty(&settings)?);
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_test_build_knows_rehearsals() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("phidia.toml");
        fs::write(&file, "[rehearsal]\nclock = \"clock.json\"\nseed = 7\n").unwrap();
        let read = Settings::load(Given { file: Some(&file), ..Given::default() });
        if cfg!(any(debug_assertions, feature = "rehearsal")) {
            assert!(read.is_ok());
        } else {
            let refused = read.unwrap_err().to_string();
            assert!(refused.starts_with("rehearsal: unknown key"), "{refused}");
        }
    }
}
