-- Changes small values, all or none of them, if they are as the caller has seen them. KEYS: the
-- index, then one for each value. ARGV: how many values there may be, instant after which the
-- caller has given up, 8 bytes that no other call has, then for each value what it was and what
-- it becomes ('' for none), and its TTL. A call that is sent again finds its 8 bytes and answers
-- as before; one that only removes is refused then.
if now > tonumber(ARGV[2]) then return {4, now} end
local same, own, all = true, 0, 0
for i = 2, #KEYS do
  local v, becomes = redis.call('GET', KEYS[i]) or '', ARGV[3 * i - 1]
  same = same and string.sub(v, 9) == ARGV[3 * i - 2]
  if becomes ~= '' then all = all + 1 end
  if becomes ~= '' and v == ARGV[3] .. becomes then own = own + 1 end
end
if all > 0 and own == all then return {1, now} end
if not same then return {2, now} end
for i = 2, #KEYS do
  local v, ttl = ARGV[3 * i - 1], tonumber(ARGV[3 * i])
  if v == '' then
    redis.call('DEL', KEYS[i])
    redis.call('ZREM', KEYS[1], KEYS[i])
  else
    redis.call('SET', KEYS[i], ARGV[3] .. v, 'PX', ttl)
    redis.call('ZADD', KEYS[1], now + ttl, KEYS[i])
  end
end
-- What has expired leaves the index; if there is too much, so does what expires next. All
-- names lie in the same slot.
for _, name in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, 100)) do
  redis.call('ZREM', KEYS[1], name)
end
local over = math.min(100, redis.call('ZCARD', KEYS[1]) - ARGV[1])
if over > 0 then
  for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, over - 1)) do
    redis.call('DEL', name)
    redis.call('ZREM', KEYS[1], name)
  end
end
redis.call('PEXPIRE', KEYS[1], 86400000)
return {1, now}
