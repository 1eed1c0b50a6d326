#!lua
-- How every script begins. It declares no flags on purpose: so a replica refuses it, and a server that is
-- out of memory, before anything is done. Only integers below 2^53 are reckoned with here.
--
-- KEYS   every name of one epoch of one province (keys.rs), all in one slot by the hash tag
-- ARGV   1 the epoch that these names are of
--        2 how long the caller waits for the answer: milliseconds of this server's clock
--        3 the highest sequence of this epoch that the caller knows of
--        4… what the verb wants
-- reply  {status, this server's clock, the epoch that holds, its sequence, what the verb answers…}
local EPOCH, EPOCHS, SEQUENCE, ITEMS, LEASES, LOAD, POOLS, LOG = unpack(KEYS)

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local current = redis.call('GET', EPOCH)
local sequence = redis.call('GET', SEQUENCE)

local function answer(status, ...)
  return {status, now, tonumber(current or 0), tonumber(sequence or 0), ...}
end

-- Nobody waits for it any more (this server was stopped, or the network held it back): whoever asked has
-- asked again or done something else since, and must not be overtaken by it.
if now > tonumber(ARGV[2]) then
  return answer('late')
end
