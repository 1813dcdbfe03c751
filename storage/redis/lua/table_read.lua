-- Reads small values. KEYS: one for each. The answer has them in their order, '' for none.
-- Before each value stand 8 bytes of the call that wrote it.
local values = {}
for i = 1, #KEYS do values[i] = string.sub(redis.call('GET', KEYS[i]) or '', 9) end
return {1, now, values}
