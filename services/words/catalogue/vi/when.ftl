# $days (Number): ngày làm việc
when-days = { $days } ngày
when-friday = thứ Sáu
# $hours (Number): giờ
when-hours = { $hours } giờ
when-late = quá hạn { $span } làm việc
when-left = còn { $span } làm việc
# $minutes (Number): phút
when-minutes = { $minutes } phút
when-monday = thứ Hai
when-saturday = thứ Bảy
when-sunday = Chủ nhật
when-thursday = thứ Năm
when-tuesday = thứ Ba
when-wednesday = thứ Tư
