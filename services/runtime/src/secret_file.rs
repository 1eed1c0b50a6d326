//! Secrets that a process makes for itself on its first start, and keeps in a file that its owner alone may read.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use phidia_domain::Rejection;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{failure::Failure, random};

/// What the file at `path` holds; it is made of `N` random bytes in hexadecimal digits where there is none. `setting` is the name by which a
/// refusal tells which secret it is about.
///
/// # Errors
/// `INVALID_ARGUMENT` when others may read the file; Broken when it can neither be read nor made.
pub(crate) fn load_or_create<const N: usize>(path: &Path, setting: &str) -> Result<SecretString, Failure> {
    if !path.exists() {
        create::<N>(path).map_err(Failure::broken)?;
    }
    let mode = fs::metadata(path).map_err(Failure::broken)?.permissions().mode();
    if mode & 0o077 != 0 {
        let expected = format!("{} may be read by others (chmod 600)", path.display());
        return Err(Rejection::invalid("EXPOSED_KEY", setting, expected).into());
    }
    Ok(fs::read_to_string(path).map_err(Failure::broken)?.into())
}

/// Writes a new key beside `path` and links it there: nobody ever reads half a key, and of two processes
/// that start together one wins.
fn create<const N: usize>(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = path.with_extension(format!("{}.new", random::hex(&random::bytes::<4>())));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let text = SecretString::from(random::hex(&random::bytes::<N>()));
    file.write_all(text.expose_secret().as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // What rests on the key is lost with it: the name must survive a power cut too.
    fs::File::open(folder)?.sync_all()
}
