-- A rebuild prepares an epoch beside the one that holds, and only a later one: begin, stage…, cut_over; then
-- forget what is over. EPOCHS is the set of all epochs that may have keys.
if current and tonumber(current) >= tonumber(ARGV[1]) then
  return answer('stale')
end
