local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
-- The first byte after the subject of a live value, counted from 1.
local function after(v)
  if string.byte(v, 1) >= 128 then return 28 + string.byte(v, 27) end
  return 27
end
local function form(v) return string.byte(v, 1) % 128 end
local function version(v) return string.sub(v, 18, 21) end
-- Whether the last use in a timed value is too long ago.
local function idled(v)
  if form(v) ~= 2 then return false end
  local used, idle = struct.unpack('>I6I6', v, after(v))
  return idle > 0 and now >= used + idle
end
-- Stores a live value for as long as it may live. Redis serves a key until the millisecond
-- after its TTL, so the TTL is one less.
local function store(key, v, idle, deadline)
  idle, deadline = tonumber(idle), tonumber(deadline)
  local ttl = idle
  if deadline > 0 and (idle == 0 or deadline - now < idle) then ttl = deadline - now end
  if ttl > 0 then redis.call('SET', key, v, 'PX', math.max(1, ttl - 1)) else redis.call('SET', key, v) end
end
-- Forgets a session except for its tombstone.
local function remove()
  redis.call('DEL', KEYS[1])
  if KEYS[3] then redis.call('ZREM', KEYS[3], ARGV[1]) end
end
