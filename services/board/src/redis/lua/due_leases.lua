-- due_leases: the unconfirmed work items whose lease has ended, oldest first. Nothing is given back.
--
-- ARGV   4 how many at most
-- reply  {work item, what it holds (as in ITEMS), work item, …}
local due = {}
for _, item in ipairs(redis.call('ZRANGE', LEASES, '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[4])) do
  due[#due + 1] = item
  due[#due + 1] = redis.call('HGET', ITEMS, item)
end
return answer('ok', due)
