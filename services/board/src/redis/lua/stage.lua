-- stage: writes a part of the epoch that is being built. The same part again changes nothing.
--
-- ARGV   4 "items", "load" or "pools", 5… field, value, …
-- reply  nothing more
local parts = {items = ITEMS, load = LOAD, pools = POOLS}
redis.call('HSET', parts[ARGV[4]], unpack(ARGV, 5))
return answer('ok')
