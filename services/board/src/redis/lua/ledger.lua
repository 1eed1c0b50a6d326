-- The ledger of an epoch, in the words of `ledger.rs`. What follows is done only in the epoch that holds.
--
-- ITEMS   hash    work item -> "<unit> <sequence> <end of lease in ms; 0: confirmed> <minutes> <whose> <queue>"
-- LEASES  zset    the unconfirmed work items by the end of their lease
-- LOAD    hash    "<unit>" -> open work items, "<unit> borrowed" -> minutes of what it has borrowed,
--                 "<unit> <queue>" -> minutes
-- POOLS   hash    "<unit> <pool>" -> minutes of all its queues
-- LOG     stream  one entry per change, under its sequence: - what was counted out, + what was counted in
-- A queue is "<due day or -> <pool>", a pool "<level> <field>"; "borrowed" is work whose home is another unit, what is
-- not is the unit's "own".
if not current or (current == ARGV[1] and not sequence) then
  return answer('not built')
elseif current ~= ARGV[1] then
  return answer('stale')
elseif tonumber(sequence) < tonumber(ARGV[3]) then
  return answer('set back')
end

local LOG_LENGTH = 8192

local function add(key, field, by)
  redis.call('HINCRBY', key, field, by)
end

local function take(key, field, by)
  -- Not -by: of nothing that would be -0, which is no integer to Redis.
  if redis.call('HINCRBY', key, field, 0 - by) <= 0 then
    redis.call('HDEL', key, field)
  end
end

local function count(act, held)
  act(LOAD, held.unit, 1)
  act(LOAD, held.unit .. ' ' .. held.queue, held.minutes)
  act(POOLS, held.unit .. ' ' .. held.queue:match(' (.*)'), held.minutes)
  if held.whose == 'borrowed' then
    act(LOAD, held.unit .. ' borrowed', held.minutes)
  end
end

local function counted(held)
  return held.unit .. ' ' .. held.minutes .. ' ' .. held.whose .. ' ' .. held.queue
end

-- What a work item holds; nil: nothing.
local function holding(item)
  local text = redis.call('HGET', ITEMS, item)
  if text then
    local unit, since, lease, minutes, whose, queue = text:match('^(%S+) (%d+) (%d+) (%d+) (%l+) (.*)$')
    return {unit = unit, sequence = since, lease = lease, minutes = minutes, whose = whose, queue = queue}
  end
end

local function note(item, held)
  local text = {held.unit, held.sequence, held.lease, held.minutes, held.whose, held.queue}
  redis.call('HSET', ITEMS, item, table.concat(text, ' '))
end

-- One change: counts out what the work item held, if anything, and in what it holds from now on, if anything.
local function change(item, before, after)
  sequence = string.format('%.0f', redis.call('INCR', SEQUENCE))
  local entry = {}
  if before then
    count(take, before)
    redis.call('HDEL', ITEMS, item)
    redis.call('ZREM', LEASES, item)
    entry = {'-', counted(before)}
  end
  if after then
    after.sequence = sequence
    count(add, after)
    note(item, after)
    if after.lease ~= '0' then
      redis.call('ZADD', LEASES, after.lease, item)
    end
    entry[#entry + 1] = '+'
    entry[#entry + 1] = counted(after)
  end
  redis.call('XADD', LOG, 'MAXLEN', '~', LOG_LENGTH, sequence .. '-0', unpack(entry))
end
