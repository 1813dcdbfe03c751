-- Says what is known of a session. ARGV: handle.
local v = redis.call('GET', KEYS[1])
if v then return {1, now, v, redis.call('PTTL', KEYS[1])} end
v = redis.call('GET', KEYS[2])
if v then return {0, now, v, redis.call('PTTL', KEYS[2])} end
if KEYS[3] and redis.call('ZSCORE', KEYS[3], ARGV[1]) then return {0, now, string.char(0)} end
return {0, now}
