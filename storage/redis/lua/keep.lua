-- Keeps a value for a while, unless another one is kept. ARGV: value, how long it stays.
local v = redis.call('GET', KEYS[1])
if v and v ~= ARGV[1] then return {0, now, v} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1, now, ARGV[1]}
