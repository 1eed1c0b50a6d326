-- cut_over: from here on the epoch holds, if all that was staged is there.
--
-- ARGV   4 the sequence that it begins with, 5 … 7 how many fields items, load and pools must have
-- reply  {the other epochs that may have keys}; nothing more: a part is missing, and nothing has changed
for part, key in ipairs({ITEMS, LOAD, POOLS}) do
  if redis.call('HLEN', key) ~= tonumber(ARGV[4 + part]) then
    return answer('ok')
  end
end
redis.call('SADD', EPOCHS, ARGV[1])
redis.call('SET', SEQUENCE, ARGV[4])
redis.call('SET', EPOCH, ARGV[1])
current, sequence = ARGV[1], ARGV[4]
local others = {}
for _, epoch in ipairs(redis.call('SMEMBERS', EPOCHS)) do
  if epoch ~= ARGV[1] then
    others[#others + 1] = epoch
  end
end
return answer('ok', others)
