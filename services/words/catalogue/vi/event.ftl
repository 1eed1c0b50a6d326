event-there-is-more-after = Còn nữa: --after
event-another-feed-began-tokens-of-before-are = Dòng sự kiện mới bắt đầu lúc { $begun-at }; mã nối tiếp cũ không còn dùng được.
