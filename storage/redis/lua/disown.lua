-- Removes a live session that another store has taken over. It has not ended, so there is no
-- tombstone. ARGV: handle, not after.
local v = redis.call('GET', KEYS[1])
if not v then return {0, now} end
if form(v) == 3 then return {3, now, v} end
if now >= tonumber(ARGV[2]) then return {4, now} end
remove()
return {1, now, v}
