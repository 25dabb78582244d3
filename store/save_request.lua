-- Writes a request, its place in the indices and its audit entry in one step. It answers
--   ok        it is written; also when this very call was carried out before and its answer was lost
--   conflict  another version is stored than the one before this
--   open, id  the device has the request with that id already
--   head      the audit stream has moved on, so that the entry must be sealed anew
local request, device, open, owing, audit, head, bymailbox, byrequest = unpack(KEYS)
local id, version, body, unique, isopen, owes, score, ttl, entry, was, now, seq, nonce = unpack(ARGV)
if redis.call('HGET', request, 'n') == nonce then return {'ok'} end
local stored = redis.call('HGET', request, 'v')
if version == '1' then
  local other = redis.call('GET', device)
  if other and other ~= id then return {'open', other} end
  if stored then return {'conflict'} end
elseif not stored or tonumber(stored) ~= tonumber(version) - 1 then
  return {'conflict'}
end
if unique == '1' then
  local other = redis.call('GET', device)
  if other and other ~= id then return {'open', other} end
end
if entry ~= '' then
  if (redis.call('GET', head) or '') ~= was then return {'head'} end
  redis.call('XADD', audit, seq .. '-0', 'entry', entry)
  redis.call('SET', head, now)
  redis.call('ZADD', bymailbox, seq, seq)
  redis.call('ZADD', byrequest, seq, seq)
end
redis.call('HSET', request, 'v', version, 'body', body, 'n', nonce)
if unique == '1' then redis.call('SET', device, id)
elseif redis.call('GET', device) == id then redis.call('DEL', device) end
if isopen == '1' then redis.call('ZADD', open, score, id) else redis.call('ZREM', open, id) end
if owes == '1' then redis.call('SADD', owing, id) else redis.call('SREM', owing, id) end
if isopen == '1' or owes == '1' then redis.call('PERSIST', request) else redis.call('PEXPIRE', request, ttl) end
return {'ok'}
