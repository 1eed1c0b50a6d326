//! What stands on the forms, read back.

use std::{fs, path::Path};

use jiff::civil::date;
use phidia_forms::{Form, Ground, Receipt, StopNotice, Timeliness};

use harness::pdf as reader;

use crate::samples;

/// With `FORMS_OUT` set to a folder they are left there, to be looked at.
#[test]
fn each_form_has_its_headings_its_code_and_its_data() {
    for (form, pdf) in samples::all() {
        if let Ok(folder) = std::env::var("FORMS_OUT") {
            fs::write(Path::new(&folder).join(form.file_name("mau")), &pdf).unwrap();
        }
        let text = reader::text(&pdf);
        let number = format!("Mẫu số {:02} – Thông tư 03/2025/TT-VPCP", form.number());
        let mut expected = vec![
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "ỦY BAN NHÂN DÂN XÃ YÊN MÔ",
            "Yên Mô, ngày",
            number.as_str(),
        ];
        let title = form.title().to_uppercase();
        let words: Vec<_> = match form {
            Form::Receipt => vec![
                samples::NAME,
                samples::CODE,
                samples::PROCEDURE,
                "0912 345 678",
                "493027",
                "3 ngày làm việc",
                "09 giờ 05 phút, ngày 23 tháng 11 năm 2026",
                "09 giờ 05 phút, ngày 26 tháng 11 năm 2026",
                "15.000 đồng",
                "NGƯỜI NỘP HỒ SƠ",
                "NGƯỜI TIẾP NHẬN HỒ SƠ",
            ],
            Form::Supplement => vec![
                samples::NAME,
                "1. Bản chính Giấy xác nhận thông tin về cư trú",
                "2. Tờ khai chưa có chữ ký của người yêu cầu",
                "3. Bản sao Quyết định ly hôn đã có hiệu lực pháp luật",
                "17 giờ 30 phút, ngày 14 tháng 12 năm 2026",
                "NGƯỜI HƯỚNG DẪN",
            ],
            Form::Refusal => {
                vec![samples::NAME, "đã đăng ký kết hôn và chưa ly hôn", "thông báo không tiếp nhận"]
            }
            Form::Apology => vec![
                samples::NAME,
                "Cần xác minh tình trạng hôn nhân",
                "chậm nhất là 09 giờ 05 phút, ngày 01 tháng 12 năm 2026",
                "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
            ],
            Form::Stop => vec![
                samples::NAME,
                "đề nghị rút hồ sơ hồi 14 giờ 10 phút, ngày 23 tháng 11 năm 2026",
                "Căn cứ Điều 7 Thông tư số 03/2025/TT-VPCP",
                "kể từ 14 giờ 11 phút",
            ],
            Form::Control => vec!["Trước hạn", "Giao: 09:06", samples::PROCEDURE, samples::CODE, "14329-03"],
            Form::Register => vec![
                "H42.14701-261123-0001",
                samples::NAME,
                samples::PROCEDURE,
                "0912 345 678",
                "trước hạn",
                "Chờ bổ sung",
                "Từ ngày 23 tháng 11 năm 2026 đến ngày 27 tháng 11 năm 2026",
                "25 hồ sơ",
            ],
        };
        expected.extend(words);
        // What stands in a narrow column is broken where it has to be.
        let without_spaces = |text: &str| text.replace(' ', "");
        let read = without_spaces(&text);
        for words in expected.into_iter().chain([title.as_str()]) {
            assert!(read.contains(&without_spaces(words)), "{form:?} says nothing of {words:?}: {text}");
        }
    }
}

#[test]
fn the_same_data_makes_the_same_bytes_and_other_data_others() {
    assert_eq!(samples::all(), samples::all());
    let other = Receipt { check_code: "493028".into(), ..samples::receipt() };
    assert_ne!(other.pdf().unwrap(), samples::receipt().pdf().unwrap());
}

/// Archives take no other: every face is embedded, as far as it is used, and every letter is readable.
#[test]
fn faces_are_embedded_as_far_as_they_are_used() {
    for (form, pdf) in samples::all() {
        let fonts = reader::fonts(&pdf);
        assert!(!fonts.is_empty(), "{form:?}");
        for font in fonts {
            // Columns: emb sub uni.
            assert!(font.contains("+Libertinus") && font.contains("yes yes yes"), "{form:?}: {font}");
        }
        assert!(pdf.len() < 200_000, "{form:?}: {} bytes", pdf.len());
        assert!(pdf.windows(10).any(|part| part == b"pdfaid:par"), "{form:?} is no PDF/A");
    }
}

#[test]
fn what_is_not_known_is_a_dotted_line() {
    let mut receipt =
        Receipt { due_at: None, fee_vnd: None, time_limit: String::new(), ..samples::receipt() };
    receipt.dossier.applicant.email = String::new();
    let text = reader::text(&receipt.pdf().unwrap());
    for line in
        ["Địa chỉ: …", "Email: …", "theo quy định là: …", "trả kết quả giải quyết hồ sơ: …", "(nếu có): …"]
    {
        assert!(text.contains(line), "{line}: {text}");
    }
    let unknown = StopNotice { ground: Ground::Withdrawn { asked_at: None }, ..samples::stop() };
    assert!(reader::text(&unknown.pdf().unwrap()).contains("rút hồ sơ hồi …"));
}

#[test]
fn a_decomposed_name_is_printed_precomposed() {
    let mut receipt = samples::receipt();
    receipt.dossier.applicant.name = "Nguye\u{302}\u{303}n Thi\u{323} Ho\u{302}\u{300}ng A\u{301}nh".into();
    assert!(reader::text(&receipt.pdf().unwrap()).contains(samples::NAME));
}

#[test]
fn twenty_long_reasons_go_over_several_pages_and_nothing_is_lost() {
    let mut supplement = samples::supplement();
    let long = "Bản chính giấy tờ chứng minh quyền sử dụng đất đã được công chứng hoặc chứng thực ".repeat(6);
    supplement.reasons = (1..=20).map(|number| format!("{long}số {number}")).collect();
    supplement.dossier.applicant.name = "Công Tằng Tôn Nữ Ngọc Khánh Huyền Trân ".repeat(5);
    supplement.dossier.procedure = "Cấp đổi Giấy chứng nhận quyền sử dụng đất ".repeat(12);
    let pages = reader::pages(&supplement.pdf().unwrap());
    assert!((3..=8).contains(&pages.len()), "{} pages", pages.len());
    let text = pages.join(" ");
    for number in 1..=20 {
        assert!(text.contains(&format!("số {number} ")), "{number}");
    }
    for (number, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Trang {}/{}", number + 1, pages.len())), "{page}");
        assert!(page.contains(samples::CODE), "each page says what it belongs to");
    }
    assert!(pages.last().unwrap().contains("NGƯỜI HƯỚNG DẪN"));
}

#[test]
fn a_long_table_has_its_headings_on_each_page() {
    let pages = reader::pages(&samples::control(15).pdf().unwrap());
    assert!(pages.len() > 2);
    assert!(pages.iter().all(|page| page.contains("TÊN CƠ QUAN") && page.contains("GHI CHÚ")));
    assert_eq!(pages.join(" ").matches("Thẩm tra hồ sơ").count(), 15);

    let pages = reader::pages(&samples::register(120).pdf().unwrap());
    assert!(pages.len() > 5);
    let (last, tables) = pages.split_last().unwrap();
    assert!(
        tables.iter().all(|page| page.contains("Ngày, tháng, năm")),
        "each but one that has the signature only"
    );
    assert!(last.contains("NGƯỜI LẬP SỔ"));
    let all = pages.join(" ").replace(' ', "");
    for number in 1..=120 {
        assert!(all.contains(&format!("H42.14701-261123-{number:04}")), "{number}");
    }
}

#[test]
fn a_register_of_days_without_anything_says_so() {
    assert!(reader::text(&samples::register(0).pdf().unwrap()).contains("Tổng số: 0 hồ sơ"));
}

#[test]
fn early_is_a_day_before_and_late_a_moment_after() {
    let due = date(2026, 11, 26).at(9, 5, 0, 0);
    for (done, expected) in [
        (date(2026, 11, 25).at(17, 0, 0, 0), Timeliness::Early),
        (date(2026, 11, 26).at(8, 0, 0, 0), Timeliness::OnTime),
        (due, Timeliness::OnTime),
        (date(2026, 11, 26).at(9, 5, 0, 1), Timeliness::Late),
        (date(2026, 11, 27).at(8, 0, 0, 0), Timeliness::Late),
    ] {
        assert_eq!(Timeliness::of(done, due), expected, "{done}");
    }
}

#[test]
fn files_are_named_by_form_and_dossier() {
    assert_eq!(Form::Stop.file_name(samples::CODE), "mau-05-H42.14701-261123-0001.pdf");
    assert_eq!(
        Form::Register.file_name("14701 2026-11-23/2026-11-27"),
        "mau-07-14701-2026-11-23-2026-11-27.pdf"
    );
}
