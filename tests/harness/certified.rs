//! A certificate for `localhost` with an authority of its own, for the servers that tests talk to.

/// All of it as PEM.
pub struct Certified {
    /// What a client must trust.
    pub authority: String,
    /// What the server shows.
    pub certificate: String,
    /// The server's key.
    pub key: String,
}

impl Certified {
    /// A new one, vouched for by nobody else.
    pub fn make() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::from_params(&params, &key);
        let own = rcgen::KeyPair::generate().unwrap();
        let server = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&own, &issuer).unwrap();
        Self { authority: authority.pem(), certificate: server.pem(), key: own.serialize_pem() }
    }
}
