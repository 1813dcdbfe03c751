-- Forgets a value that is kept, unless it is another one. ARGV: value.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0, now} end
redis.call('DEL', KEYS[1])
return {1, now}
