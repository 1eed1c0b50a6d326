//! The QR code of each form, read by another library from the picture of the page.

use harness::pdf as reader;
use phidia_forms::Form;

use crate::samples;

fn decoded(pdf: &[u8]) -> String {
    let (width, height, dots) = reader::picture(pdf);
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| dots[y * width + x]);
    let [code] = &picture.detect_grids()[..] else { panic!("no code, or several") };
    code.decode().unwrap().1
}

#[test]
fn the_code_says_what_the_form_is_about_and_no_secret() {
    for (form, pdf) in samples::all() {
        let about = match form {
            Form::Register => "14701 2026-11-23/2026-11-27",
            _ => samples::CODE,
        };
        assert_eq!(decoded(&pdf), about, "{form:?}");
    }
}

/// As long as any that intake issues: the units of a department have longer codes than others.
#[test]
fn the_code_of_a_signed_receipt_is_read_too_and_bears_no_secret() {
    let signed = format!(
        "PHIDIA1/37/{}/1.004873/H42.05.18/H42.05.18/20261123T090500.123456+0700/20261126T090500+0700/{}/{}",
        samples::CODE,
        "MFRGGZDFMZTWQ",
        "MZXW6YTBOI2DKNRXHA4TAMBRGIZTINJWG44DSMBRGIZTINJWG44DSMBRGIZTINJWG44DSMBRGIZTINJWG44DSMBRGIZTINJWG44DSMA",
    );
    let receipt = phidia_forms::Receipt { signed: Some(signed.clone()), ..samples::receipt() };
    let pdf = receipt.pdf().unwrap();
    assert_eq!(decoded(&pdf), signed);
    assert!(!signed.contains(&receipt.check_code));
    let plain = samples::receipt().pdf().unwrap();
    assert_eq!(reader::pages(&pdf).len(), reader::pages(&plain).len(), "it takes no further sheet");
}
