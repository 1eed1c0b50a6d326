web-counter-add = Thêm
web-counter-as-json = Ghi dưới dạng JSON.
web-counter-day = Ngày
web-counter-form = Tờ khai
web-counter-in-some-cases = (tùy trường hợp)
# $number (Number): which
web-counter-item = { $label } { $number }
web-counter-left-open = Bỏ trống
web-counter-month = Tháng
web-counter-no = Không
web-counter-optional = (nếu có)
web-counter-take-away = Bỏ
web-counter-year = Năm
web-counter-yes = Có
