-- Gives a live session another value. ARGV: handle, not after, version, bytes before and
-- after the last use, whether there is one, idle timeout, deadline of the absolute timeout.
local old = redis.call('GET', KEYS[1])
if not old then return {0, now} end
local v = ARGV[4]
if ARGV[6] == '1' then v = v .. struct.pack('>I6', now) end
v = v .. ARGV[5]
if version(old) == version(v) and #old == #v and string.sub(old, -#ARGV[5]) == ARGV[5] then return {1, now, old} end
if idled(old) or (tonumber(ARGV[8]) > 0 and now >= tonumber(ARGV[8])) then return {0, now} end
if form(old) == 3 then return {3, now, old} end
if version(old) ~= ARGV[3] then return {2, now, old} end
if now >= tonumber(ARGV[2]) then return {4, now} end
store(KEYS[1], v, ARGV[7], ARGV[8])
return {1, now, v}
