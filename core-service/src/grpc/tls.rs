//! TLS on the way from the gateways: the core shows its certificate and wants to see one.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use crate::settings::TlsSettings;

/// How TLS is done, where the settings name its files; all of them or none.
pub(super) fn config(settings: &TlsSettings) -> anyhow::Result<Option<ServerTlsConfig>> {
    let files = [
        ("grpc.tls.certificate", &settings.certificate),
        ("grpc.tls.key", &settings.key),
        ("grpc.tls.client_ca", &settings.client_ca),
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
    let [certificate, key, client_ca] = files;
    let identity = Identity::from_pem(read(certificate.0, certificate.1)?, read(key.0, key.1)?);
    let client_ca = Certificate::from_pem(read(client_ca.0, client_ca.1)?);
    Ok(Some(
        ServerTlsConfig::new()
            .identity(identity)
            .client_ca_root(client_ca),
    ))
}
