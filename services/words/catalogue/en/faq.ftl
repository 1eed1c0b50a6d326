faq-holds-no-longer =
    {""}
    holds no longer
faq-question-answer = Question, answer
faq-review-from = Review from
faq-thank-you-this-entry-has-helped-times = Thank you. This entry has helped { $useful } times.
faq-to-be-looked-at-again =
    {""}
    to be looked at again
faq-useful = Useful
