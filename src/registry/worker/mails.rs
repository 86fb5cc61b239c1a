//! Writing mails and handing them over: to an SMTP server, or into the folder `mail` when there is none.
//!
//! A mail is put on record as sent after the server took it. If this process dies in between, it is sent once more under
//! the same message id, by which mail programs recognise it.

use std::path::PathBuf;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config::{RegistryConfig, is_naked_mail};
use crate::registry::actions::erasures::MAIL_FOLDER;
use crate::registry::actions::mails::{self, Letter, Matter};
use crate::registry::actions::{ActionError, Registry};
use crate::web::words::{L10n, L10nLanguage, words};

/// Why mails cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum PostOfficeError {
    /// The sender's address.
    #[error("mail_from is no mail address, like Loket <loket@example.com>")]
    From(#[source] lettre::address::AddressError),
    /// Mails would cross a network in the open.
    #[error(
        "mails to applicants would go to the mail server in the open; write smtps://…, or smtp://…?tls=required. If it \
         must be without: --without-tls"
    )]
    Naked,
    /// The server's address.
    #[error("smtp is no address of a mail server, like smtp://localhost:25")]
    Smtp(#[source] lettre::transport::smtp::Error),
}

/// Why one mail was not sent.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("the applicant's address cannot be written to")]
    Address(#[from] lettre::address::AddressError),
    #[error("the mail cannot be written")]
    Message(#[from] lettre::error::Error),
    #[error("the mail server did not take it")]
    Smtp(#[from] lettre::transport::smtp::Error),
    #[error("the folder for mails cannot be written to")]
    Folder(#[from] std::io::Error),
}

/// Where mails are handed over.
pub struct PostOffice {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl PostOffice {
    /// The way a registry's settings name.
    pub fn of(config: &RegistryConfig) -> Result<Self, PostOfficeError> {
        let from = config.mail_from.parse().map_err(PostOfficeError::From)?;
        let way = match &config.smtp {
            Some(url) => {
                if !config.place.without_tls && is_naked_mail(url) {
                    return Err(PostOfficeError::Naked);
                }
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
                let builder = builder.map_err(PostOfficeError::Smtp)?;
                Way::Smtp(builder.build())
            }
            None => Way::Folder(config.dir.join(MAIL_FOLDER)),
        };
        Ok(Self { from, way })
    }

    async fn send(&self, letter: &Letter) -> Result<(), NotSent> {
        let message = self.write(letter)?;
        match &self.way {
            Way::Smtp(server) => {
                server.send(message).await?;
            }
            Way::Folder(folder) => {
                let file = folder.join(format!("{}-{}.eml", letter.number, letter.mail.about));
                tokio::fs::create_dir_all(folder).await?;
                tokio::fs::write(file, message.formatted()).await?;
            }
        }
        Ok(())
    }

    fn write(&self, letter: &Letter) -> Result<Message, NotSent> {
        let to = Mailbox::new(None, letter.to.parse()?);
        let key = data_encoding::HEXLOWER.encode(&letter.mail.application.0);
        let id = format!("<{key}.{}@loket>", letter.mail.about);
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject(words(L10n::Id), &letter.matter))
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(text(letter))?;
        Ok(message)
    }
}

fn subject(words: &L10nLanguage, matter: &Matter) -> String {
    match matter {
        Matter::Ready { .. } => words.mail_ready_subject(),
        Matter::Approved => words.mail_approved_subject(),
        Matter::Refused { .. } => words.mail_refused_subject(),
    }
}

/// Indonesian first, then English: nobody asked the applicant for a language.
fn text(letter: &Letter) -> String {
    let in_one = |language| {
        let words = words(language);
        let said = match &letter.matter {
            Matter::Ready { collection_days } => words.mail_ready_text(&letter.office, *collection_days),
            Matter::Approved => words.mail_approved_text(&letter.office),
            Matter::Refused { reason } => words.mail_refused_text(reason),
        };
        let number = format!("{}: {}", words.mail_number(), letter.number);
        [words.mail_greeting(), said, number, words.mail_closing()].join("\n\n")
    };
    format!("{}\n\n--\n\n{}\n", in_one(L10n::Id), in_one(L10n::En))
}

/// Sends every mail that is due. Returns how many the server took.
pub async fn send_due(registry: &Registry, post_office: &PostOffice) -> Result<usize, ActionError> {
    let mut sent = 0;
    while let Some(letter) = mails::next(registry).await? {
        match post_office.send(&letter).await {
            Ok(()) => {
                mails::told(registry, &letter).await?;
                sent += 1;
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                let tries = letter.mail.tries;
                tracing::warn!(%error, cause, tries, about = %letter.mail.about, "A mail waits for its next try");
                mails::failed(registry, &letter).await?;
            }
        }
    }
    Ok(sent)
}
