-- Takes over a session from another store. ARGV: handle, not after, value, its creation,
-- instant until which it lives unless it is used, 0: no end; the last reason of a tombstone
-- that is that of a timeout.
local old = redis.call('GET', KEYS[1])
if old and version(old) == version(ARGV[3]) then return {1, now, old} end
-- A session that timed out here was extended in the other store. Any other end counts.
local stone = redis.call('GET', KEYS[2])
if stone and string.byte(stone, 1) > tonumber(ARGV[6]) then return {0, now, stone} end
if old and form(old) == 3 then return {3, now, old} end
if now >= tonumber(ARGV[2]) then return {4, now} end
local last = tonumber(ARGV[5])
if last > 0 and now >= last then return {0, now} end
if stone then redis.call('DEL', KEYS[2]) end
if last > 0 then redis.call('SET', KEYS[1], ARGV[3], 'PX', math.max(1, last - now - 1)) else redis.call('SET', KEYS[1], ARGV[3]) end
if KEYS[3] then redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1]) end
return {1, now, ARGV[3]}
