-- forget: removes the keys of an epoch that is over. UNLINK frees them in the background.
--
-- reply  nothing more
if current and tonumber(current) > tonumber(ARGV[1]) then
  redis.call('UNLINK', SEQUENCE, ITEMS, LEASES, LOAD, POOLS, LOG)
  redis.call('SREM', EPOCHS, ARGV[1])
end
return answer('ok')
