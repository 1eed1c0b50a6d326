draft-draft = Hồ sơ nháp
draft-handed-in-as = Đã nộp thành
draft-kept-until = Giữ đến
draft-revision = Lần lưu
draft-saved = Lưu lúc
draft-the-draft-is-thrown-away = Đã bỏ hồ sơ nháp.
