#!/usr/bin/env python3
"""Makes the data folder of a province (deploy/province/ninh-binh) from the collected sources.

    python3 synthesize.py --source DIR --out DIR --seed N

--source holds communes.csv, procedures.csv and holidays.csv, collected from public sources.
--out    receives the CSV files that Phidia reads (`province.rs` names them) and those of the demo.
--seed   decides everything synthetic: officers, competencies, demand, exceptional hours.
         The same sources and the same seed give the same bytes.

documents.csv, fees.csv, synonyms.csv, figures.csv and the forms (form_*.json) are written by hand: it leaves them.

Facts are copied. What no source states (officers, effort, demand, Saturday shifts) is synthetic; the
README.md of the folder says which file is which. Python 3.11, standard library only.
"""

import argparse
import csv
import math
import random
import unicodedata
from pathlib import Path

PROVINCE = "37"
AGENCY = "H42"
PROVINCIAL_CENTRE = "H42-TTPVHCC"

# Units of the province that decide or take part. The codes are ours, not official.
PROVINCIAL_UNITS = [
    ("P-SNV", "department", "Sở Nội vụ", "Department of Home Affairs"),
    ("P-STC", "department", "Sở Tài chính", "Department of Finance"),
    ("P-SXD", "department", "Sở Xây dựng", "Department of Construction"),
    ("P-SNNMT", "department", "Sở Nông nghiệp và Môi trường", "Department of Agriculture and Environment"),
    ("P-SVHTT", "department", "Sở Văn hóa và Thể thao", "Department of Culture and Sports"),
    ("P-VPDKDD", "agency", "Văn phòng đăng ký đất đai", "Land Registration Office"),
    ("P-TGPL", "agency", "Trung tâm trợ giúp pháp lý nhà nước", "State Legal Aid Centre"),
    ("P-CAT", "agency", "Công an tỉnh", "Provincial Police"),
    ("P-THUE", "agency", "Thuế tỉnh", "Provincial Tax Office"),
    ("P-BHXH", "agency", "Bảo hiểm xã hội tỉnh", "Provincial Social Insurance"),
]

# `decided_by` of the source -> the unit; what is not here is decided at the home commune centre
# (the commune police is treated as an office of it).
AUTHORITIES = {
    "Sở Nội vụ / UBND tỉnh (per procedure)": "P-SNV",
    "Văn phòng đăng ký đất đai": "P-VPDKDD",
    "Sở Xây dựng": "P-SXD",
    "Sở Văn hóa và Thể thao": "P-SVHTT",
    "Công an tỉnh": "P-CAT",
    "Công an tỉnh (Phòng CSGT)": "P-CAT",
    "Sở Tài chính (Phòng Đăng ký kinh doanh)": "P-STC",
    "Trung tâm TGPL nhà nước": "P-TGPL",
    "Sở NN&MT / UBND cấp xã": "P-SNNMT",
}
COMMUNE_AUTHORITIES = {"UBND cấp xã", "Chủ tịch UBND cấp xã", "Công an cấp xã"}

# What the competent commune is found by, field by field.
KEY_OF_FIELD = {
    **dict.fromkeys([
        "Hộ tịch", "Thủ tục liên thông", "Nuôi con nuôi", "Bảo trợ xã hội", "Giảm nghèo", "Người có công",
        "Giáo dục và đào tạo", "Phòng, chống tệ nạn xã hội", "Trẻ em", "Dân số", "Hòa giải ở cơ sở",
        "Bồi thường nhà nước", "Tiếp công dân, khiếu nại, tố cáo", "Đăng ký, quản lý cư trú",
        "Định danh và xác thực điện tử", "Đê điều và phòng, chống thiên tai",
    ], "residence"),
    **dict.fromkeys([
        "Đất đai", "Hoạt động xây dựng", "Hạ tầng kỹ thuật", "Đường bộ", "Nhà ở và công sở", "Trồng trọt",
        "Tài nguyên nước", "Môi trường", "Chăn nuôi", "Lâm nghiệp", "Thú y", "Tín ngưỡng, tôn giáo",
    ], "land"),
    **dict.fromkeys([
        "Thành lập và hoạt động hộ kinh doanh", "Tổ hợp tác, hợp tác xã", "Lưu thông hàng hóa trong nước",
        "Kinh tế hợp tác và phát triển nông thôn", "Công nghiệp địa phương", "Văn hóa, thông tin",
    ], "head_office"),
}

# Single procedures whose notes say otherwise than their field.
KEY_OF_PROCEDURE = {
    "2.000908": "register",  # copy issued from the original register: who keeps it
    "2.000927": "register",  # correction of a certified transaction: where it was certified
    "2.000942": "register",  # copy of a certified transaction: where it was certified
    "3.000467": "register",  # copy of a diploma from the register
    "2.001035": "land",  # transaction on land or house: where it lies
    "2.001406": "land",  # division of an estate: where land or house lies
    "1.003622": "land",  # festival: where it takes place
    "1.012971": "head_office",  # preschool class, primary school, kindergarten: seat of the school
    "2.001842": "head_office",
    "1.006390": "head_office",
    "3.000498": "head_office",  # electronic identification of an organisation
}

# Procedures whose form lies beside the tables (form_<name>.json).
FORM_OF_PROCEDURE = {
    "1.001193": "birth",
    "1.000894": "marriage",
    "1.000656": "death",
    "2.000635": "extract",
    "1.001612": "household_business",
}

# The amended Law on Civil Status (April 2026): from this day any commune registers, whoever applies.
CIVIL_STATUS_IS_FREE = "2027-03-01"

HARD_FIELDS = {"Đất đai", "Hoạt động xây dựng", "Người có công"}

# Working minutes of one officer: (examination, signature). Synthetic.
EFFORT = {
    "Chứng thực": (12, 4),
    "Hộ tịch": (25, 5),
    "Nuôi con nuôi": (90, 6),
    "Thủ tục liên thông": (45, 6),
    "Hòa giải ở cơ sở": (40, 5),
    "Bồi thường nhà nước": (180, 8),
    "Tiếp công dân, khiếu nại, tố cáo": (150, 8),
    "Đăng ký, quản lý cư trú": (20, 4),
    "Cấp, quản lý căn cước": (25, 4),
    "Định danh và xác thực điện tử": (25, 4),
    "Thành lập và hoạt động hộ kinh doanh": (45, 5),
    "Tổ hợp tác, hợp tác xã": (50, 6),
    "Lưu thông hàng hóa trong nước": (60, 6),
    "Công nghiệp địa phương": (60, 6),
    "Kinh tế hợp tác và phát triển nông thôn": (90, 6),
    "Đất đai": (90, 8),
    "Hoạt động xây dựng": (100, 8),
    "Hạ tầng kỹ thuật": (60, 6),
    "Đường bộ": (60, 6),
    "Nhà ở và công sở": (60, 6),
    "Trồng trọt": (50, 6),
    "Tài nguyên nước": (60, 6),
    "Môi trường": (90, 8),
    "Đê điều và phòng, chống thiên tai": (55, 6),
    "Chăn nuôi": (50, 6),
    "Lâm nghiệp": (80, 6),
    "Thú y": (60, 6),
    "Bảo trợ xã hội": (50, 6),
    "Giảm nghèo": (60, 6),
    "Người có công": (70, 7),
    "Phòng, chống tệ nạn xã hội": (50, 6),
    "Trẻ em": (60, 6),
    "Dân số": (35, 5),
    "Giáo dục và đào tạo": (40, 5),
    "Tín ngưỡng, tôn giáo": (70, 7),
    "Văn hóa, thông tin": (60, 6),
    "Lý lịch tư pháp": (40, 5),
    "Sát hạch, cấp giấy phép lái xe": (25, 4),
    "Thành lập và hoạt động doanh nghiệp": (60, 6),
    "Trợ giúp pháp lý": (45, 5),
    "Quản lý chất lượng nông lâm sản và thủy sản": (120, 7),
}
# An officer's day holds more than applications (visits, meetings, the telephone). What is left for them is
# modelled by longer examinations: with this factor the demo's day, every application worked at home, comes
# near the province's published 98.12 % on time (third quarter of 2025).
CALIBRATION = 2.05

EFFORT_OF_PROCEDURE = {"1.012812": (240, 8), "1.013967": (300, 8), "3.000467": (12, 4), "2.001159": (8, 4)}

# The offices of a commune (Decree 150/2025) and the fields that each works in. The first of each list are
# the frequent ones. Commune police and mediation, complaints, compensation have steps only at home: no
# other centre could help, so they are always covered.
FREQUENT = [
    "Chứng thực", "Hộ tịch", "Thành lập và hoạt động hộ kinh doanh", "Bảo trợ xã hội",
]
OFFICES = {
    "police": ["Đăng ký, quản lý cư trú", "Cấp, quản lý căn cước", "Định danh và xác thực điện tử"],
    "justice": [
        "Chứng thực", "Hộ tịch", "Nuôi con nuôi", "Thủ tục liên thông", "Hòa giải ở cơ sở",
        "Bồi thường nhà nước", "Tiếp công dân, khiếu nại, tố cáo",
    ],
    "economy": [
        "Thành lập và hoạt động hộ kinh doanh", "Đất đai", "Hoạt động xây dựng", "Tổ hợp tác, hợp tác xã",
        "Lưu thông hàng hóa trong nước", "Công nghiệp địa phương", "Hạ tầng kỹ thuật", "Đường bộ",
        "Nhà ở và công sở", "Trồng trọt", "Chăn nuôi", "Thú y", "Lâm nghiệp", "Tài nguyên nước",
        "Môi trường", "Đê điều và phòng, chống thiên tai", "Kinh tế hợp tác và phát triển nông thôn",
    ],
    "society": [
        "Bảo trợ xã hội", "Người có công", "Giảm nghèo", "Trẻ em", "Dân số", "Phòng, chống tệ nạn xã hội",
        "Giáo dục và đào tạo", "Văn hóa, thông tin", "Tín ngưỡng, tôn giáo",
    ],
}
UNCOVERED = 0.08

FAMILY = [
    ("Nguyễn", 38), ("Trần", 12), ("Lê", 10), ("Phạm", 9), ("Hoàng", 5), ("Vũ", 6), ("Đinh", 5), ("Bùi", 4),
    ("Đỗ", 4), ("Đặng", 3), ("Ngô", 2), ("Dương", 2), ("Lã", 1), ("Tạ", 1), ("An", 1),
]
WOMEN = (
    ["Thị", "Thị Thu", "Thị Thanh", "Thị Ngọc", "Thị Minh", "Khánh", "Phương"],
    ["Hà", "Hương", "Lan", "Mai", "Nga", "Nhung", "Oanh", "Phượng", "Thảo", "Thủy", "Trang", "Vân", "Yến", "Huyền"],
)
MEN = (
    ["Văn", "Đức", "Quang", "Minh", "Xuân", "Trọng", "Anh", "Công"],
    ["Anh", "Bình", "Cường", "Dũng", "Hải", "Hùng", "Khoa", "Long", "Nam", "Phong", "Quân", "Sơn", "Tuấn", "Việt"],
)

# Shares of demand, per cent: the mix of one ward (Hải Châu, Đà Nẵng, 1–7/7/2025); no mix of Ninh Bình is
# known. What the ward's count does not show is set small by us, and so is the split within each share.
SHARES = {
    "certification": 57.6,
    "civil status": 15.1,
    "business": 7.1,
    "other same-day": 7.1,
    "land office": 6.2,
    "construction": 2.5,
    "social": 1.9,
    "foreign element": 1.6,
    "land use, agriculture, poverty": 1.1,
    "police": 1.5,
    "rest": 0.9,
}
# Within a share: 1 each, but for these.
POPULAR = {
    "2.000815": 40, "2.000884": 10, "2.001035": 4,
    "1.001193": 8, "2.000635": 12, "1.004873": 8, "1.000656": 4, "1.000894": 4, "1.004859": 3,
    "1.001612": 6, "2.000720": 3, "1.001266": 2,
    "2.000908": 6, "3.000467": 3, "2.000829": 1, "2.000282": 0.1, "2.002226": 0.4,
    "1.013831": 12, "1.012783": 4, "1.013978": 6, "1.012784": 3,
    "1.013225": 10, "1.014027": 6, "1.001699": 3, "1.004946": 0.1,
    "1.004222": 6, "1.004194": 6, "1.014061": 8, "1.010041": 4,
    "3.000333": 6, "3.000348": 6, "2.002288": 3,
}
DEMO_FIRST, DEMO_LAST = "2026-09-01", "2026-11-30"
SATURDAY = "2026-11-28"


def read(source, name):
    with open(source / name, encoding="utf-8", newline="") as file:
        return [
            {key: unicodedata.normalize("NFC", value).strip() for key, value in row.items()}
            for row in csv.DictReader(file)
        ]


def write(out, name, header, rows):
    with open(out / name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def place_name(commune):
    """('xã' | 'phường', 'Yên Mô')"""
    kind, _, name = commune["name"].partition(" ")
    return kind.lower(), name


# --- facts


def province(out):
    write(out, "province.csv", "key,value,basis", [
        ("code", PROVINCE, "GSO code of the province"),
        ("name_vi", "Ninh Bình", "official"),
        ("name_en", "Ninh Bình", "official"),
        ("agency_code", AGENCY, "Decision 20/2020/QĐ-TTg"),
        ("time_zone", "Asia/Ho_Chi_Minh", "official"),
        ("same_day_cutoff", "15:00", "received after 15:00: the next working day"),
    ])


def units(out, communes):
    rows = []
    for commune in communes:
        kind, name = place_name(commune)
        rows.append((
            commune["code"], "commune_centre",
            f"Trung tâm Phục vụ hành chính công {kind} {name}",
            f"{name} {'Ward' if kind == 'phường' else 'Commune'} Public Administrative Service Centre",
            commune["former_district"].split("|")[0], commune["lat"], commune["lon"], commune["neighbours"],
        ))
    rows.append((
        PROVINCIAL_CENTRE, "provincial_centre", "Trung tâm Phục vụ hành chính công tỉnh Ninh Bình",
        "Ninh Bình Provincial Public Administrative Service Centre", "", "", "", "",
    ))
    rows += [(*unit, "", "", "", "") for unit in PROVINCIAL_UNITS]
    write(out, "units.csv", "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours", rows)

    history = [
        (*former.split(" ", 1), commune["code"])
        for commune in communes for former in commune["legacy_units"].split("; ")
    ]
    write(out, "unit_history.csv", "former_code,former_name,successor_code", history)


def calendar(out, holidays):
    write(out, "legal_calendar.csv", "date,kind,name_vi,name_en,basis", [
        (day["date"], day["kind"], day["name_vi"], day["name_en"], day["basis"]) for day in holidays
    ])
    write(out, "working_hours.csv", "weekday,opens,closes", [
        (weekday, opens, closes)
        for weekday in ("mon", "tue", "wed", "thu", "fri")
        for opens, closes in (("07:30", "11:30"), ("13:30", "17:30"))
    ])


def catalogue(source):
    """The procedures, each with its authority, tier and days of validity put in our words."""
    procedures = []
    for row in read(source, "procedures.csv"):
        authority = AUTHORITIES.get(row["decided_by"])
        assert authority or row["decided_by"] in COMMUNE_AUTHORITIES, row["decided_by"]
        if row["level"].startswith("ministry") or row["field_vi"] == "Thủ tục liên thông":
            tier = "linked"
        else:
            tier = "province" if authority or row["level"] == "province" else "commune"
        first, last, successor = "", "", ""
        if row["status"] == "abolished_from_2027-01-01":
            last = "2027-01-01"
        elif row["status"].startswith("replaced_2026_by_"):
            last, successor = "2026-07-01", row["status"].removeprefix("replaced_2026_by_")
        elif row["status"] == "new_2026":
            first = "2026-07-01"
        else:
            assert row["status"] == "active", row["status"]
        procedures.append(row | {
            "authority": authority or "",
            "tier": tier,
            "unit": {"hour": "working_hour"}.get(row["time_unit"], row["time_unit"]),
            "online": {"toan_trinh": "full", "mot_phan": "partial", "none": "none"}[row["online_level"]],
            "from": first, "to": last, "successor": successor,
        })
    return procedures


def procedures_csv(out, procedures):
    header = (
        "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,"
        "result_vi,decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence,form"
    )
    write(out, "procedures.csv", header, [
        (
            row["code"], row["name_vi"], row["name_en"], row["field_vi"], row["field_en"], row["tier"],
            row["time_value"], row["unit"], row["online"], row["fee_vnd"], row["fee_rule"],
            row["result_type"], row["decided_by"], row["boundary_free_kind"], row["from"], row["to"],
            row["successor"], "; ".join(filter(None, (row["source"], row["notes"]))), row["confidence"],
            FORM_OF_PROCEDURE.get(row["code"], ""),
        )
        for row in procedures
    ])


# --- the internal process: rules over facts, efforts synthetic


def process(row):
    """(work scope, sign scope, key) of a procedure."""
    kind = row["boundary_free_kind"]
    if kind == "A_decide_anywhere":
        return "province", "province", "none"
    key = "fixed" if row["authority"] else KEY_OF_PROCEDURE.get(row["code"]) or KEY_OF_FIELD[row["field_vi"]]
    return ("province" if kind.startswith("B_") else "home"), "home", key


def effort(row):
    work, sign = EFFORT_OF_PROCEDURE.get(row["code"], EFFORT[row["field_vi"]])
    longer = row["unit"] != "same_day" and row["code"] not in EFFORT_OF_PROCEDURE
    if row["field_vi"] == "Hộ tịch" and longer:
        work += 20 if int(row["time_value"] or 0) >= 5 else 10
    if row["field_vi"] == "Chứng thực" and longer:
        work += 18
    return round(work * CALIBRATION), sign


def steps(out, procedures):
    rows = []
    for row in procedures:
        work_scope, sign_scope, key = process(row)
        work, sign = effort(row)
        level = 3 if row["field_vi"] in HARD_FIELDS else 2
        code, authority = row["code"], row["authority"]
        forms = [(work_scope, sign_scope, key, "", "")]
        if row["field_vi"] == "Hộ tịch" and row["boundary_free_kind"] == "B_online_assist":
            forms = [
                (work_scope, sign_scope, key, "", CIVIL_STATUS_IS_FREE),
                ("province", "province", "none", CIVIL_STATUS_IS_FREE, ""),
            ]
        for scope, _, key, *days in forms:
            rows.append((code, 1, "work", "Thẩm tra hồ sơ", "Examination", scope, key, authority, level, work, *days))
        for _, scope, key, *days in forms:
            rows.append((code, 2, "sign", "Ký duyệt", "Decision and signature", scope, key, authority, 5, sign, *days))
    header = (
        "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,effective_from,"
        "effective_to"
    )
    write(out, "steps.csv", header, rows)


# --- synthetic: people


def person(rng):
    middle, given = WOMEN if rng.random() < 0.58 else MEN
    family = rng.choices([name for name, _ in FAMILY], [weight for _, weight in FAMILY])[0]
    return f"{family} {rng.choice(middle)} {rng.choice(given)}"


def commune_staff(rng, size, movable):
    """One dict field -> level per officer of a commune centre: two leaders, then the offices.

    Every field is given to somebody of its office; of the `movable` rare ones (another centre may do
    the work) a share UNCOVERED is left to the leaders alone."""
    every = [field for fields in OFFICES.values() for field in fields]
    staff = [{field: 5 for field in every} for _ in range(2)]
    shares = {10: (2, 2, 2, 2), 11: (2, 2, 3, 2), 12: (2, 3, 3, 2), 13: (2, 3, 3, 3), 14: (2, 3, 4, 3)}[size]
    offices = {}
    for office, count in zip(OFFICES, shares):
        offices[office] = [{} for _ in range(count)]
        staff += offices[office]
        rare = [field for field in OFFICES[office] if field not in FREQUENT]
        rng.shuffle(rare)
        for turn, field in enumerate(rare):
            if field not in movable or rng.random() >= UNCOVERED:
                offices[office][turn % count][field] = rng.choice((3, 3, 3, 4))
            if field in ("Đất đai", "Hoạt động xây dựng", "Đăng ký, quản lý cư trú") and count > 1:
                if field not in movable or any(field in officer for officer in offices[office]):
                    offices[office][(turn + 1) % count][field] = 3
    for field in FREQUENT:
        home = next(office for office, fields in OFFICES.items() if field in fields)
        own = sorted(offices[home], key=len)
        others = [officer for name in ("justice", "economy", "society") if name != home for officer in offices[name]]
        rng.shuffle(others)
        others.sort(key=len)
        for turn, officer in enumerate((own + others)[: rng.choice((3, 4, 4, 5))]):
            officer[field] = rng.choice((3, 3, 4)) if turn < 3 else 2
    return staff


def people(out, rng, communes, procedures, demand):
    officers, competencies = [], []

    def employ(unit, staff):
        for number, levels in enumerate(staff, start=1):
            code = f"{unit}-{number:02}"
            officers.append((code, unit, person(rng)))
            competencies.extend((code, field, level) for field, level in sorted(levels.items()))

    movable = {row["field_vi"] for row in procedures if process(row)[0] == "province"}
    for commune in communes:
        weight = demand[commune["code"]]
        size = min(14, max(10, 12 + round(1.2 * math.log(weight)) + rng.choice((-1, 0, 0, 1))))
        employ(commune["code"], commune_staff(rng, size, movable))

    # The provincial centre shares the work of every field of which some work may be done anywhere.
    fields = sorted(movable)
    shared = [{} for _ in range(20)]
    for field in fields:
        for officer in rng.sample(shared, 9 if field in FREQUENT else 6):
            officer[field] = 3
    employ(PROVINCIAL_CENTRE, shared)

    for unit, *_ in PROVINCIAL_UNITS:
        decided = sorted({row["field_vi"] for row in procedures if row["authority"] == unit})
        staff = [{field: 5 for field in decided} for _ in range(2)]
        staff += [{field: rng.choice((3, 3, 4)) for field in decided} for _ in range(rng.randint(4, 8))]
        employ(unit, staff)
    write(out, "officers.csv", "code,unit,name", officers)
    write(out, "competencies.csv", "officer,field,level", competencies)


# --- synthetic: demand and exceptional hours


def demand_by_unit(rng, communes):
    """Relative arrivals, mean 1 over the commune centres, at most 5."""
    raw = {
        commune["code"]: (1.7 if commune["type"] == "phuong" else 1.0) * rng.lognormvariate(0, 0.7)
        for commune in communes
    }
    mean = sum(raw.values()) / len(raw)
    weights = {code: min(5.0, value / mean) for code, value in raw.items()}
    weights["14701"] = 3.3  # Yên Mô: about 101 a working day where the province's mean is 30.4
    return weights


def share_of(row):
    field, code = row["field_vi"], row["code"]
    if field == "Chứng thực" and code != "2.000908":
        return "certification"
    if field == "Hộ tịch":
        return "foreign element" if "nước ngoài" in row["name_vi"] else "civil status"
    if field in ("Thành lập và hoạt động hộ kinh doanh", "Lưu thông hàng hóa trong nước"):
        return "business"
    if row["unit"] == "same_day":
        return "other same-day"
    if field in OFFICES["police"]:
        return "police"
    if field in ("Hoạt động xây dựng", "Đường bộ", "Hạ tầng kỹ thuật", "Nhà ở và công sở"):
        return "construction"
    if field in ("Bảo trợ xã hội", "Dân số", "Trẻ em", "Phòng, chống tệ nạn xã hội"):
        return "social"
    if row["authority"] == "P-VPDKDD" or code in ("1.013978", "1.012753", "1.012796"):
        return "land office"
    agriculture = ("Đất đai", "Giảm nghèo", "Trồng trọt", "Chăn nuôi", "Thú y", "Lâm nghiệp", "Tài nguyên nước")
    return "land use, agriculture, poverty" if field in agriculture else "rest"


def demand(out, procedures, by_unit):
    write(out, "demand_units.csv", "unit,weight", [
        *((code, f"{weight:.4f}") for code, weight in by_unit.items()), (PROVINCIAL_CENTRE, "3.0000"),
    ])
    asked = [
        row for row in procedures
        if row["unit"] and row["from"] <= DEMO_FIRST and (not row["to"] or row["to"] > DEMO_LAST)
    ]
    sums = dict.fromkeys(SHARES, 0.0)
    for row in asked:
        sums[share_of(row)] += POPULAR.get(row["code"], 1)
    write(out, "demand_procedures.csv", "procedure,weight", [
        (row["code"], f"{SHARES[share_of(row)] * POPULAR.get(row['code'], 1) / sums[share_of(row)]:.4f}")
        for row in asked
    ])
    by_hour = {7: 6, 8: 19, 9: 20, 10: 14, 11: 5, 12: 1, 13: 8, 14: 13, 15: 9, 16: 5}
    write(out, "demand_hours.csv", "hour,weight", by_hour.items())


def capacity(out, rng, communes):
    codes = [commune["code"] for commune in communes]
    rows = [
        (code, SATURDAY, "07:30", "11:30", "Saturday for the people")
        for code in sorted({"14701", *rng.sample(codes, 19)})
    ]
    closed, half = rng.sample([code for code in codes if code != "14701"], 2)
    rows.append((closed, "2026-11-27", "", "", "power cut announced"))
    rows.append((half, "2026-11-26", "07:30", "11:30", "office moves in the afternoon"))
    write(out, "capacity.csv", "unit,date,opens,closes,reason", rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--source", type=Path, required=True, help="folder of the collected CSV files")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, required=True, help="decides everything synthetic")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    communes = read(args.source, "communes.csv")
    procedures = catalogue(args.source)
    province(args.out)
    units(args.out, communes)
    calendar(args.out, read(args.source, "holidays.csv"))
    procedures_csv(args.out, procedures)
    steps(args.out, procedures)
    # One generator per subject: a change in one leaves the others as they are.
    by_unit = demand_by_unit(random.Random(f"{args.seed} demand"), communes)
    demand(args.out, procedures, by_unit)
    people(args.out, random.Random(f"{args.seed} people"), communes, procedures, by_unit)
    capacity(args.out, random.Random(f"{args.seed} capacity"), communes)


if __name__ == "__main__":
    main()
