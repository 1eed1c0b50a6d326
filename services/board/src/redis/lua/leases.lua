-- leases: the unconfirmed work items, those whose lease ends first first. Nothing is given back.
--
-- ARGV   4 how many at most, 5 "due": those alone whose lease has ended; "all"
-- reply  {work item, what it holds (as in ITEMS), work item, …}
local by = ARGV[5] == 'due' and now or '+inf'
local leases = {}
for _, item in ipairs(redis.call('ZRANGE', LEASES, '-inf', by, 'BYSCORE', 'LIMIT', 0, ARGV[4])) do
  leases[#leases + 1] = item
  leases[#leases + 1] = redis.call('HGET', ITEMS, item)
end
return answer('ok', leases)
