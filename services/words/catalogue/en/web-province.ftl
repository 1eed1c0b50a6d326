web-province = Province
web-province-all-at-home = Everything at home
web-province-allow-uncovered = Steps may be left without anybody
web-province-answers = answers
web-province-begin-to-play = Begin
# $cases (Number): how many
web-province-cases-moved =
    { $cases ->
    [one] { $cases } case
   *[other] { $cases } cases
} given and taken
web-province-changes = Otherwise than in the policy that holds
web-province-check = Check
web-province-checked = { $policy }, checked
web-province-commune-code = Code of the commune
web-province-compared-with = Compared with
web-province-conservation = Conservation
web-province-conservation-why = Every application that was accepted is in exactly one place. The services are compared each time this page is opened.
web-province-dispatch = Dispatch
web-province-dispatch-why = Work that no unit can take at present. It is tried again when anything changes; you may try it now, or send it to a unit.
web-province-divided-by = Divided by
web-province-document = Document
web-province-document-hint = TOML. Checking and trying change nothing.
web-province-document-label = Text
web-province-each-officer = { $span } for each officer
web-province-figure = Figure
web-province-figures = Figures
web-province-flows = Flows of work
web-province-for-each-officer = For each officer
web-province-foresee = Try it on the open cases
web-province-foreseen = If { $policy } held now
web-province-health = Health
web-province-holds = Holds
web-province-index-why = What can be measured of the index of Decision 766/QĐ-TTg. Ranked by the share on time (2.1).
web-province-intake = Intake
web-province-its-address = Address
web-province-late-of-all = { $share } late
web-province-late-share = Late
web-province-lateness = Lateness
web-province-load = Load
web-province-look-again = Look again
web-province-map = Map
web-province-messages = Messages that have not arrived
web-province-national-portal = National portal
web-province-no-changes = Nothing is otherwise than in the policy that holds.
web-province-no-messages = All messages have arrived.
web-province-no-national-portal = None is connected.
web-province-not-borders = Cells around the middles of communes, not administrative borders. Squares: units of the province. The table beside it has all figures.
web-province-nothing-is-lost = Nothing is lost, nothing is doubled.
web-province-nothing-parked = Nothing is parked.
web-province-nothing-to-dispatch = All work has its unit.
web-province-notification = Notification
web-province-on-the-way = On its way between services
web-province-outstanding = Outstanding
web-province-overdue-here = Overdue here
web-province-play = Play what was decided
web-province-play-again = Play another policy
web-province-play-why = The applications that were assigned are played anew under this policy and under the one that it is compared with. Nothing is changed.
# $applications (Number): how many
# $steps (Number): how many
web-province-played-so-far = { $steps } steps of { $applications } applications were played…
web-province-policy = Policy
web-province-procedure-code = Code of the procedure
web-province-processing = Processing
web-province-publish = Publish
web-province-queued = Queued
web-province-ranked = Ranking of centres
web-province-ranking = Ranking
web-province-reason-is-told = Kept in the record, and told to whoever gets it.
web-province-reason-to-publish = Needed to publish it; kept in the record.
web-province-replay = Deliver again
web-province-routing = Routing
web-province-running-overdue = Overdue now
web-province-send = Send it there
web-province-send-by-hand = Send it by hand
web-province-send-by-hand-why = What speaks against it is told and kept, and does not hinder it.
web-province-something-is-lost = Something is lost or doubled, or the load does not add up.
web-province-takers = Who may take it
web-province-to-the-case = To the case
web-province-try-again = Try again
web-province-versions = Versions
web-province-what-holds = The policy that holds
web-province-what-is-shown = What is shown
web-province-where-they-are = Where they are
web-province-why-not = Why it has no unit
# $step (Number): its number
web-province-work-item = { $application }, step { $step }
