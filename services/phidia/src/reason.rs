//! What the reasons of refusals say in Vietnamese. The servers speak English; the key is theirs
//! (`google.rpc.ErrorInfo.reason`, and why a work item cannot be assigned).

/// The sentence of a reason; none: it is not known here, and the server's own sentence has to do.
pub(crate) fn vietnamese(reason: &str) -> Option<&'static str> {
    SENTENCES.iter().find(|(known, _)| *known == reason).map(|(_, sentence)| *sentence)
}

/// The sentence of a work item that somebody holds, who is named by their staff code.
pub(crate) fn held_by(code: &str) -> String {
    format!("việc này do cán bộ {code} giữ; hãy xem lại danh sách việc")
}

const SENTENCES: &[(&str, &str)] = &[
    // What was asked for is not there.
    ("UNKNOWN_APPLICATION", "không có hồ sơ nào mang mã này"),
    ("UNKNOWN_DECISION", "không có quyết định nào mang mã này"),
    ("DECISION_UNREADABLE", "bản ghi của quyết định này đã bị ai đó sửa, không còn đọc được"),
    ("LINK_MISSING", "thiếu một mắt xích"),
    ("DECISION_GONE", "quyết định đã bị xóa"),
    ("DECISION_CHANGED", "quyết định đã bị sửa"),
    ("CUT_OFF", "phần cuối đã bị cắt"),
    ("DECISION_OUTSIDE", "có quyết định nằm ngoài nhật ký"),
    ("UNKNOWN_CASE", "không có vụ việc nào mang mã này"),
    ("UNKNOWN_COUNTER", "ở đây không có quầy mang số này"),
    ("UNKNOWN_MESSAGE", "không có tin nào gửi cổng quốc gia mang mã hồ sơ và số này"),
    ("UNKNOWN_EQUIPMENT", "không có thiết bị nào mang mã này"),
    ("UNKNOWN_KIND", "ở đây không có loại công việc mang chữ cái này"),
    ("UNKNOWN_POINT", "trung tâm chưa đặt điểm tiếp nhận nào mang tên này"),
    ("UNKNOWN_TICKET", "không có phiếu nào mang mã này"),
    ("UNKNOWN_FIELD", "danh mục không có lĩnh vực nào mang tên này"),
    ("UNKNOWN_PLAN_AREA", "kế hoạch không có lĩnh vực nào mang tên này"),
    ("UNKNOWN_PLAN_TASK", "kế hoạch không có nhiệm vụ nào mang mã này"),
    ("UNKNOWN_POLICY", "không có phiên bản chính sách mang số này"),
    ("UNKNOWN_OFFICER", "người gọi không phải là cán bộ của tỉnh"),
    ("UNKNOWN_PROCEDURE", "danh mục không có thủ tục nào mang mã này"),
    ("UNKNOWN_RECEIPT", "không có hồ sơ nào có mã hồ sơ và mã tra cứu này"),
    ("UNKNOWN_SERVICE", "địa chỉ này không trả lời cho dịch vụ đó"),
    ("UNKNOWN_STEP", "thủ tục không có bước mang số này"),
    ("UNKNOWN_STAFF_CODE", "tỉnh không có cán bộ nào mang mã này"),
    ("UNKNOWN_UNIT", "tỉnh không có đơn vị nào mang mã này"),
    ("UNKNOWN_WORK_ITEM", "không có việc nào như vậy"),
    ("NOT_FOUND", "không tìm thấy"),
    ("NO_RESULT_WITHDRAWN", "không có kết quả nào được thu hồi ở lần mở lại mang số này"),
    ("NOTHING_PARKED", "không có sự kiện nào của hồ sơ này đang bị tạm giữ cho nơi nhận đó"),
    // What is handed in, or not yet.
    ("UNKNOWN_DRAFT", "bạn không có hồ sơ nháp nào mang mã này"),
    ("UNKNOWN_DOCUMENT", "thủ tục này không có thành phần hồ sơ mang mã này"),
    ("MISSING_DOCUMENT", "hồ sơ thiếu giấy tờ"),
    ("TOO_FEW_COPIES", "giấy tờ chưa đủ số lượng"),
    ("ANSWER_DOES_NOT_FIT", "tờ khai có mục chưa đúng"),
    ("ANSWERS_TOO_LARGE", "tờ khai quá dài"),
    ("ANSWERS_TOO_DEEP", "tờ khai lồng nhau quá nhiều tầng"),
    ("MALFORMED_ANSWERS", "tờ khai phải là một đối tượng JSON"),
    ("MALFORMED_ANSWER", "mục kê khai phải có dạng ĐƯỜNG.DẪN=NỘI_DUNG, ví dụ child.full_name=Nguyễn An"),
    ("MALFORMED_DOCUMENT", "giấy tờ phải có dạng PHẦN=SỐ original|copy|electronic, ví dụ “2=3 copies”"),
    ("MALFORMED_CODE", "mã không đúng dạng"),
    ("NOT_OF_A_PERSON", "chỉ tổ chức hoặc hộ kinh doanh mới có mục này"),
    ("NOT_ONLINE", "chỉ hồ sơ nộp trực tuyến mới có mục này"),
    ("DRAFT_CHANGED", "hồ sơ nháp vừa được người khác lưu; hãy xem lại rồi lưu tiếp"),
    ("DRAFT_SUBMITTED", "hồ sơ nháp này đã được nộp"),
    ("DRAFT_TOO_LARGE", "hồ sơ nháp quá dài"),
    ("NO_UNIT", "chỉ cán bộ của một đơn vị mới dùng chung hồ sơ nháp của đơn vị"),
    ("TOO_MANY_DRAFTS", "đã có quá nhiều hồ sơ nháp; hãy nộp hoặc bỏ bớt"),
    ("UNKNOWN_FEEDBACK", "không có phản ánh, kiến nghị nào như vậy, hoặc không thuộc quyền xử lý của bạn"),
    ("UNKNOWN_FAQ_ENTRY", "không có mục hỏi đáp nào mang số này"),
    ("UNKNOWN_RECEPTION_DAY", "đơn vị không tiếp công dân vào ngày này"),
    ("UNKNOWN_BOOKING", "không có lượt hẹn nào như vậy, hoặc không phải của bạn"),
    // What was said is not as it should be.
    ("UNKNOWN_SLOT", "giờ này không phải là một giờ tiếp của ngày đó"),
    ("ABOUT_THEMSELVES", "phản ánh về một đơn vị không được chuyển cho chính đơn vị đó"),
    (
        "PERSONAL_DATA",
        "có số giấy tờ, số điện thoại hoặc địa chỉ thư của một người; hãy bỏ đi trước khi công khai",
    ),
    ("OTHER_CHANNEL", "kênh tiếp nhận này không phải của người gọi"),
    ("OFFICERS_ONLY", "chỉ dành cho cán bộ ghi nhận"),
    ("ANSWERED_AT_ONCE", "đã trả lời thì không chuyển cấp trên"),
    ("FIELD_OF_PROCEDURE", "đã nêu thủ tục thì không nêu lĩnh vực"),
    ("DAY_OFF", "ngày này là ngày nghỉ"),
    ("COUNTER_DOES_NOT_SERVE", "quầy này không nhận loại công việc đó"),
    ("FIELDS_AND_REST", "đã nhận mọi lĩnh vực còn lại thì không nêu lĩnh vực riêng"),
    ("MALFORMED_KIND", "loại công việc là một chữ cái từ A đến Z"),
    ("MALFORMED_POINT", "điểm tiếp nhận có nhiều nhất 20 chữ cái không dấu, chữ số và gạch nối"),
    ("NOWHERE_ELSE", "hãy nêu loại công việc khác, hoặc một quầy"),
    ("COMMUNE_DIVIDED", "xã này đã được chia; hãy nêu một trong các đơn vị kế thừa"),
    ("CONTROL_CHARACTER", "không được có ký tự điều khiển"),
    ("DATE_OUT_OF_RANGE", "thời điểm nằm ngoài khoảng cho phép"),
    ("DAYS_REVERSED", "ngày cuối không được trước ngày đầu"),
    ("DUPLICATE", "mỗi mục chỉ được nêu một lần"),
    ("HOURS_INVALID", "các buổi phải tròn phút, theo thứ tự và không chồng nhau"),
    ("MALFORMED_DOSSIER_CODE", "mã hồ sơ phải có dạng H42.14701-261123-0001"),
    ("MALFORMED_CHECK_CODE", "mã tra cứu phải có sáu chữ số"),
    ("CODE_OF_ANOTHER_DAY", "mã hồ sơ phải là mã của ngày tiếp nhận"),
    ("CODE_NOT_RESERVED", "mã hồ sơ này không nằm trong dãy mã đã dành cho đơn vị tiếp nhận"),
    (
        "SENT_WITHOUT_ANSWER",
        "hồ sơ này đã gửi mà chưa có trả lời, có thể đã được tiếp nhận; hãy gửi lại trước",
    ),
    ("CODE_OF_ANOTHER_UNIT", "mã hồ sơ là của đơn vị đã tiếp nhận"),
    ("BEING_SENT", "một tiến trình khác đang gửi từ thư mục này"),
    ("DAMAGED_IN_SPOOL", "phần lưu của hồ sơ này bị hỏng; hãy tiếp nhận lại"),
    ("LINE_DROPPED", "đường truyền im lặng quá lâu"),
    ("NOT_IN_SPOOL", "thư mục chờ không có hồ sơ nào mang mã này"),
    ("UNKNOWN_CODE_RANGE", "không có dãy mã hồ sơ nào mang mã này"),
    ("MALFORMED_DATE", "ngày phải có dạng 2026-11-24"),
    ("MALFORMED_INSTANT", "thời điểm phải có dạng 2026-11-24T15:05"),
    ("MALFORMED_DEMAND", "dữ liệu nhu cầu (demand_*.csv) có chỗ sai"),
    ("MALFORMED_EMAIL", "địa chỉ thư điện tử không đúng dạng"),
    ("MALFORMED_ID", "mã không đúng dạng"),
    ("MALFORMED_IDEMPOTENCY_KEY", "khóa chống trùng phải gồm 1 đến 128 ký tự ASCII thấy được"),
    ("MALFORMED_MESSAGE", "không đọc được thông điệp"),
    ("MALFORMED_PAGE_TOKEN", "mã trang không phải là mã của trang trước"),
    (
        "MALFORMED_PERIOD",
        "kỳ báo cáo phải có dạng 2026, 2026-H1, 2026-Q4, 2026-11, 2026-11-23 hoặc 2026-10-01..2026-12-31",
    ),
    ("MALFORMED_PEER", "địa chỉ phải có dạng http://máy:cổng"),
    ("MALFORMED_PLACE", "địa điểm phải có dạng LOẠI=MÃ, ví dụ residence=14701"),
    ("MALFORMED_PLAN", "tệp kế hoạch có chỗ sai; chưa thay đổi gì"),
    ("MALFORMED_POLICY", "chính sách phân công có chỗ sai; chưa thay đổi gì"),
    ("MALFORMED_CATALOGUE", "tệp danh mục có chỗ sai; chưa thay đổi gì"),
    ("UNKNOWN_COLUMN", "tệp danh mục có cột không dùng đến; chưa thay đổi gì"),
    ("UNKNOWN_FILE", "danh mục không có tệp nào mang tên này"),
    ("UNKNOWN_WORD", "giá trị này không nằm trong các giá trị được phép"),
    ("WRONG_COUNT", "số tệp không đúng"),
    ("NO_STEPS", "thủ tục mới chưa có quy trình; hãy nêu các bước hoặc dùng --steps-as"),
    ("UNSUITED", "danh mục gốc không có thủ tục nào để làm mẫu"),
    ("UNKNOWN_DIFFERENCE", "lần đối chiếu gần nhất không thấy khác biệt này"),
    ("DIFFERENCE_MOVED_ON", "nội dung khác biệt đã thay đổi; hãy xem lại"),
    ("MALFORMED_PROVINCE", "dữ liệu của tỉnh có chỗ sai; chưa thay đổi gì"),
    ("MALFORMED_RESUME_TOKEN", "mã nối tiếp không phải là mã đã được cấp"),
    ("MALFORMED_TELEPHONE", "số điện thoại chỉ được gồm chữ số, khoảng trắng và dấu +"),
    ("MALFORMED_TIME", "giờ phải có dạng 07:30"),
    ("MALFORMED_TOKEN", "mã truy cập chỉ được gồm ký tự ASCII thấy được"),
    ("NOT_A_LATER_ATTEMPT", "phải là một lần sau của cùng bước"),
    ("MALFORMED_WORK_ITEM", "việc phải được nêu theo dạng hồ-sơ/bước/lần, như trong danh sách việc"),
    ("MESSAGE_TOO_LARGE", "thông điệp quá lớn"),
    ("MISSING_FIELD", "thiếu thông tin bắt buộc"),
    ("NOT_COVERED", "có bước không ai làm được trong năm tới; chưa thay đổi gì (xem `phidia policy check`)"),
    ("NOT_A_HOME", "không bước nào của thủ tục này có thể thuộc thẩm quyền của đơn vị này"),
    ("NEWER_RULES", "quyết định này theo bộ quy tắc mới hơn phiên bản phần mềm này"),
    (
        "NO_HOURS",
        "phải nêu ít nhất một khoảng giờ; ai vắng cả ngày thì ghi vắng mặt (`phidia officer absent`)",
    ),
    ("NO_OPEN_OFFICERS", "dữ liệu mở không có số liệu của từng cán bộ"),
    ("NO_FILES", "thư mục này không có tệp dữ liệu của tỉnh"),
    ("NO_PROCEDURE_IN_FORCE", "trong quý này không có thủ tục nào có hiệu lực"),
    ("NO_WORKING_DAY", "quý này không có ngày làm việc nào"),
    ("OUT_OF_RANGE", "giá trị nằm ngoài khoảng cho phép"),
    ("PLAN_TOO_LONG", "kế hoạch sẽ có quá 300 nhiệm vụ; chưa thay đổi gì"),
    ("REGISTER_TOO_LONG", "sổ có quá 3.000 hồ sơ; hãy chọn ít ngày hơn"),
    ("PROCEDURE_ABOLISHED", "thủ tục đã bị bãi bỏ"),
    ("PROCEDURE_NOT_YET_IN_FORCE", "thủ tục chưa có hiệu lực"),
    ("NEXT_AFTER_REFUSAL", "từ chối thì hồ sơ kết thúc, không có bước sau"),
    ("REASON_WITHOUT_REFUSAL", "chỉ nêu lý do khi từ chối"),
    ("UNIT_DOES_NOT_RECEIVE", "đơn vị này không tiếp nhận hồ sơ"),
    ("UNKNOWN_QUARTER", "quý phải có dạng 2025Q3"),
    ("UNKNOWN_VALUE", "giá trị không có trong các giá trị cho phép"),
    ("WRONG_LENGTH", "độ dài không nằm trong khoảng cho phép"),
    ("INVALID_ARGUMENT", "yêu cầu không hợp lệ"),
    // Who asks may not.
    ("NOT_THE_REGISTER", "chỉ sổ thiết bị mới báo kèm số lần sửa"),
    ("NO_CENTRE", "chỉ người thuộc một trung tâm mới có quầy"),
    ("OTHER_AT_COUNTER", "cán bộ tự ngồi vào quầy; người phụ trách mới nêu tên người khác"),
    ("APPLICATION_NEEDED", "chỉ người vận hành được xem mọi tin nhắn; hãy nêu mã hồ sơ"),
    ("MALFORMED_IDENTITY", "không đọc được danh tính của người gọi"),
    ("NOT_COMPETENT", "cán bộ chưa có bậc năng lực mà bước này cần"),
    ("NO_IDENTITY", "người gọi chưa nêu danh tính"),
    ("NO_TOKEN", "cần có mã truy cập (--token)"),
    ("OFFICER_NOT_NAMED", "cán bộ phải nêu --my-unit MÃ và --officer MÃ (PHIDIA_UNIT, PHIDIA_OFFICER)"),
    ("OTHER_OFFICER", "cán bộ chỉ xem được giờ làm thêm và nghỉ bù của chính mình"),
    ("OTHER_UNIT", "việc này thuộc đơn vị khác"),
    ("ROLE_NOT_ALLOWED", "vai trò của người gọi không được làm việc này"),
    ("UNKNOWN_METHOD", "không ai được gọi thao tác này ở địa chỉ này"),
    ("WRONG_TOKEN", "mã truy cập không đúng"),
    ("PERMISSION_DENIED", "không được phép"),
    ("UNAUTHENTICATED", "chưa xác định được người gọi"),
    // It stands otherwise.
    ("ASSET_NUMBER_TAKEN", "trung tâm đã có thiết bị khác mang số tài sản này"),
    ("COUNTER_OCCUPIED", "quầy này đang có người khác ngồi"),
    ("COUNTER_OPEN", "quầy này đang mở; hãy đóng trước"),
    ("EQUIPMENT_RETIRED", "thiết bị này đã ra khỏi sổ; hãy đăng ký thiết bị thay thế"),
    ("NO_PORTAL", "chưa kết nối với cổng quốc gia (portal.url)"),
    ("NOT_REFUSED", "chỉ bỏ qua được tin mà cổng quốc gia từ chối"),
    ("DRAFT_HANDED_IN", "hồ sơ nháp này đã được nộp với mã hồ sơ khác"),
    ("DRAFT_IN_SPOOL", "nội dung nằm trong hồ sơ nháp: hãy sửa bằng `phidia draft set`"),
    ("KIND_IN_USE", "loại công việc này còn người chờ, hoặc có quầy chỉ nhận loại này"),
    ("NO_WORKPLACE", "số quầy đang mở đã bằng số máy tính, bàn quầy dùng được ở đây"),
    ("NOT_AT_COUNTER", "cán bộ không ngồi ở quầy này; hãy mở quầy trước"),
    ("NUMBERS_USED_UP", "hôm nay đã hết số của loại công việc này"),
    ("OLD_TURN", "số này đã được gọi lần khác; hãy xem lại"),
    ("OTHER_COUNTER", "số này được gọi đến một quầy khác"),
    ("SEATED_ELSEWHERE", "cán bộ đang ngồi ở quầy khác; hãy đóng quầy đó trước"),
    ("TICKET_NOT_READY", "số này đang ở trạng thái khác nên không làm việc đó được"),
    ("TOO_MANY_TICKETS", "hôm nay bạn đã lấy đủ số lượt được phép ở đây"),
    ("BEST_WHERE_IT_IS", "việc ở nơi hiện tại là tốt nhất; hãy nêu đơn vị nếu vẫn muốn chuyển"),
    ("ASSIGNED_OTHERWISE", "lần này đã được phân công cho đơn vị khác"),
    ("CASE_ELSEWHERE", "vụ việc đang ở trạng thái khác"),
    ("CASE_OPEN", "hồ sơ đang được giải quyết, không có gì để mở lại"),
    ("REOPENED_BEFORE", "theo quyết định này hồ sơ đã được mở lại ở một bước khác"),
    ("CASE_FINISHED", "vụ việc đã kết thúc"),
    ("CHANGED_MEANWHILE", "việc vừa thay đổi; hãy thử lại"),
    ("DECIDED_ELSEWHERE", "nơi khác vừa quyết định về việc này"),
    ("ISSUED_BY_CENTRES", "chỉ nơi tiếp nhận mới được nêu mã hồ sơ đã cấp"),
    ("CODE_USED", "mã hồ sơ này đã cấp cho hồ sơ khác"),
    ("CODE_VOID", "mã hồ sơ này đã trả lại, không còn hiệu lực; hãy cấp mã khác cho hồ sơ"),
    ("IDEMPOTENCY_KEY_REUSED", "khóa chống trùng đã dùng cho một yêu cầu khác"),
    ("IDEMPOTENCY_RACE", "chính yêu cầu này đang được trả lời; hãy thử lại"),
    ("MOVED_ELSEWHERE", "việc này vừa được chuyển đi nơi khác"),
    ("NO_FREE_VERSION", "chưa có phiên bản nào còn trống ở mọi dịch vụ; hãy thử lại"),
    ("OLD_ATTEMPT", "việc này đã chuyển sang lần khác"),
    ("OLD_FENCE", "việc này đã thay đổi từ khi bạn xem; hãy xem lại danh sách việc"),
    ("OTHER_PROVINCE", "đang có một tỉnh khác hoạt động"),
    ("REGISTRY_CHANGED", "tình trạng các đơn vị vừa thay đổi; hãy thử lại"),
    ("REGISTRY_MOVED_ON", "mục này đã được sửa từ khi bạn xem; hãy xem lại"),
    ("VERSION_MOVED_ON", "đã có phiên bản khác hoạt động; hãy xem lại"),
    ("RESCUED", "được chuyển đi để kịp hạn"),
    ("NOBODY_ABLE_THERE", "ở đó không còn ai làm được bước này"),
    ("UNIT_IN_EMERGENCY", "đơn vị đang trong tình trạng khẩn cấp"),
    ("POLICY_MOVED_ON", "một phiên bản chính sách khác đang có hiệu lực"),
    ("REFERENCE_GOES_FORWARD", "đã có phiên bản mới hơn đang hoạt động"),
    ("REFERENCE_NOT_STAGED", "phiên bản này chưa được chuẩn bị"),
    ("REFERENCE_VERSION_REUSED", "phiên bản này đã được chuẩn bị với dữ liệu khác"),
    ("SEQUENCE_GIVEN_TWICE", "bảng tải công việc đã cấp một số hai lần; hãy thử lại"),
    ("STEP_DONE", "bước này đã xong"),
    ("NOT_HELD", "không ai đang giữ việc này"),
    ("AWAITING_SUPPLEMENT", "bước này đang chờ người nộp bổ sung hồ sơ"),
    ("AWAITING_PAYMENT", "bước này đang chờ người nộp thực hiện nghĩa vụ tài chính"),
    ("REFERRED", "bước này đang chờ cơ quan khác"),
    ("NO_PAYMENT_ASKED", "không có khoản tiền nào phải nộp cho hồ sơ này"),
    ("OTHER_AMOUNT", "số tiền khác với số đã yêu cầu"),
    ("CLOCK_STANDS_STILL", "thời hạn đang tạm dừng để chờ người nộp; khi họ trả lời mới biết hạn mới"),
    ("STEP_PAUSED", "bước này đang chờ người nộp hoặc chờ cơ quan khác"),
    (
        "TOO_MANY_CODES",
        "đã dành quá nhiều mã hồ sơ cho đơn vị trong ngày này; hãy trả lại những dãy không cần",
    ),
    ("DRAINING", "tiến trình sắp dừng; hãy gửi lại những gì chưa được trả lời"),
    ("TOO_MANY_PAYMENTS", "hồ sơ này đã được yêu cầu nộp tiền quá nhiều lần"),
    ("REFERRAL_ENDED", "yêu cầu này đã kết thúc"),
    ("UNKNOWN_REFERRAL", "không có yêu cầu xác minh, phối hợp nào như vậy"),
    ("CASE_STOPPED", "hồ sơ đã dừng giải quyết"),
    ("CASE_REFUSED", "hồ sơ đã bị từ chối ở một bước song song"),
    (
        "SUPPLEMENT_ASKED_BEFORE",
        "chỉ được yêu cầu bổ sung một lần, với đầy đủ lý do (Nghị định 118/2025/NĐ-CP, Điều 11)",
    ),
    ("POSTPONED_BEFORE", "mỗi hồ sơ chỉ được hẹn lại một lần (Thông tư 03/2025/TT-VPCP, mẫu số 04)"),
    ("PAST_DUE", "đã quá hạn trả kết quả; phải xin lỗi và hẹn lại trước ngày đó"),
    ("NOTHING_PROMISED", "hồ sơ này không có ngày hẹn trả để hẹn lại"),
    ("NOT_THE_HOLDER", "chỉ người đang giữ việc hoặc phụ trách của đơn vị đang giữ hồ sơ mới được hẹn lại"),
    ("NOT_AFTER_DUE", "phải sau thời hạn trả kết quả"),
    ("OUTSIDE_WORKING_TIME", "phải trong giờ làm việc"),
    ("TOO_LATE", "không được xa hơn thời hạn giải quyết quy định"),
    ("NOT_DECIDED", "vụ việc chưa có kết quả"),
    ("PERSON_ERASED", "dữ liệu của người nộp đã được xóa, kể cả kết quả đã phát hành"),
    ("RESULT_ISSUED_BEFORE", "kết quả đã được phát hành với một tệp khác"),
    ("RESULT_NOT_ISSUED", "chưa có kết quả dạng tệp nào được phát hành"),
    ("RESULT_NOT_SIGNED", "chưa có chữ ký nào kèm theo tệp kết quả"),
    ("OTHER_FILE", "chữ ký là của một tệp khác với kết quả"),
    ("SIGNED_BEFORE", "kết quả đã có chữ ký kèm theo"),
    ("RETURNED_ELSEWHERE", "người nộp đã chọn nhận kết quả ở đơn vị khác"),
    ("HANDED_OVER_BEFORE", "kết quả đã được trả trước đó"),
    ("MALFORMED_FILE_NAME", "phải là tên tệp, không kèm thư mục"),
    ("MALFORMED_MEDIA_TYPE", "phải là kiểu tệp viết thường, ví dụ application/pdf"),
    ("TOO_LARGE", "quá lớn"),
    ("IN_THE_FUTURE", "không được sau thời điểm hiện tại"),
    ("IDENTITY_NUMBER", "chỉ ghi họ tên, không ghi số giấy tờ tùy thân"),
    ("FORM_NOT_ISSUED", "hồ sơ này không có mẫu đó; bên dưới là số của các mẫu đã có"),
    ("NO_SUPPLEMENT_ASKED", "không có yêu cầu bổ sung nào đối với hồ sơ này"),
    ("SUPPLEMENT_TOO_LATE", "đã quá thời hạn bổ sung; hãy nộp hồ sơ mới"),
    ("MALFORMED_RECEIPT", "đây không phải là giấy tiếp nhận như đã cấp"),
    ("RECEIPT_CHANGED", "nội dung đã bị sửa: chữ ký không khớp với những gì ghi ở đó"),
    ("UNKNOWN_KEY", "giấy này không do khóa nào trong số các khóa đã nêu ký"),
    ("KEY_REQUIRED", "nội dung mã QR không kèm khóa: hãy nêu khóa mà tỉnh đã công bố, bằng --key"),
    ("WRONG_PROOF", "chứng minh này không phải của giấy tiếp nhận này"),
    ("ROOT_NOT_PINNED", "không có chứng minh rằng hồ sơ nằm dưới gốc đã nêu"),
    ("MALFORMED_PIN", "khóa hoặc gốc phải gồm 52 chữ cái và chữ số"),
    ("NOT_SIGNED", "hồ sơ được tiếp nhận trước khi giấy tiếp nhận được ký số nên không có chứng minh"),
    ("NOT_CLOSED_YET", "ngày tiếp nhận chưa khóa nên chưa có chứng minh"),
    ("UNKNOWN_DAY", "ngày này chưa khóa"),
    ("DAY_CLOSED", "ngày này đã khóa"),
    (
        "RECEIPT_REQUIRED",
        "cần có mã hồ sơ, mã tra cứu và số giấy tờ tùy thân của người nộp để sửa thông tin liên hệ",
    ),
    ("NO_SECOND_FACTOR", "người nộp không khai số giấy tờ tùy thân; hãy nhờ cán bộ sửa giúp"),
    ("TOO_MANY_WRONG_CODES", "đã nhập sai mã tra cứu quá nhiều lần; hãy thử lại sau 15 phút"),
    ("APPLICATION_ENDED", "hồ sơ đã kết thúc"),
    // Attachments.
    ("UNKNOWN_ATTACHMENT", "không có tệp đính kèm nào như vậy"),
    ("MEDIA_TYPE_NOT_TAKEN", "không nhận loại tệp này; bên dưới là các loại được nhận"),
    ("NAME_OF_ANOTHER_TYPE", "đuôi tên tệp không đúng với loại tệp"),
    ("MALFORMED_DIGEST", "SHA-256 phải gồm 64 chữ số thập lục phân viết thường"),
    ("TOO_MANY_UPLOADS", "còn quá nhiều tệp đang tải lên dở dang; hãy tải xong hoặc xóa bớt"),
    ("TOO_MUCH_UNCLAIMED", "đã tải lên quá nhiều tệp mà chưa nộp; hãy nộp hoặc xóa bớt"),
    ("UPLOAD_GONE", "tệp tải lên với khóa này đã bị xóa; hãy tải lại với khóa khác"),
    ("WRONG_OFFSET", "tệp phải được gửi tiếp từ đúng chỗ đã lưu"),
    ("MORE_THAN_ANNOUNCED", "tệp dài hơn đã báo trước; có thể gửi lại từ đầu"),
    ("OUT_OF_ORDER", "thông điệp sai thứ tự"),
    ("DIGEST_MISMATCH", "SHA-256 của tệp khác với đã báo trước; có thể gửi lại"),
    ("NOT_WHAT_IT_CLAIMS", "nội dung tệp không đúng với loại tệp đã khai"),
    ("TOO_MANY_PAGES", "tệp có quá nhiều trang"),
    ("PICTURE_TOO_LARGE", "ảnh có quá nhiều điểm ảnh"),
    ("UNREADABLE_FILE", "tệp bị hỏng, không đọc được"),
    ("LOCKED_FILE", "tệp bị khóa bằng mật khẩu; hãy gửi tệp không có mật khẩu"),
    ("UPLOAD_SILENT", "quá lâu không nhận được gì; phần đã lưu vẫn còn, có thể gửi tiếp từ đó"),
    ("TOO_MANY_STREAMS", "đang có quá nhiều tệp được gửi cùng lúc; hãy thử lại sau"),
    ("TOO_MANY_PIECES", "tệp đã bị ngắt quá nhiều lần; hãy xóa và tải lại từ đầu"),
    ("SENT_BY_ANOTHER", "tệp này đang được gửi ở nơi khác, hoặc đã bị xóa"),
    ("NOT_UPLOADED_YET", "tệp chưa được tải lên xong"),
    ("NOT_SCANNED_YET", "tệp chưa được quét vi-rút; hãy thử lại sau"),
    ("QUARANTINED", "phát hiện vi-rút trong tệp; tệp đã bị cách ly"),
    ("NOT_QUARANTINED", "tệp này không bị cách ly, hoặc đã được cho dùng lại"),
    ("ATTACHED", "tệp đã được nộp cùng hồ sơ nên không xóa riêng được"),
    ("ATTACHED_ELSEWHERE", "tệp đã được nộp cùng một hồ sơ khác"),
    ("TOO_MANY_ATTACHMENTS", "quá nhiều tệp đính kèm cùng lúc"),
    ("SUPPLEMENTED_BEFORE", "đã nhận bổ sung trước đó mà không có tệp này"),
    ("NAMED_TWICE", "hãy nêu mã nội bộ, hoặc mã hồ sơ và mã tra cứu, không nêu cả hai"),
    ("DAMAGED_ON_THE_WAY", "tệp nhận được bị hỏng trên đường truyền; chưa ghi gì, hãy thử lại"),
    ("FILES_UNAVAILABLE", "hiện không truy cập được kho tệp; hãy thử lại sau"),
    ("NOT_ENDED_YET", "chỉ đánh giá được khi hồ sơ đã kết thúc"),
    ("AGENCY_RATES_ITSELF", "hệ thống của một cơ quan không được đánh giá việc của chính cơ quan đó"),
    ("ANSWER_RATED_BEFORE", "câu trả lời đã được đánh giá; đánh giá đã gửi không thay đổi được"),
    ("FEEDBACK_STATE", "phản ánh, kiến nghị đang ở trạng thái khác; xem những việc làm được bên dưới"),
    ("SAME_DESK", "phản ánh, kiến nghị đã ở đó rồi"),
    ("HELD_BY_ANOTHER", "cán bộ khác đã nhận xử lý"),
    ("NOT_AUTHORS", "việc này không phải của người gọi"),
    ("MODERATORS_ONLY", "việc công khai do người phụ trách hoặc cấp tỉnh quyết định"),
    ("NOT_ANSWERED", "chưa có câu trả lời để đưa vào mục hỏi đáp"),
    ("PROMOTED_BEFORE", "đã có mục hỏi đáp từ phản ánh này"),
    ("DAILY_LIMIT", "đã gửi quá nhiều trong ngày; hãy thử lại ngày mai"),
    ("SLOT_TAKEN", "giờ này đã có người hẹn; hãy chọn giờ khác"),
    ("SLOT_PAST", "giờ này đã qua"),
    ("DAY_CANCELLED", "ngày tiếp này đã bị hủy; hãy chọn ngày khác"),
    ("BOOKING_STATE", "lượt hẹn đang ở trạng thái khác; xem những việc làm được bên dưới"),
    ("TOO_EARLY", "chưa đến giờ hẹn"),
    ("TOO_MANY_BOOKINGS", "số điện thoại này đã có đủ lượt hẹn sắp tới"),
    ("RATED_BEFORE", "hồ sơ đã được đánh giá khác; đánh giá đã gửi không thay đổi được"),
    ("NEXT_STEP_NOT_ALLOWED", "quy trình không cho chuyển sang bước này; hãy xem các bước được chọn"),
    ("CITIZEN_ASKED", "ở một bước song song, người dân đang được yêu cầu: chờ họ thực hiện xong"),
    ("STEPS_TOGETHER", "các bước song song phải xong trước, sau đó mới trả lại được"),
    ("STEP_SKIPPED", "hồ sơ đã không qua bước này: ở đó không có gì để sửa"),
    ("STEP_NOT_DUE", "vụ việc đang ở bước khác"),
    ("THERE_ALREADY", "việc đã ở đơn vị này"),
    ("WORK_BEGUN", "đã có cán bộ nhận việc này; việc ở nguyên chỗ"),
    ("WORK_DONE", "việc này đã xong"),
    ("WORK_NOT_ASSIGNED", "việc này chưa ở đơn vị nào"),
    ("WORK_RELEASED", "việc này đã được rút về và phân công lại"),
    ("ABORTED", "đã có người khác làm trước"),
    ("ALREADY_EXISTS", "đã có rồi"),
    ("FAILED_PRECONDITION", "hiện chưa làm được việc này"),
    // Why a work item cannot be assigned.
    ("CLOSED", "những nơi làm được đều đang nghỉ"),
    ("CONFLICT_OF_INTEREST", "những nơi làm được đều có xung đột lợi ích; phải chỉ định cơ quan khác"),
    ("HOME_ABOLISHED", "đơn vị có thẩm quyền không còn, và không có một đơn vị duy nhất kế thừa"),
    ("HOME_NOT_COMPETENT", "đơn vị có thẩm quyền không có người làm được bước này"),
    ("NOBODY_PRESENT", "không ai làm được bước này có mặt trước hạn"),
    ("NOT_ACCEPTING", "những nơi làm được hiện không nhận việc"),
    ("NO_CAPACITY", "những nơi làm được đã nhận đủ việc"),
    ("ORIGINALS_ELSEWHERE", "bản chính ở nơi không có người làm được bước này"),
    ("NOBODY_COMPETENT", "không đơn vị nào có người làm được bước này"),
    ("PLACE_MISSING", "hồ sơ không nêu địa điểm xác định đơn vị có thẩm quyền"),
    ("VERSION_NOT_HERE", "chưa có phiên bản dữ liệu mà hồ sơ thuộc về"),
    // Why nobody may take a step in the coming year, and which rules never apply.
    ("CLOSED_FOR_GOOD", "những nơi làm được không còn ngày làm việc nào"),
    ("CLUSTER_OF_ONE", "chỉ có một đơn vị: bước được chuyển trong cụm vẫn ở nguyên chỗ"),
    ("NEVER_IN_FORCE", "không có hiệu lực vào ngày nào trong số này"),
    ("NOT_AT_HOME", "phải làm tại nơi có thẩm quyền, mà nơi đó không có người đủ bậc năng lực"),
    ("NOT_IN_CLUSTER", "trong cụm không có người đủ bậc năng lực"),
    ("NOT_IN_PROVINCE", "trong tỉnh không có người đủ bậc năng lực"),
    ("NOT_LISTED", "nơi có thẩm quyền và các đơn vị trong danh sách đều không có người đủ bậc năng lực"),
    ("NOTHING_RARE", "không có gì để xét: lĩnh vực nào cũng có nhiều người làm được hơn rare_officers"),
    ("NO_DISTANCES", "không có gì để xét: chưa đến hai đơn vị có tọa độ"),
    ("NO_GREEN_CORRIDOR", "không có gì để xét: không thủ tục nào thuộc luồng xanh"),
    ("NO_HOME", "khóa thẩm quyền không chỉ ra đơn vị nào"),
    ("SCOPE_IN_VAIN", "được chuyển đi nơi khác, mà không nơi nào khác làm được"),
    // Something is away.
    ("APPLICATION_NOT_HERE", "hồ sơ chưa đến đây"),
    ("BOARD_AT_WORK", "bảng tải công việc đang thay đổi"),
    ("BOARD_AWAY", "hiện không kết nối được với bảng tải công việc"),
    ("WORKLIST_BUSY", "nhiều người đang cùng nhận việc ở đây, hãy thử lại"),
    ("DESK_BUSY", "hiện có quá nhiều việc đang chờ quyết định"),
    ("BOARD_CONTENDED", "tải của các đơn vị đang thay đổi quá nhanh"),
    ("BOARD_NOT_BUILT", "bảng tải công việc đang được dựng"),
    ("BOARD_REBUILT", "bảng tải công việc đang được dựng lại"),
    ("DEADLINE_EXCEEDED", "quá thời gian chờ mà chưa có trả lời"),
    ("TOKEN_OUT_OF_RANGE", "mã nối tiếp này không còn dùng được ở đây; hãy theo dõi lại từ bây giờ"),
    ("READER_TOO_SLOW", "theo dõi không kịp; hãy nối tiếp bằng mã đã nhận"),
    ("GOING_AWAY", "máy chủ đang dừng"),
    ("INTERNAL", "lỗi nội bộ của hệ thống; xin báo người vận hành kèm số tham chiếu"),
    ("MOVE_ON_ITS_WAY", "việc này đang được chuyển; xin xem lại sau giây lát"),
    ("NOT_ARRIVED", "có sự kiện chưa đến nơi; hồ sơ liên quan sẽ bị xem nhầm là mất"),
    ("NOT_HERE_YET", "chưa đến đây"),
    ("NO_PROVINCE", "chưa có tỉnh nào được nạp"),
    ("OVERLOADED", "có quá nhiều yêu cầu cùng lúc"),
    ("PEER_UNAVAILABLE", "hiện không kết nối được với một dịch vụ khác"),
    ("STORE_CONTENDED", "cơ sở dữ liệu đang bận vì có việc khác cùng lúc; hãy thử lại"),
    ("LINE_CUT", "đường truyền bị ngắt trước khi nhận đủ; hãy gửi lại"),
    ("STORE_UNAVAILABLE", "hiện không dùng được cơ sở dữ liệu"),
    ("DATA_LOSS", "trả lời bị hỏng trên đường truyền"),
    ("CANCELLED", "yêu cầu đã bị hủy"),
    ("SIMULATION_RUNNING", "ở đây đang có một lượt mô phỏng khác"),
    (
        "TRACE_TOO_LONG",
        "nhật ký có quá nhiều quyết định để chơi lại; hãy bắt đầu sau một vị trí muộn hơn (--after)",
    ),
    ("NOTHING_LOGGED", "nhật ký quyết định không có gì ở đó để chơi lại"),
    ("SIMULATION_TOO_LARGE", "lượt mô phỏng quá lớn; hãy giảm số hồ sơ, số ngày hoặc số lần gieo"),
    ("RESOURCE_EXHAUSTED", "có quá nhiều yêu cầu cùng lúc"),
    ("UNAVAILABLE", "hiện không có trả lời"),
    ("UNIMPLEMENTED", "nơi được gọi không có thao tác này; có đúng là địa chỉ của Phidia không?"),
    ("UNKNOWN", "nơi được gọi trả lời không rõ; có đúng là địa chỉ của Phidia không?"),
    // How a process is set up.
    ("EXPOSED_KEY", "người khác đọc được tệp khóa"),
    ("INVALID_CONFIG", "cấu hình có chỗ sai"),
    ("MALFORMED_CONFIG", "cấu hình có chỗ sai"),
    ("MALFORMED_DATABASE_URL", "địa chỉ cơ sở dữ liệu không đúng dạng"),
    (
        "SCHEMA_IN_USE",
        "có việc khác đang dùng các bảng mà bước nâng cấp kế tiếp phải sửa; hãy chạy lại khi không có báo cáo dài hoặc sao lưu nào đang chạy",
    ),
    ("FOLDER_IN_USE", "một phidia khác đang dùng thư mục này"),
    ("MALFORMED_ENDPOINT", "địa chỉ phải có dạng http://máy:cổng"),
    ("MALFORMED_FILTER", "bộ lọc nhật ký không đúng dạng"),
    ("MALFORMED_KEY", "khóa phải gồm 64 chữ số thập lục phân"),
    ("POLICY_INVALID", "chính sách phân công có chỗ sai"),
    ("MASTER_KEY_REQUIRED", "phải đặt khóa chính chung cho mọi bản sao dùng cùng cơ sở dữ liệu"),
    ("SIGNING_KEY_REQUIRED", "phải đặt khóa ký giấy tiếp nhận chung cho mọi bản sao dùng cùng cơ sở dữ liệu"),
    ("TOKEN_REQUIRED", "phải đặt mã truy cập thì mới được mở cho máy khác"),
    ("UNKNOWN_TIME_ZONE", "không có múi giờ này"),
];

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
    };

    use super::*;

    /// Never the reason that somebody at the command line is given: said between services, about messages that
    /// were sent, in test builds alone, or about files (then as a line of `MALFORMED_PROVINCE`).
    const NOT_MET: &[&str] = &[
        "BEGUN_EARLIER",
        "CONTACT_DOES_NOT_OPEN",
        "LANE_LOST",
        "LIMIT_ZERO",
        "MALFORMED_ADDRESS",
        "MALFORMED_CLOCK",
        "MALFORMED_EVENT",
        "MALFORMED_LETTER",
        "MALFORMED_PSEUDONYM",
        "MALFORMED_TRACEPARENT",
        "MESSAGE_GONE",
        "MONDAY_CLOSED",
        "NO_OUTCOME",
        "OTHER_APPLICATION",
        "PARKED_BEHIND",
        "RECIPIENT_UNKNOWN",
        "TIME_ZONE_UNKNOWN",
        "WEEKDAY_UNKNOWN",
    ];

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|is| is == "rs") && path.file_stem().unwrap() != "tests" {
                found.push(path);
            }
        }
    }

    /// In the form of a reason, but none.
    const OTHER_LITERALS: &[&str] =
        &["CARGO_PKG_VERSION", "OUT_DIR", "SCREAMING_SNAKE_CASE", "WORKING_DAY", "WORKING_HOUR"];

    /// What stands in the code, apart from tests, as a literal in the form of a reason.
    fn reasons() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut files = Vec::new();
        sources(&root.join("proto/src"), &mut files);
        for service in fs::read_dir(root.join("services")).unwrap() {
            let folder = service.unwrap().path().join("src");
            if folder.is_dir() && !folder.starts_with(root.join("services/phidia")) {
                sources(&folder, &mut files);
            }
        }
        let mut reasons = BTreeSet::new();
        for file in files {
            let text = fs::read_to_string(file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let is_reason = |literal: &&str| {
                literal.starts_with(|first: char| first.is_ascii_uppercase())
                    && literal.contains('_')
                    && literal.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                    && !OTHER_LITERALS.contains(literal)
            };
            reasons.extend(code.split('"').filter(is_reason).map(str::to_owned));
        }
        reasons
    }

    #[test]
    fn every_reason_that_a_person_can_meet_has_a_sentence() {
        let reasons = reasons();
        assert!(reasons.contains("UNKNOWN_PROCEDURE") && reasons.contains("OLD_FENCE"), "{reasons:?}");
        let silent: Vec<_> = reasons
            .iter()
            .filter(|reason| vietnamese(reason).is_none() && !NOT_MET.contains(&reason.as_str()))
            .collect();
        assert!(silent.is_empty(), "services/phidia/src/reason.rs has no Vietnamese sentence for {silent:?}");
    }

    #[test]
    fn no_reason_stands_twice() {
        let once: BTreeSet<_> = SENTENCES.iter().map(|(reason, _)| reason).collect();
        assert_eq!(once.len(), SENTENCES.len());
    }
}
