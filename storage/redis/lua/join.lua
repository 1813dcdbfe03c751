-- Adds a session to its subject's. KEYS: the set. ARGV: the session's key, instant until
-- which the set is needed; 0: no end.
local rest = redis.call('PTTL', KEYS[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
local last = tonumber(ARGV[2])
if last == 0 then redis.call('PERSIST', KEYS[1])
elseif rest ~= -1 and now + rest < last then redis.call('PEXPIREAT', KEYS[1], last) end
return {1, now, redis.call('ZCARD', KEYS[1])}
