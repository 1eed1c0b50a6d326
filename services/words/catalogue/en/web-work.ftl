web-work-acknowledge = We have this question
web-work-acknowledged = acknowledged { $at }
web-work-aim = To be done by { $at }
web-work-all = Also what others hold, and what I am not competent for
web-work-answer = Answer
web-work-answer-due = to be answered by { $at }
web-work-asked-by-us = Questions of this centre
web-work-asked-of-us = Questions to this centre
web-work-by-file = As a file
web-work-by-post = By post
web-work-caption = What is to be done, most urgent first
web-work-corridor = Green corridor: { $at }
web-work-decided = Decided at
web-work-do = What to do
web-work-dossier = Dossier, procedure
web-work-due = Promised for { $at }
web-work-file = File of the result
web-work-for-its-part = asks for your part of the work
web-work-give-back = Give back
web-work-hand-over = Hand over
web-work-holder = Held by
web-work-issued = Issued
web-work-left = Time left
web-work-lists = Lists
web-work-messages = Messages
web-work-next = Take the next
web-work-no-messages = No messages so far.
web-work-no-promise = no time limit
web-work-no-questions = No question waits for an answer.
web-work-no-results = No result waits to be handed over.
web-work-nobody = Nobody yet
web-work-not-issued = Not issued
web-work-nothing = Nothing waits.
web-work-nothing-left = Nothing more waits for you.
web-work-only-mine = Only what is mine, and what I can take
web-work-place = Work
web-work-questions = Questions between offices
web-work-recall = Take the question back
web-work-results = Results to hand over
web-work-select = Select
web-work-select-one = Select dossier { $dossier }
web-work-send-answer = Send the answer
web-work-somebody = Somebody who has left
web-work-step = Step
web-work-take = Take
web-work-take-selected = Take what is selected
# $count (Number): how many
web-work-taken = { $count ->
    [one] One piece of work is yours.
   *[other] { $count } pieces of work are yours.
}
# $refused (Number): how many were refused
# $taken (Number): how many are theirs
web-work-taken-in-part = Taken: { $taken }; not taken: { $refused }
web-work-title = Today's work
web-work-to-verify = asks you to verify
web-work-turn-green = This is the most urgent of those in a green corridor.
web-work-turn-in-hand = You have this in hand.
web-work-turn-late = This is the oldest of those that are late; nothing else waits.
web-work-turn-late-turn = This is the oldest of those that are late: every fourth turn is theirs.
web-work-turn-urgent = This is the most urgent of those that can still be on time.
web-work-until = until { $at }
web-work-wanted-at-counter = Collected at the counter
web-work-wanted-by = How it is wanted
web-work-you = You
