show-as-a-file = bản điện tử
show-by-public-post = gửi qua bưu chính công ích
show-h = giờ
show-late-by = quá hạn
show-nothing = không có gì
show-wanted = Muốn nhận
