-- Stores the pending value of a rotation. ARGV: handle, not after, value, how long it stays, old
-- key.
local old = redis.call('GET', KEYS[1])
if old == ARGV[3] then return {1, now} end
-- An earlier attempt of the same rotation may have left its value.
if old and form(old) == 3 and string.sub(old, after(old), after(old) + 31) == ARGV[5] then old = nil end
if old or redis.call('EXISTS', KEYS[2]) == 1 then return {0, now} end
if KEYS[3] and redis.call('ZSCORE', KEYS[3], ARGV[1]) then return {0, now} end
if now >= tonumber(ARGV[2]) then return {4, now} end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return {1, now}
