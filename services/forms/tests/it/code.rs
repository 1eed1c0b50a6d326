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
