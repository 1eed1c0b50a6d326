//! Sealing of personal data: each person has a key, kept wrapped under the master key. Whoever erases the
//! person's key erases the person, in every copy and every backup at once. Keys of files and seeds of signatures rest alike.

use std::{fmt, marker::PhantomData, path::Path};

use phidia_domain::Rejection;
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
    hmac::{self, HMAC_SHA256},
};
use secrecy::{ExposeSecret as _, ExposeSecretMut as _, SecretBox, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::{failure::Failure, random, secret_file};

const KEY_LEN: usize = 32;
const WRAPPED_KEY: &str = "phidia person key";
const WRAPPED_FILE_KEY: &str = "phidia file key";
const WRAPPED_SEED: &str = "phidia signing seed/";
const PSEUDONYM_KEY: &str = "phidia pseudonym key";
/// Length of a pseudonym in bytes.
pub const PSEUDONYM_LEN: usize = 16;

/// Why sealed bytes cannot be opened.
#[derive(Debug, Error)]
enum SealError {
    #[error("sealed bytes do not open: another key, another context, or changed")]
    DoesNotOpen,
    #[error("the cipher refused")]
    Refused,
}

struct Key(SecretBox<[u8; KEY_LEN]>);

impl Key {
    fn of(bytes: [u8; KEY_LEN]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    fn cipher(&self) -> Result<LessSafeKey, Failure> {
        UnboundKey::new(&CHACHA20_POLY1305, self.0.expose_secret())
            .map(LessSafeKey::new)
            .map_err(|_| Failure::broken(SealError::Refused))
    }

    /// Nonce, cipher text, tag. A random nonce is safe here: no key ever seals near 2^32 things.
    fn seal(&self, context: &str, mut plain: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let nonce: [u8; NONCE_LEN] = random::bytes();
        self.cipher()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut plain)
            .map_err(|_| Failure::broken(SealError::Refused))?;
        Ok([nonce.as_slice(), &plain].concat())
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Result<SecretBox<Vec<u8>>, Failure> {
        let does_not_open = || Failure::broken(SealError::DoesNotOpen);
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(does_not_open)?;
        let mut text = text.to_vec();
        let plain = self
            .cipher()?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut text)
            .map_err(|_| does_not_open())?
            .len();
        text.truncate(plain);
        Ok(SecretBox::new(Box::new(text)))
    }

    fn wrap(&self, context: &str, master: &MasterKey) -> Result<Vec<u8>, Failure> {
        master.0.seal(context, self.0.expose_secret().to_vec())
    }

    fn unwrap(context: &str, master: &MasterKey, wrapped: &[u8]) -> Result<Self, Failure> {
        let bytes = master.0.open(context, wrapped)?;
        let bytes = <[u8; KEY_LEN]>::try_from(bytes.expose_secret().as_slice())
            .map_err(|_| Failure::broken(SealError::DoesNotOpen))?;
        Ok(Self::of(bytes))
    }
}

/// The key of an installation, under which the persons' keys are kept.
pub struct MasterKey(Key);

impl MasterKey {
    /// The key written as 64 hexadecimal digits.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when it is not that.
    pub fn from_hex(text: &SecretString) -> Result<Self, Failure> {
        random::unhex(text.expose_secret().trim()).map(|bytes| Self(Key::of(bytes))).ok_or_else(|| {
            Rejection::invalid("MALFORMED_KEY", "master_key", "expected 64 hexadecimal digits").into()
        })
    }

    /// The key in the file at `path`, which is made on the first start, readable by its owner only.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when others may read the file or when it holds no key; Broken when it can
    /// neither be read nor made.
    pub fn load_or_create(path: &Path) -> Result<Self, Failure> {
        Self::from_hex(&secret_file::load_or_create::<KEY_LEN>(path, "master_key")?)
    }

    /// Stands for whoever `identity` tells from others, in this context only: HMAC-SHA256, cut to its length, under
    /// a key of the context's own that HKDF derives from this one. Without the key nobody tells it from chance, not
    /// even by trying all identity numbers.
    ///
    /// Another master key gives other pseudonyms: what was known under the old ones is found no more, and begins
    /// anew. Nothing else rests on them.
    ///
    /// # Errors
    /// Broken when the derivation refuses.
    pub fn pseudonym(&self, context: &str, identity: &str) -> Result<[u8; PSEUDONYM_LEN], Failure> {
        let master = Salt::new(HKDF_SHA256, PSEUDONYM_KEY.as_bytes()).extract(self.0.0.expose_secret());
        let context = [context.as_bytes()];
        let key = master.expand(&context, HMAC_SHA256).map_err(|_| Failure::broken(SealError::Refused))?;
        let tag = hmac::sign(&hmac::Key::from(key), identity.as_bytes());
        tag.as_ref().first_chunk().copied().ok_or_else(|| Failure::broken(SealError::Refused))
    }
}

/// The key of one person.
pub struct PersonKey(Key);

impl PersonKey {
    /// A new key.
    pub fn generate() -> Self {
        Self(Key::of(random::bytes()))
    }

    /// The key as it may be stored.
    ///
    /// # Errors
    /// Broken when the cipher refuses.
    pub fn wrap(&self, master: &MasterKey) -> Result<Vec<u8>, Failure> {
        self.0.wrap(WRAPPED_KEY, master)
    }

    /// The key from its stored form.
    ///
    /// # Errors
    /// Broken when it was wrapped under another master key, or was changed.
    pub fn unwrap(master: &MasterKey, wrapped: &[u8]) -> Result<Self, Failure> {
        Key::unwrap(WRAPPED_KEY, master, wrapped).map(Self)
    }
}

impl PersonKey {
    /// Seals bytes as they are, such as a file, which JSON would blow up. `context` as for [`Sealed::seal`].
    ///
    /// # Errors
    /// Broken when the cipher refuses.
    pub fn seal_bytes(&self, context: &str, plain: Vec<u8>) -> Result<Vec<u8>, Failure> {
        self.0.seal(context, plain)
    }

    /// The bytes from under their seal.
    ///
    /// # Errors
    /// Broken when key or context are others, or when the bytes were changed.
    pub fn open_bytes(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Failure> {
        Ok(self.0.open(context, sealed)?.expose_secret().clone())
    }
}

/// The key of one file that rests outside of the database: whoever deletes its wrapped form erases the file in every copy.
pub struct FileKey(Key);

impl FileKey {
    /// By so many bytes a sealed piece is longer than its plain text.
    pub const OVERHEAD: usize = NONCE_LEN + 16;

    /// A new key.
    pub fn generate() -> Self {
        Self(Key::of(random::bytes()))
    }

    /// The key as it may be stored.
    ///
    /// # Errors
    /// Broken when the cipher refuses.
    pub fn wrap(&self, master: &MasterKey) -> Result<Vec<u8>, Failure> {
        self.0.wrap(WRAPPED_FILE_KEY, master)
    }

    /// The key from its stored form.
    ///
    /// # Errors
    /// Broken when it was wrapped under another master key, or was changed.
    pub fn unwrap(master: &MasterKey, wrapped: &[u8]) -> Result<Self, Failure> {
        Key::unwrap(WRAPPED_FILE_KEY, master, wrapped).map(Self)
    }

    /// Seals a piece of the file. `context` says which piece of which file it is, and whether it is the last: then no piece can be left out,
    /// moved, or taken for another's.
    ///
    /// # Errors
    /// Broken when the cipher refuses.
    pub fn seal(&self, context: &str, plain: Vec<u8>) -> Result<Vec<u8>, Failure> {
        self.0.seal(context, plain)
    }

    /// The piece from under its seal.
    ///
    /// # Errors
    /// Broken when key or context are others, or when the piece was changed.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Failure> {
        Ok(std::mem::take(self.0.open(context, sealed)?.expose_secret_mut()))
    }
}

/// The key of what browsers keep for a portal and give back: nobody else reads it, or makes it.
pub struct BrowserKey(Key);

impl BrowserKey {
    /// The key written as 64 hexadecimal digits, the same for all replicas of the portal.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when it is not that.
    pub fn from_hex(text: &SecretString) -> Result<Self, Failure> {
        random::unhex(text.expose_secret().trim()).map(|bytes| Self(Key::of(bytes))).ok_or_else(|| {
            Rejection::invalid("MALFORMED_KEY", "web.key", "expected 64 hexadecimal digits").into()
        })
    }

    /// The key in the file at `path`, which is made on the first start, readable by its owner only.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when others may read the file or when it holds no key; Broken when it can
    /// neither be read nor made.
    pub fn load_or_create(path: &Path) -> Result<Self, Failure> {
        Self::from_hex(&secret_file::load_or_create::<KEY_LEN>(path, "web.key")?)
    }

    /// Seals bytes. `context` says what they are, and for whom: they open in no other.
    ///
    /// # Errors
    /// Broken when the cipher refuses.
    pub fn seal(&self, context: &str, plain: Vec<u8>) -> Result<Vec<u8>, Failure> {
        self.0.seal(context, plain)
    }

    /// The bytes from under their seal; none where they are not ours, or were sealed for something else.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Option<SecretBox<Vec<u8>>> {
        self.0.open(context, sealed).ok()
    }
}

impl fmt::Debug for BrowserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserKey")
    }
}

/// From this a key is made that signs: it rests as the keys of persons and files do, and is read by who signs.
pub struct Seed(Key);

impl Seed {
    /// A new one.
    pub fn generate() -> Self {
        Self(Key::of(random::bytes()))
    }

    /// The seed as it may be stored. `purpose` says what it signs and how: it opens for no other.
    ///
    /// # Errors
    /// Broken when the cipher refuses.
    pub fn wrap(&self, purpose: &str, master: &MasterKey) -> Result<Vec<u8>, Failure> {
        self.0.wrap(&format!("{WRAPPED_SEED}{purpose}"), master)
    }

    /// The seed from its stored form.
    ///
    /// # Errors
    /// Broken when it was wrapped for another purpose or under another master key, or was changed.
    pub fn unwrap(purpose: &str, master: &MasterKey, wrapped: &[u8]) -> Result<Self, Failure> {
        Key::unwrap(&format!("{WRAPPED_SEED}{purpose}"), master, wrapped).map(Self)
    }

    pub(crate) fn expose(&self) -> &[u8; KEY_LEN] {
        self.0.0.expose_secret()
    }
}

/// A `T` that can only be read with its person's key, and in the context that it was sealed in.
pub struct Sealed<T> {
    bytes: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    /// Bytes from a store or a message.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, of: PhantomData }
    }

    /// The bytes to store or send.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes to store or send.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl<T: Serialize> Sealed<T> {
    /// Seals `value`. `context` says what it is and of whom (`intake.applicant/app_…`): sealed bytes
    /// that are moved to another place do not open there.
    ///
    /// # Errors
    /// Broken when the value cannot be serialized.
    pub fn seal(key: &PersonKey, context: &str, value: &T) -> Result<Self, Failure> {
        let plain = serde_json::to_vec(value).map_err(Failure::broken)?;
        key.0.seal(context, plain).map(Self::from_bytes)
    }
}

impl<T: DeserializeOwned> Sealed<T> {
    /// Opens it.
    ///
    /// # Errors
    /// Broken when key or context are others, or when the bytes were changed.
    pub fn open(&self, key: &PersonKey, context: &str) -> Result<T, Failure> {
        let plain = key.0.open(context, &self.bytes)?;
        // serde's own text may quote what it read, and this is personal.
        serde_json::from_slice(plain.expose_secret()).map_err(|_| Failure::broken(SealError::DoesNotOpen))
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self::from_bytes(self.bytes.clone())
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(…)")
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn master() -> MasterKey {
        MasterKey::from_hex(&"07".repeat(32).into()).unwrap()
    }

    #[test]
    fn opens_with_the_same_key_and_context_only() {
        let key = PersonKey::generate();
        let sealed = Sealed::seal(&key, "applicant/1", &"Trần Văn A".to_owned()).unwrap();
        let stored = Sealed::<String>::from_bytes(sealed.as_bytes().to_vec());
        let key = PersonKey::unwrap(&master(), &key.wrap(&master()).unwrap()).unwrap();
        assert_eq!(stored.open(&key, "applicant/1").unwrap(), "Trần Văn A");
        assert!(stored.open(&key, "applicant/2").is_err());
        assert!(stored.open(&PersonKey::generate(), "applicant/1").is_err());
        for place in 0..stored.as_bytes().len() {
            let mut bytes = stored.as_bytes().to_vec();
            bytes[place] ^= 1;
            assert!(Sealed::<String>::from_bytes(bytes).open(&key, "applicant/1").is_err());
        }
        assert!(Sealed::<String>::from_bytes(vec![1; 5]).open(&key, "applicant/1").is_err());
    }

    #[test]
    fn bytes_rest_as_they_are_and_open_in_their_place_only() {
        let key = PersonKey::generate();
        let sealed = key.seal_bytes("file/1", b"%PDF".to_vec()).unwrap();
        assert_eq!(sealed.len(), NONCE_LEN + 4 + 16);
        assert_eq!(key.open_bytes("file/1", &sealed).unwrap(), b"%PDF");
        assert!(key.open_bytes("file/2", &sealed).is_err());
        assert!(PersonKey::generate().open_bytes("file/1", &sealed).is_err());
    }

    #[test]
    fn a_piece_of_a_file_opens_with_its_files_key_only() {
        let (key, person) = (FileKey::generate(), PersonKey::generate());
        let sealed = key.seal("file/1/0", b"%PDF".to_vec()).unwrap();
        assert_eq!(sealed.len(), 4 + FileKey::OVERHEAD);
        let wrapped = key.wrap(&master()).unwrap();
        let key = FileKey::unwrap(&master(), &wrapped).unwrap();
        assert_eq!(key.open("file/1/0", &sealed).unwrap(), b"%PDF");
        assert!(key.open("file/1/1", &sealed).is_err());
        assert!(FileKey::generate().open("file/1/0", &sealed).is_err());
        // No key is taken for one of another kind.
        assert!(PersonKey::unwrap(&master(), &wrapped).is_err());
        assert!(FileKey::unwrap(&master(), &person.wrap(&master()).unwrap()).is_err());
    }

    #[test]
    fn a_seed_opens_for_its_purpose_only() {
        let seed = Seed::generate();
        let wrapped = seed.wrap("v1", &master()).unwrap();
        assert_eq!(Seed::unwrap("v1", &master(), &wrapped).unwrap().expose(), seed.expose());
        assert!(Seed::unwrap("v1a", &master(), &wrapped).is_err());
        assert!(FileKey::unwrap(&master(), &wrapped).is_err());
        assert_eq!(format!("{seed:?}"), "Seed(…)");
    }

    #[test]
    fn the_same_value_is_never_sealed_alike_and_debug_says_nothing() {
        let key = PersonKey::generate();
        let [one, two] = [(); 2].map(|()| Sealed::seal(&key, "c", &7).unwrap());
        assert_ne!(one.as_bytes(), two.as_bytes());
        assert_eq!(format!("{one:?} {key:?} {:?}", master()), "Sealed(…) PersonKey(…) MasterKey(…)");
    }

    #[test]
    fn a_pseudonym_is_of_one_person_in_one_context_under_one_key() {
        let pseudonym = |context, identity| master().pseudonym(context, identity).unwrap();
        let known = pseudonym("applicant/37/Đất đai", "037190001234");
        assert_eq!(pseudonym("applicant/37/Đất đai", "037190001234"), known);
        assert_ne!(pseudonym("applicant/37/Đất đai", "037190001235"), known);
        assert_ne!(pseudonym("applicant/37/Hộ tịch", "037190001234"), known);
        assert_ne!(pseudonym("applicant/1/Đất đai", "037190001234"), known);
        let other = MasterKey::from_hex(&"08".repeat(32).into()).unwrap();
        assert_ne!(other.pseudonym("applicant/37/Đất đai", "037190001234").unwrap(), known);
    }

    #[test]
    fn the_master_key_is_made_once_and_must_be_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/master.key");
        let wrapped = PersonKey::generate().wrap(&MasterKey::load_or_create(&path).unwrap()).unwrap();
        PersonKey::unwrap(&MasterKey::load_or_create(&path).unwrap(), &wrapped).unwrap();
        assert!(PersonKey::unwrap(&master(), &wrapped).is_err());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = MasterKey::load_or_create(&path).unwrap_err();
        assert_eq!(refused.rejection().unwrap().reason, "EXPOSED_KEY");
    }
}
