# $days (Number): working days
when-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
when-friday = Friday
# $hours (Number): hours
when-hours = { $hours ->
    [one] { $hours } hour
   *[other] { $hours } hours
}
when-late = { $span } of work late
when-left = { $span } of work left
# $minutes (Number): minutes
when-minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
when-monday = Monday
when-saturday = Saturday
when-sunday = Sunday
when-thursday = Thursday
when-tuesday = Tuesday
when-wednesday = Wednesday
