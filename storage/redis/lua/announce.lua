-- Announces a server for a while, or takes it away, and forgets those that lapsed. KEYS: the
-- roster. ARGV: id with its length, how long it stays (0: taken away), data, how many servers
-- there may be.
local list, others = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), 0
for i = 1, #list, 2 do
  if tonumber(list[i + 1]) <= now or string.sub(list[i], 1, #ARGV[1]) == ARGV[1] then
    redis.call('ZREM', KEYS[1], list[i])
  else others = others + 1 end
end
if ARGV[2] == '0' then return {1, now} end
if others >= tonumber(ARGV[4]) then return {0, now} end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1] .. ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, now, redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')}
