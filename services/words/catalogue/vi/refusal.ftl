refusal-error = lỗi
# $code (Text): staff code of who holds it
refusal-held-by = việc này do cán bộ { $code } giữ; hãy xem lại danh sách việc
refusal-no-phidia-answers-at-this-endpoint-start = chưa có Phidia ở địa chỉ này: hãy chạy `phidia up`, hoặc chỉ địa chỉ khác bằng --endpoint
# $count (Number): how many
refusal-so-many-faults = { $count } chỗ sai
refusal-try-again-in = thử lại sau
