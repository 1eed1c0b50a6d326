-- reserve: gives the load to the first bid whose pool is not over its ceiling.
--
-- ARGV   4 work item, 5 minutes, 6 queue, 7 length of the lease in ms, 8… bids, best first: unit, ceiling
-- reply  unit, sequence: there it is, by now or since before; nothing more: every bid was over its ceiling
-- e.g.   {"ok", 1795000000000, 7, 42, "ctr_1c6…", 42}
local item, minutes, queue = ARGV[4], ARGV[5], ARGV[6]

local held = holding(item)
if held then
  return answer('ok', held.unit, tonumber(held.sequence))
end
for bid = 8, #ARGV, 2 do
  local unit, ceiling = ARGV[bid], ARGV[bid + 1]
  local queued = redis.call('HGET', POOLS, unit .. ' ' .. queue:match(' (.*)')) or 0
  if tonumber(queued) <= tonumber(ceiling) then
    local lease = string.format('%.0f', now + ARGV[7])
    change(item, nil, {unit = unit, lease = lease, minutes = minutes, queue = queue})
    return answer('ok', unit, tonumber(sequence))
  end
end
return answer('ok')
