//! An applicant has paid what they were asked for, at any counter or through a system of payments.

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    application::{Paid, PaymentWay, Received},
    caller::Caller,
    id::ApplicationId,
};
use phidia_outbox::NewEvent;
use phidia_proto::{
    convert::{wire_payment_way, wire_timestamp},
    events::v1::{PaymentReceived, event::Fact},
};
use phidia_runtime::{context::Context, failure::Failure};

use crate::{
    Intake,
    store::{progress, reading},
};

impl Intake {
    /// Writes it down, and answers which application it is about and when it was paid. The same reference again changes nothing.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_ARGUMENT` for another amount than was asked for; `FAILED_PRECONDITION` when nothing is to be paid, or the
    /// application has ended.
    pub(crate) async fn record_payment(
        &self,
        caller: &Caller,
        dossier_code: &str,
        amount_dong: i64,
        reference: String,
        way: PaymentWay,
    ) -> Result<(ApplicationId, Timestamp), Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let conn = self.outbox.database().read();
        let found = reading::by_dossier_code(conn, &province, dossier_code).await?;
        let unknown = || Rejection::not_found("UNKNOWN_APPLICATION", "no application has this dossier code");
        let id = found.ok_or_else(unknown)?.0.id;
        Ok((id, self.receive_payment(caller, id, amount_dong, reference, way).await?))
    }

    /// The same of an application that is known, and when it was paid.
    ///
    /// # Errors
    /// As [`Intake::record_payment`].
    pub(crate) async fn receive_payment(
        &self,
        caller: &Caller,
        id: ApplicationId,
        amount_dong: i64,
        reference: String,
        way: PaymentWay,
    ) -> Result<Timestamp, Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let (now, actor) = (self.business.now(), caller.actor());
        let traceparent = Context::current().map(|context| context.trace.to_string()).unwrap_or_default();
        self.outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let (standing, mut charges) = progress::lock_payments(tx, &province, id).await?;
                    if let Received::Before(at) = standing.pay(&charges, amount_dong, &reference)? {
                        return Ok(at);
                    }
                    if let Some(charge) = charges.last_mut() {
                        charge.paid = Some(Paid { at: now, reference, way: Some(way) });
                    }
                    progress::save_payments(tx, &province, id, &charges).await?;
                    let received = PaymentReceived {
                        paid_at: Some(wire_timestamp(now)),
                        amount_dong,
                        way: wire_payment_way(way).into(),
                    };
                    facts.tell(NewEvent {
                        province,
                        application: id,
                        occurred_at: now,
                        actor,
                        cause: None,
                        traceparent,
                        fact: Fact::PaymentReceived(received),
                    });
                    Ok(now)
                })
            })
            .await
    }
}
