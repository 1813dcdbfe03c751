-- Refreshes a timed session. ARGV: handle, how long a tombstone stays.
local v = redis.call('GET', KEYS[1])
if not v then return {0, now} end
if form(v) ~= 2 then return {1, now, v} end
local at = after(v)
local used, idle = struct.unpack('>I6I6', v, at)
if idled(v) then
  redis.call('SET', KEYS[2], string.char(1), 'PX', ARGV[2])
  remove()
  return {0, now, string.char(1)}
end
redis.call('SETRANGE', KEYS[1], at - 1, struct.pack('>I6', now))
if idle > 0 then redis.call('PEXPIRE', KEYS[1], idle) end
return {1, now, string.sub(v, 1, at - 1) .. struct.pack('>I6', now) .. string.sub(v, at + 6)}
