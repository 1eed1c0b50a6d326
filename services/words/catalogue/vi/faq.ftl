faq-holds-no-longer =
    {""}
    không còn đúng
faq-question-answer = Câu hỏi, trả lời
faq-review-from = Xem lại từ
faq-thank-you-this-entry-has-helped-times = Xin cảm ơn. Mục này đã giúp được { $useful } lần.
faq-to-be-looked-at-again =
    {""}
    cần xem lại
faq-useful = Hữu ích
