-- Creates a session. ARGV: handle, not after, bytes before and after the creation, epoch,
-- idle timeout, absolute timeout.
local old = redis.call('GET', KEYS[1])
if old then
  if string.sub(old, 1, 21) == ARGV[3] and string.sub(old, 27) == ARGV[4] then return {1, now, old} end
  return {0, now}
end
if redis.call('EXISTS', KEYS[2]) == 1 then return {0, now} end
if KEYS[3] and redis.call('ZSCORE', KEYS[3], ARGV[1]) then return {0, now} end
if now >= tonumber(ARGV[2]) then return {4, now} end
local v = ARGV[3] .. struct.pack('>I5', now - ARGV[5]) .. ARGV[4]
local deadline = tonumber(ARGV[7])
if deadline > 0 then deadline = now + deadline end
store(KEYS[1], v, ARGV[6], deadline)
if KEYS[3] then redis.call('ZADD', KEYS[3], now, ARGV[1]) end
return {1, now, v}
