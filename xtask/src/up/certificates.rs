//! The certificates of a local cluster: an authority that exists for this start only, and a certificate for each process.
//!
//! The authority's key is thrown away once the certificates are made.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::workspace;

/// Who gets a certificate, each for its own name.
const NAMES: [&str; 4] = ["core-service", "bff-web", "bff-mobile", "bff-desktop"];

/// Where the files are.
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes them anew.
    pub fn fresh() -> anyhow::Result<Self> {
        let folder = workspace::own_folder()?.join("tls");
        fs::create_dir_all(&folder)?;
        let certificates = Self { folder };

        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        authority
            .distinguished_name
            .push(rcgen::DnType::CommonName, "a local Triptych cluster");
        let key = KeyPair::generate()?;
        let certificate = authority.self_signed(&key)?;
        certificates.write("ca.pem", &certificate.pem())?;
        let authority = Issuer::new(authority, key);
        for name in NAMES {
            let key = KeyPair::generate()?;
            let certificate = CertificateParams::new([name.to_owned()])?.signed_by(&key, &authority)?;
            certificates.write(&format!("{name}.pem"), &certificate.pem())?;
            certificates.write(&format!("{name}.key"), &key.serialize_pem())?;
        }
        Ok(certificates)
    }

    /// The settings of the core that name its files.
    pub fn for_core(&self) -> [(&'static str, String); 3] {
        [
            ("TRIPTYCH_GRPC__TLS__CERTIFICATE", self.path("core-service.pem")),
            ("TRIPTYCH_GRPC__TLS__KEY", self.path("core-service.key")),
            ("TRIPTYCH_GRPC__TLS__CLIENT_CA", self.path("ca.pem")),
        ]
    }

    /// The settings of a gateway that name its files.
    pub fn for_gateway(&self, name: &str) -> [(&'static str, String); 3] {
        [
            ("TRIPTYCH_CORE__TLS__CA", self.path("ca.pem")),
            (
                "TRIPTYCH_CORE__TLS__CERTIFICATE",
                self.path(&format!("{name}.pem")),
            ),
            ("TRIPTYCH_CORE__TLS__KEY", self.path(&format!("{name}.key"))),
        ]
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn write(&self, name: &str, pem: &str) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let written = owner_only(&path).and_then(|mut file| Ok(file.write_all(pem.as_bytes())?));
        written.with_context(|| path.display().to_string())
    }
}

/// A new file in the place of the old one, which nobody but its owner can read.
pub fn owner_only(path: &Path) -> anyhow::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?)
}
