outbox-events-delivered-again = Events delivered again
outbox-replaying = replaying
outbox-sequence = Sequence
outbox-since = Since
outbox-subscriber = Subscriber
