//! A catalogue of full size, made up by a seed, for load tests. Every row says so.

use super::{Catalogue, Entry, Row};
use crate::rejection::{Kind, Rejection};

/// What the province has published of its catalogue: procedures, online ones, wholly online ones, at the level of the province and of the
/// communes.
pub const PUBLISHED: [[usize; 3]; 2] = [[1_723, 1_672, 1_233], [309, 294, 131]];

const ACTS: [(&str, &str); 12] = [
    ("Cấp", "Issue"),
    ("Cấp lại", "Re-issue"),
    ("Cấp đổi", "Exchange"),
    ("Gia hạn", "Extension"),
    ("Điều chỉnh", "Adjustment"),
    ("Thu hồi", "Withdrawal"),
    ("Đăng ký", "Registration"),
    ("Công nhận", "Recognition"),
    ("Thẩm định", "Appraisal"),
    ("Phê duyệt", "Approval"),
    ("Xác nhận", "Confirmation"),
    ("Thông báo", "Notification"),
];
const SUBJECTS: [(&str, &str); 14] = [
    ("giấy phép hoạt động", "licence to operate"),
    ("giấy chứng nhận đủ điều kiện", "certificate of conditions"),
    ("chứng chỉ hành nghề", "licence to practise"),
    ("hồ sơ dự án", "project dossier"),
    ("phương án sử dụng", "plan of use"),
    ("thẻ hành nghề", "professional card"),
    ("quyền khai thác", "right to exploit"),
    ("danh hiệu", "title"),
    ("chế độ trợ cấp", "allowance"),
    ("bản sao hồ sơ", "copy of a dossier"),
    ("thay đổi nội dung", "change of contents"),
    ("tạm ngừng hoạt động", "suspension"),
    ("chấm dứt hoạt động", "termination"),
    ("kết quả kiểm tra", "result of an inspection"),
];

/// The files of a province with a catalogue of full size in place of theirs: as many procedures of each level, online and wholly online, as
/// the province has published. Each takes field, time and steps from one of theirs, so that whoever is competent for those is for these.
///
/// # Errors
///
/// `UNSUITED` where a level has no procedure with steps to take after.
pub fn synthetic(theirs: &Catalogue, seed: u64) -> Result<Catalogue, Rejection> {
    let mut chance = Chance(seed);
    let mut procedures = Vec::new();
    for (tier, [count, online, full]) in ["province", "commune"].into_iter().zip(PUBLISHED) {
        // What is linked begins at a commune.
        let models: Vec<&Entry> = theirs
            .procedures
            .iter()
            .filter(|entry| entry.steps.as_ref().is_some_and(|steps| !steps.is_empty()))
            .filter(|entry| {
                (entry.procedure.get("tier").map(String::as_str) == Some("province")) == (tier == "province")
            })
            .collect();
        if models.is_empty() {
            let message = format!("no procedure of the level {tier} has steps to take after");
            return Err(Rejection::new(Kind::Precondition, "UNSUITED", message));
        }
        // Which go online is drawn: the numbers are shuffled, and the first ones do.
        let mut ranks: Vec<usize> = (0..count).collect();
        for index in (1..count).rev() {
            ranks.swap(index, chance.below(index + 1));
        }
        for (number, rank) in ranks.into_iter().enumerate() {
            // Each in turn, so that no field goes missing.
            let Some(model) = models.get(number % models.len()) else { continue };
            let level = match rank {
                rank if rank < full => "full",
                rank if rank < online => "partial",
                _ => "none",
            };
            procedures.push(made_up(model, procedures.len() + 1, tier, level, seed, &mut chance));
        }
    }
    Ok(Catalogue { procedures, synonyms: theirs.synonyms.clone(), ..Catalogue::default() })
}

fn made_up(model: &Entry, number: usize, tier: &str, level: &str, seed: u64, chance: &mut Chance) -> Entry {
    let one = |list: &[(&'static str, &'static str)], at: usize| list.get(at).copied().unwrap_or_default();
    let (act_vi, act_en) = one(&ACTS, chance.below(ACTS.len()));
    let (subject_vi, subject_en) = one(&SUBJECTS, chance.below(SUBJECTS.len()));
    let cell = |column: &str| model.procedure.get(column).cloned().unwrap_or_default();
    let (field_vi, field_en) = (cell("field_vi"), cell("field_en"));
    let basis = format!("synthetic (seed {seed}), steps as {}", model.code());
    let mut procedure = model.procedure.clone();
    let mut put = |column: &str, cell: String| procedure.insert(column.to_owned(), cell);
    put("code", format!("9.{number:06}"));
    put("name_vi", format!("{act_vi} {subject_vi} số {number} về {}", field_vi.to_lowercase()));
    put("name_en", format!("{act_en}: {subject_en} no. {number}, {}", field_en.to_lowercase()));
    put("tier", tier.to_owned());
    put("online_level", level.to_owned());
    put("basis", basis.clone());
    put("confidence", "low".to_owned());
    for column in
        ["form", "decision", "decided_on", "boundary_list", "replaced_by", "effective_from", "effective_to"]
    {
        if model.procedure.contains_key(column) {
            put(column, String::new());
        }
    }
    let document = |part: usize, vi: &str, en: &str, required: &str| {
        let cells = [
            ("part", part.to_string()),
            ("name_vi", vi.to_owned()),
            ("name_en", en.to_owned()),
            ("originals", "1".to_owned()),
            ("copies", "0".to_owned()),
            ("required", required.to_owned()),
            ("basis", basis.clone()),
        ];
        cells.map(|(column, cell)| (column.to_owned(), cell)).into()
    };
    let documents: Vec<Row> = vec![
        document(1, "Đơn đề nghị", "Request", "yes"),
        document(2, "Tài liệu kèm theo", "Enclosures", "yes"),
        document(3, "Văn bản ủy quyền", "Letter of authority", "no"),
    ];
    let fee = [
        ("fee", "charge".to_owned()),
        ("kind", "charge".to_owned()),
        ("name_vi", "Lệ phí".to_owned()),
        ("name_en", "Charge".to_owned()),
        ("amount_vnd", (chance.below(40) * 5_000).to_string()),
        ("per", "application".to_owned()),
        ("basis", basis.clone()),
    ];
    let fee: Row = fee.map(|(column, cell)| (column.to_owned(), cell)).into();
    put("fee_rule", "see_lines".to_owned());
    put("fee_vnd", String::new());
    Entry {
        procedure,
        later: Vec::new(),
        documents: Some(documents),
        fees: Some(vec![fee]),
        steps: model.steps.clone(),
        processes: None,
    }
}

/// SplitMix64: the same seed gives the same catalogue on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one, which is not 0.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
