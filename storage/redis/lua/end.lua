-- Ends a live session. ARGV: handle, not after, tombstone, how long it stays, whether a
-- pending session counts as live; and, unless the fields are empty, the subject with its
-- length, and the last creation, that the session has to have.
local v = redis.call('GET', KEYS[1])
if not v then
  local stone = redis.call('GET', KEYS[2])
  if stone == ARGV[3] then return {1, now} end
  return {0, now, stone or ''}
end
if form(v) == 3 and ARGV[5] ~= '1' then return {3, now, v} end
if ARGV[6] ~= '' then
  if after(v) ~= 27 + #ARGV[6] or string.sub(v, 27, 26 + #ARGV[6]) ~= ARGV[6] then return {0, now, ''} end
end
if ARGV[7] ~= '' and struct.unpack('>I5', v, 22) > tonumber(ARGV[7]) then return {0, now, ''} end
if idled(v) then
  redis.call('SET', KEYS[2], string.char(1), 'PX', ARGV[4])
  remove()
  return {0, now, string.char(1)}
end
if now >= tonumber(ARGV[2]) then return {4, now} end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
remove()
return {1, now, v}
