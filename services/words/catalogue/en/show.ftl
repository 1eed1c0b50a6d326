show-as-a-file = as a file
show-by-public-post = by public post
show-h = h
show-late-by = late by
show-nothing = nothing
show-wanted = Wanted
