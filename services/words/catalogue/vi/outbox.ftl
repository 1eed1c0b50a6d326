outbox-events-delivered-again = Sự kiện được gửi lại
outbox-replaying = đang gửi lại
outbox-sequence = Thứ tự
outbox-since = Từ lúc
outbox-subscriber = Nơi nhận
