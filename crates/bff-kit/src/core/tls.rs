//! TLS on the way to the core: both sides show a certificate.

use std::{fs, path::Path};

use anyhow::{Context as _, ensure};
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

use crate::settings::CoreTlsSettings;

/// How TLS is done, where the settings name its files; all of them or none.
pub(super) fn config(settings: &CoreTlsSettings) -> anyhow::Result<Option<ClientTlsConfig>> {
    let files = [
        ("core.tls.ca", &settings.ca),
        ("core.tls.certificate", &settings.certificate),
        ("core.tls.key", &settings.key),
    ];
    if files.iter().all(|(_, path)| path.as_os_str().is_empty()) {
        return Ok(None);
    }
    for (name, path) in files {
        ensure!(
            !path.as_os_str().is_empty(),
            "{name} is missing; TLS needs all three files"
        );
    }
    let read = |name: &'static str, path: &Path| {
        fs::read(path).with_context(|| format!("{name} = {} cannot be read", path.display()))
    };
    let [ca, certificate, key] = files;
    let ca = Certificate::from_pem(read(ca.0, ca.1)?);
    let identity = Identity::from_pem(read(certificate.0, certificate.1)?, read(key.0, key.1)?);
    Ok(Some(
        ClientTlsConfig::new()
            .ca_certificate(ca)
            .identity(identity)
            .domain_name(&settings.core_name),
    ))
}
