web-counter-add = Add
web-counter-as-json = Written as JSON.
web-counter-day = Day
web-counter-form = Form
web-counter-in-some-cases = (in some cases)
# $number (Number): which
web-counter-item = { $label } { $number }
web-counter-left-open = Left open
web-counter-month = Month
web-counter-no = No
web-counter-optional = (optional)
web-counter-take-away = Take away
web-counter-year = Year
web-counter-yes = Yes
