//! Gateways that prove themselves by certificates.

use std::error::Error as _;
use std::net::SocketAddr;
use std::path::Path;

use core_service::models::session::Client;
use core_service::settings::Settings;
use proto::books::v1::ListBooksRequest;
use proto::books::v1::book_service_client::BookServiceClient;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};

use crate::app::{App, secret_of};

/// Somebody who hands out certificates.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { pem, issuer }
    }

    /// A certificate for this name, and its key.
    fn certificate(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

fn with_tls(folder: &Path, authority: &Authority) -> impl FnOnce(&mut Settings) {
    let (certificate, key) = authority.certificate("core-service");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (certificate, key) = (write("core.pem", &certificate), write("core.key", &key));
    let client_ca = write("ca.pem", &authority.pem);
    move |settings| {
        let tls = &mut settings.grpc.tls;
        (tls.certificate, tls.key, tls.client_ca) = (certificate, key, client_ca);
        settings.gateways.web.secret.clear();
        settings.gateways.mobile.secret.clear();
        settings.gateways.desktop.secret.clear();
    }
}

/// Asks for the list of books with a certificate of this name from this authority, or without any.
async fn ask(
    address: SocketAddr,
    core_ca: &str,
    identity: Option<(String, String)>,
    secret: Option<&str>,
) -> Result<(), Status> {
    let mut tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(core_ca))
        .domain_name("core-service");
    if let Some((certificate, key)) = identity {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    let endpoint = Endpoint::from_shared(format!("https://{address}")).unwrap();
    let channel = endpoint.tls_config(tls).unwrap().connect_lazy();
    let mut request = Request::new(ListBooksRequest::default());
    if let Some(secret) = secret {
        request
            .metadata_mut()
            .insert("x-gateway-secret", secret.parse().unwrap());
    }
    let answer = BookServiceClient::new(channel).list_books(request).await;
    answer.map(|_| ())
}

#[tokio::test]
async fn a_certificate_names_its_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let app = App::start_with(with_tls(folder.path(), &authority)).await;
    let codes = async |name: &str| {
        let answer = ask(
            app.address,
            &authority.pem,
            Some(authority.certificate(name)),
            None,
        );
        answer.await.err().map(|status| status.code())
    };
    assert_eq!(codes("bff-web").await, None);
    assert_eq!(codes("bff-mobile").await, None);
    // Known, and told that at the desk somebody has to be signed in.
    assert_eq!(codes("bff-desktop").await, Some(Code::Unauthenticated));
    assert_eq!(codes("bff-somebody").await, Some(Code::FailedPrecondition));
    assert_eq!(codes("core-service").await, Some(Code::FailedPrecondition));
}

#[tokio::test]
async fn whoever_has_no_certificate_of_the_authority_gets_no_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, stranger) = (Authority::new(), Authority::new());
    let app = App::start_with(with_tls(folder.path(), &authority)).await;
    let secret = Some(secret_of(Client::Web));
    for identity in [None, Some(stranger.certificate("bff-web"))] {
        let answer = ask(app.address, &authority.pem, identity, secret).await;
        assert!(is_cut_off(&answer.unwrap_err()));
    }
    let plain = app.books().list_books(ListBooksRequest::default()).await;
    assert!(is_cut_off(&plain.unwrap_err()));
}

/// Whether it is no answer of the core, but a connection that broke.
fn is_cut_off(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::Unknown) && status.source().is_some()
}
