//! A `redis-server` of one's own, for tests: on a port that the system chose, in a folder that goes with it.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long a start may take on a slow, busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct RedisServer {
    child: Child,
    folder: TempDir,
    options: Vec<String>,
    pub(crate) port: u16,
}

impl RedisServer {
    /// An empty one that writes nothing to the disk unless it is told to (`SAVE`).
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// One with these options, too.
    ///
    /// # Panics
    /// When there is no `redis-server`.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let since = Instant::now();
        loop {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            // Somebody else may have been quicker on that port: then it takes another one.
            if let Some(child) = spawn(port, folder.path(), &options) {
                return Self { child, folder, options, port };
            }
            assert!(since.elapsed() < PATIENCE, "redis-server does not start with {options:?}");
        }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// SIGKILL: what it has not saved is gone.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again in the same place, from what it saved last.
    pub(crate) fn restart(&mut self) {
        let since = Instant::now();
        self.child = loop {
            if let Some(child) = spawn(self.port, self.folder.path(), &self.options) {
                break child;
            }
            assert!(since.elapsed() < PATIENCE, "redis-server does not start again");
        };
    }

    /// `STOP`, `CONT`.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }

    /// Its answer to a command: text, or the head of something longer (`*2`, `:7`, `-ERR …`).
    ///
    /// # Panics
    /// When there is none.
    pub(crate) fn ask(&self, command: &[&str]) -> String {
        ask(self.port, command).unwrap()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // Gone already, when the test killed it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// None: it ended at once.
fn spawn(port: u16, folder: &Path, options: &[String]) -> Option<Child> {
    let mut command = Command::new("redis-server");
    command.args(options).args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--dir"]).arg(folder);
    command.args(["--save", "", "--appendonly", "no"]).stdout(Stdio::null());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("redis-server is missing: run tests/run, or apt-get install redis-server")
        }
        Err(error) => panic!("redis-server cannot be started: {error}"),
    };
    let since = Instant::now();
    loop {
        let there =
            ask(port, &["PING"]).is_ok_and(|answer| answer == "PONG" || answer.starts_with("-NOAUTH"));
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        if there {
            return Some(child);
        }
        assert!(since.elapsed() < PATIENCE, "redis-server does not answer");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn ask(port: u16, command: &[&str]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = format!("*{}\r\n", command.len());
    for word in command {
        request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    stream.write_all(request.as_bytes())?;
    let mut answer = BufReader::new(stream);
    let mut head = String::new();
    answer.read_line(&mut head)?;
    let head = head.trim_end();
    match (head.strip_prefix('+'), head.strip_prefix('$').and_then(|length| length.parse::<usize>().ok())) {
        (Some(text), _) => Ok(text.to_owned()),
        (None, Some(length)) => {
            let mut text = vec![0; length];
            answer.read_exact(&mut text)?;
            Ok(String::from_utf8_lossy(&text).into_owned())
        }
        (None, None) => Ok(head.to_owned()),
    }
}
