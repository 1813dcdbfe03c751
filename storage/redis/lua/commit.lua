-- Ends the old key of a rotation. ARGV: handle, not after, version, tombstone, how long it
-- stays, deadline of the absolute timeout.
local old = redis.call('GET', KEYS[1])
if not old then
  if redis.call('GET', KEYS[2]) == ARGV[4] then return {1, now} end
  return {0, now}
end
if idled(old) or (tonumber(ARGV[6]) > 0 and now >= tonumber(ARGV[6])) then return {0, now} end
if form(old) == 3 then return {3, now, old} end
if version(old) ~= ARGV[3] then return {2, now, old} end
if now >= tonumber(ARGV[2]) then return {4, now} end
redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5])
remove()
return {1, now}
