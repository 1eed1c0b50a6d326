-- release: gives the load of a work item back, if it holds any.
--
-- ARGV   4 work item
-- reply  nothing more
local held = holding(ARGV[4])
if held then
  change(ARGV[4], held, nil)
end
return answer('ok')
