-- snapshot: what has changed since a sequence, or, where that is not to be had, everything.
--
-- ARGV   4 the sequence of what the caller has; -1: it has nothing
--        5 how many changes it takes at most
-- reply  "since", {{"43-0", {"+", "ctr_1c6… 20 own 20780 2 Hộ tịch"}}, …}: all changes since, in their order
--        "all", {field of LOAD, value, …}
local since = tonumber(ARGV[4])
local behind = tonumber(sequence) - since
if since >= 0 and behind >= 0 and behind <= tonumber(ARGV[5]) then
  local changes = redis.call('XRANGE', LOG, '(' .. ARGV[4] .. '-0', '+')
  -- Fewer: the log has been cut off past it.
  if #changes == behind then
    return answer('ok', 'since', changes)
  end
end
return answer('ok', 'all', redis.call('HGETALL', LOAD))
