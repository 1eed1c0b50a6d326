-- begin: an empty place for the epoch. Whatever an earlier try left there is gone.
--
-- reply  nothing more
redis.call('UNLINK', SEQUENCE, ITEMS, LEASES, LOAD, POOLS, LOG)
redis.call('SADD', EPOCHS, ARGV[1])
return answer('ok')
