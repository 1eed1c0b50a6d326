web-supervise = Your centre
web-supervise-absence = Absence
web-supervise-answer = Answer
web-supervise-answer-hint = The author reads it. Name nobody else's personal data.
web-supervise-as-planned = As planned again
web-supervise-ask-author = Ask the author for more
web-supervise-ask-for-overtime = Set hours for overtime
# $level (Number): 1 to 5
web-supervise-at-level = level { $level }
web-supervise-at-once = How many can work at once
web-supervise-author = Author
web-supervise-author-reached = Reached at
web-supervise-back-to-all = Back to the worklist of the centre
web-supervise-borrowed-minutes-at-most = Working minutes borrowed at most
web-supervise-changes = What was changed lately
web-supervise-choose-work = Choose the work to be moved
web-supervise-clear-absence = Present after all
web-supervise-done-today = Done today
web-supervise-effort = Effort
web-supervise-elsewhere = Send it to another unit
web-supervise-emergency-means = Emergency: what nobody has begun goes at once wherever the law allows.
web-supervise-empty-no-limit = Leave it empty for no limit.
web-supervise-equipment = Equipment
web-supervise-exchange = Borrowed and lent
web-supervise-feedback = Feedback
web-supervise-feedback-number = Feedback { $number }
web-supervise-first-day = From
web-supervise-give = Hand it over
web-supervise-give-to = Give it to
web-supervise-holds-nothing = Holds nothing.
web-supervise-hours = Hours
web-supervise-hours-hint = For example 07:30-11:30, 13:00-17:00. What lies outside the hours of the centre does not count.
# $count (Number): how many
web-supervise-in-hand = In hand: { $count }
web-supervise-is-overdue = overdue
web-supervise-items = Work items
web-supervise-keep = Keep
web-supervise-keep-private = Do not publish
web-supervise-kept = Worked on here
web-supervise-last-day = To the end of
web-supervise-late = Nearly late
# $count (Number): how many
web-supervise-late-why =
    { $count ->
    [one] { $count } work item is
   *[other] { $count } work items are
} late, have no more than a working day left, or were warned of.
web-supervise-lent-out = Worked on by others
# $level (Number): 1 to 5
web-supervise-level = { $field }: level { $level }
web-supervise-move-chosen = Move what is chosen
# $level (Number): 1 to 5
web-supervise-needs = Needs level { $level } in { $field }.
web-supervise-no-diagnosis = Kept in the record. No diagnosis.
web-supervise-no-equipment = Nothing is registered yet.
web-supervise-no-exchange = Nothing was borrowed or lent in this period.
web-supervise-no-feedback = There is no feedback.
web-supervise-no-names = No names of people.
web-supervise-no-overtime = Nobody worked overtime or took leave in this period.
web-supervise-nobody-yet = Nobody yet
web-supervise-not-here = This work does not wait at the centre any more.
web-supervise-nothing-late = Nothing is nearly late.
web-supervise-overdue = Late
web-supervise-overtime = Overtime
web-supervise-overtime-days-off = Overtime on days off
web-supervise-overtime-holidays = Overtime on holidays
web-supervise-overtime-is-asked-for = Overtime is asked for by setting the hours of the centre on that day, with a reason; no hours close it.
web-supervise-overtime-why = What is worked outside office hours by plan, and the leave that is owed for it.
web-supervise-people = People and work
# $count (Number): how many
web-supervise-people-why =
    { $count ->
    [one] { $count } work item waits or is in hand
   *[other] { $count } work items wait or are in hand
} at the centre.
web-supervise-planned = planned { $span }
web-supervise-publish = Publish
web-supervise-publish-hint = In words that everybody may read, without personal data.
web-supervise-question = Question
web-supervise-reason-is-kept = Kept in the record.
web-supervise-refuse = Refuse to answer
web-supervise-register = Register
web-supervise-register-equipment = Add a piece
web-supervise-rest-is-leave = The rest of the day is compensatory leave
web-supervise-send = Send it there
web-supervise-set-absence = Set the absence
web-supervise-set-hours = Set the hours
web-supervise-set-shift = Set the shift
web-supervise-shift = Own hours
web-supervise-standing = Standing and hours
# $step (Number): its number
web-supervise-step-of = Step { $step } of the application
web-supervise-taken-in = Taken in from others
web-supervise-takes-work = New work
web-supervise-the-policy-chooses = Whichever the policy finds better
web-supervise-to-the-case = To the case
web-supervise-to-the-province = Escalate to the province
web-supervise-today = Today
web-supervise-unassigned = Not assigned yet
web-supervise-unit-hours = Hours of the centre
web-supervise-unit-hours-hint = For example 07:30-11:30, 13:00-17:00. Empty: closed.
web-supervise-warned = Warned
web-supervise-what-happened = What happened
web-supervise-with-whom = With whom
web-supervise-within = Hand it to an officer of the centre
web-supervise-workplaces-hint = Where places or computers are wanting. Empty: as many as there are officers.
web-supervise-your-words = Your answer, question or reason
