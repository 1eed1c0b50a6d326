-- reserve: gives the load to the first bid that is over none of its limits.
--
-- ARGV   4 work item, 5 minutes, 6 queue, 7 length of the lease in ms, 8… bids, best first: unit, most minutes of the
--        pool, most open work items, own or borrowed, most borrowed minutes – each before it is added
-- reply  unit, sequence: there it is, by now or since before; nothing more: every bid was over a limit
-- e.g.   {"ok", 1795000000000, 7, 42, "ctr_1c6…", 42}
local item, minutes, queue = ARGV[4], ARGV[5], ARGV[6]

local held = holding(item)
if held then
  return answer('ok', held.unit, tonumber(held.sequence))
end
local function within(sum, most)
  return tonumber(sum or 0) <= tonumber(most)
end
for bid = 8, #ARGV, 5 do
  local unit, most_minutes, most_items, whose, most_borrowed = unpack(ARGV, bid, bid + 4)
  local queued = redis.call('HGET', POOLS, unit .. ' ' .. queue:match(' (.*)'))
  local items, borrowed = unpack(redis.call('HMGET', LOAD, unit, unit .. ' borrowed'))
  if within(queued, most_minutes) and within(items, most_items)
    and (whose == 'own' or within(borrowed, most_borrowed)) then
    local lease = string.format('%.0f', now + ARGV[7])
    change(item, nil, {unit = unit, lease = lease, minutes = minutes, whose = whose, queue = queue})
    return answer('ok', unit, tonumber(sequence))
  end
end
return answer('ok')
