-- Makes the pending value of a rotation that happened a live session. ARGV: handle,
-- version, creation, idle timeout, deadline of the absolute timeout.
local v = redis.call('GET', KEYS[1])
if not v or version(v) ~= ARGV[2] then return {0, now} end
if form(v) ~= 3 then return {1, now, v} end
local deadline = tonumber(ARGV[5])
if deadline > 0 and now >= deadline then
  redis.call('DEL', KEYS[1])
  return {0, now}
end
local at = after(v)
v = string.char(string.byte(v, 1) - 2) .. string.sub(v, 2, at - 1) .. string.sub(v, at + 32)
store(KEYS[1], v, ARGV[4], deadline)
if KEYS[3] then redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1]) end
return {1, now, v}
