web-as-the-system = As the system
web-boundary-decided-anywhere = Handed in and decided at any commune of the province
web-boundary-fixed = Handed in only where it is decided
web-boundary-helped-anywhere = Handed in online, with help at any centre of the province
web-boundary-own-system = Handed in through a system of its own
web-boundary-received-anywhere = Handed in and collected at any centre of the province; decided where the law says
web-choose = Choose…
# $count (Number): how many
web-copies = { $count ->
    [one] { $count } copy
   *[other] { $count } copies
}
web-corridor-half = Green corridor: in half the time
web-corridor-hours = Green corridor: within 16 working hours
web-dark = Dark
web-decided-by = Decided by
web-did-you-mean = Did you mean:
web-does-not-go = This does not go
web-duty-device = Screen that gives numbers
web-duty-officer = Officer at a counter or at a desk
web-duty-operator = Operator of the province
web-duty-supervisor = Supervisor of a centre
web-faster = Faster
web-faulty = Error
web-fee = Fee
web-fee-online = Online: { $sum }
web-fee-unknown = The officer tells you when you hand it in.
web-for-staff = For staff
web-found-for = Search for “{ $wanted }”
web-found-nothing = No procedure was found for “{ $wanted }”. Try other, shorter words.
web-free-for = Free for: { $groups }
web-held-by = Officer { $code } holds this work now. Look at the list again.
web-home-boundary-free = Hand in at any centre of { $province }. Whichever can finish soonest and best takes it.
web-home-title = What do you need done?
web-how-it-looks = Appearance
web-if-you-have-it = If you have it
web-key = Key
web-key-does = What it does
web-key-open = Open the chosen row
web-key-rows = Next row, row before
web-key-search = Search
web-keys = Keys
web-keys-switch-off = Switch the keys off
web-keys-switch-on = Switch the keys on
web-keys-why = All that goes by mouse goes by keyboard too. These keys rest while you type.
web-language = Tiếng Việt
web-light = Light
web-line-back = The line is back.
web-line-lost = The line is down. What you typed is still on this page.
web-more = Go on
web-no-fee = No fee.
web-no-such-page = There is no such page
web-no-such-page-why = The address may be mistyped, or the page has moved.
web-nobody-answers = Nobody answers at present
web-not-asked-for = Not asked for: taken from { $source }
web-not-for-the-province = Left empty by operators of the province.
web-not-for-you = Not for you
web-not-found = Not found
web-nothing-to-bring = There is nothing to bring.
web-on-list = On the list
web-only-if = Only if: { $condition }
# $count (Number): how many
web-originals = { $count ->
    [one] { $count } original
   *[other] { $count } originals
}
web-our-fault = A fault of ours
web-period = Period
web-period-hint = For example 2026, 2026-Q4, 2026-11, 2026-11-23 or 2026-10-01..2026-12-31. Empty: this quarter.
web-places = Pages
web-procedures = Procedures
web-reference = Reference: { $reference }
web-required = Required
web-result = Result
web-search = Search
web-search-example = such as: birth
web-search-label = Find a procedure in everyday words
web-session-ended = Your session has ended.
web-session-ended-kept = Sign in again to go on: what you filled in is kept.
web-show = Show
web-sign-in = Sign in
web-sign-in-as-another = This page is for others than what you have signed in as.
web-sign-in-first = Sign in first.
web-sign-in-for-now = Signing in for now: there are no passwords of one’s own yet. Use it on a closed network only.
web-sign-out = Sign out
web-skip = Skip to the content
web-takes = Takes
# $count (Number): how many
web-to-correct = { $count ->
    [one] { $count } thing to correct
   *[other] { $count } things to correct
}
web-to-the-first-page = To the first page
web-token = Password of the installation
web-token-hint = From whoever runs it.
web-too-much = Too many requests
web-try-again = Try again
web-what-to-bring = What to bring
web-what-you-do = Your role
web-where = Where
web-your-centre = Centre
web-your-code = Staff code
web-your-code-hint = Such as 14701-01. Operators of the province: a name.
