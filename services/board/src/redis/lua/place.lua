-- place, confirm: the work item is there for good, whatever the ledger said before.
--
-- ARGV   4 work item, 5 minutes, 6 queue, 7 unit
-- reply  the sequence under which it is there
local item, minutes, queue, unit = ARGV[4], ARGV[5], ARGV[6], ARGV[7]

local held = holding(item)
if held and held.unit == unit and held.minutes == minutes and held.queue == queue then
  if held.lease ~= '0' then
    held.lease = '0'
    note(item, held)
    redis.call('ZREM', LEASES, item)
  end
  return answer('ok', tonumber(held.sequence))
end
change(item, held, {unit = unit, lease = '0', minutes = minutes, queue = queue})
return answer('ok', tonumber(sequence))
