-- place, confirm: the work item is there for good, whatever the ledger said before.
--
-- ARGV   4 work item, 5 minutes, 6 queue, 7 unit, 8 own or borrowed
-- reply  the sequence under which it is there
local item = ARGV[4]
local after = {unit = ARGV[7], lease = '0', minutes = ARGV[5], whose = ARGV[8], queue = ARGV[6]}

local held = holding(item)
if held and counted(held) == counted(after) then
  if held.lease ~= '0' then
    held.lease = '0'
    note(item, held)
    redis.call('ZREM', LEASES, item)
  end
  return answer('ok', tonumber(held.sequence))
end
change(item, held, after)
return answer('ok', tonumber(sequence))
