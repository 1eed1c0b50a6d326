refusal-error = error
# $code (Text): staff code of who holds it
refusal-held-by = { $code } holds this; look at the worklist again
refusal-no-phidia-answers-at-this-endpoint-start = no Phidia answers at this endpoint: start it with `phidia up`, or name another with --endpoint
# $count (Number): how many
refusal-so-many-faults = { $count ->
    [one] { $count } fault
    *[other] { $count } faults
 }
refusal-try-again-in = try again in
