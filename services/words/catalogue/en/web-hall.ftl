web-hall-all-closed = No counter is open at present.
web-hall-at-counter = You are at counter { $counter }.
web-hall-board = Board of the hall
web-hall-call-next = Call the next
web-hall-called-not-here = Called, not here yet
web-hall-cancelled = This number was given back.
web-hall-close = Close the counter
web-hall-closed = Closed
web-hall-closed-long = This counter is closed.
web-hall-come-to = Please come to counter { $counter }.
web-hall-counter = Counter { $number }
web-hall-counter-heading = Counter
web-hall-counters = Counters
web-hall-disabled = A person with a disability
web-hall-dossier-code = Dossier code
web-hall-dossier-code-hint = If you come for a result, or with a supplement.
web-hall-elderly = An elderly person
web-hall-finish = Done
web-hall-give-back = Give the number back
web-hall-is-here = Being served
web-hall-kind = Kind of business
web-hall-merit = A person of merit
web-hall-next-person = Next person
web-hall-no-priority = No priority
web-hall-no-show = You were called and did not come. Please take another number.
web-hall-nobody-here = Nobody is at the counter.
web-hall-nothing-offered = This centre gives no numbers at present.
web-hall-number = Number { $number }
web-hall-number-heading = Number
web-hall-open = Open the counter
# $count (Number): how many
web-hall-people-ahead = { $count ->
    [one] { $count } person is before you.
   *[other] { $count } people are before you.
}
web-hall-pregnant = A pregnant woman
web-hall-priority = Priority
web-hall-priority-hint = Whom the law lets go first is called first; the officer may ask for a paper.
web-hall-recall = Call again
web-hall-send-on = Send on to another counter or business
web-hall-served = You have been served. Thank you.
web-hall-skip = Not here
web-hall-small-child = Somebody with a child under 36 months
web-hall-speak = Say aloud what is called
web-hall-start = Start
web-hall-take = Take a number
web-hall-take-a-number = Take a number
web-hall-take-in = Take an application in
web-hall-taken = Taken
web-hall-taken-long = Another officer sits at this counter.
web-hall-to-counter = To counter
web-hall-to-kind = To the kind of business (its letter)
web-hall-transfer = Send on
web-hall-unserved = This number is no longer valid.
web-hall-wait = Wait
web-hall-wait-about = about { $minutes } minutes
web-hall-wait-between = { $least } to { $most } minutes
web-hall-wait-none = no wait
web-hall-wait-unknown = the wait is not known
# $count (Number): how many
web-hall-waiting = { $count ->
    [one] { $count } waits
   *[other] { $count } wait
}
web-hall-waiting-heading = Waiting
web-hall-what-for = What have you come for?
web-hall-which-centre = Which centre do you go to?
web-hall-who-waits = Who waits
web-hall-your-number = Your number
web-hall-yours = Yours
