package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"easbot/approvals"

	"github.com/redis/go-redis/v9"
)

// keepFor is how long an ended request is kept. The audit stream is kept for ever.
const keepFor = 400 * 24 * time.Hour

func requestKey(id string) string     { return prefix + "request:" + id }
func deviceKey(guid string) string    { return prefix + "device:" + strings.ToLower(guid) }
func byMailboxKey(guid string) string { return prefix + "audit:mailbox:" + strings.ToLower(guid) }
func byRequestKey(id string) string   { return prefix + "audit:request:" + id }

const (
	openKey  = prefix + "open"
	owingKey = prefix + "owing"
	auditKey = prefix + "audit"
	headKey  = prefix + "audit:head"
)

// saveRequestScript writes a request and its audit entry in one step. It answers "ok"; "conflict" when another version is stored; "open" and
// the id of the request that the device has already; "head" when the audit stream has moved on, so that the entry must be
// sealed anew.
var saveRequestScript = redis.NewScript(`
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
`)

// CreateRequest implements approvals.Store.
func (r *Redis) CreateRequest(ctx context.Context, q approvals.Request, e approvals.Entry) (approvals.Request, error) {
	q.Version = 1
	other, err := r.saveVersion(ctx, q, &e)
	if errors.Is(err, approvals.ErrOpen) {
		open, lerr := r.LoadRequest(ctx, other)
		if lerr != nil {
			return open, lerr
		}
		return open, err
	}
	return q, err
}

// SaveRequest implements approvals.Store.
func (r *Redis) SaveRequest(ctx context.Context, next approvals.Request, e *approvals.Entry) error {
	_, err := r.saveVersion(ctx, next, e)
	return err
}

// headTries bounds how often an entry is sealed anew because others wrote theirs first.
const headTries = 200

func (r *Redis) saveVersion(ctx context.Context, q approvals.Request, e *approvals.Entry) (open string, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return "", err
	}
	state := q.State.Info()
	// The client sends a script again when the connection broke before the answer: the first one may have been carried out.
	nonce := rand.Text()
	for range headTries {
		var entry, was, now string
		var seq int64
		if e != nil {
			var sealed approvals.Entry
			if sealed, was, err = r.sealEntry(ctx, *e); err != nil {
				return "", err
			}
			b, err := json.Marshal(sealed)
			if err != nil {
				return "", err
			}
			entry, now, seq = string(b), headValue(sealed.Seq, sealed.Hash), sealed.Seq
		}
		keys := []string{requestKey(q.ID), deviceKey(q.Device.GUID), openKey, owingKey, auditKey, headKey, byMailboxKey(q.Mailbox.GUID), byRequestKey(q.ID)}
		answer, err := saveRequestScript.Run(ctx, r.client, keys, q.ID, q.Version, body, luaBool(state.Unique), luaBool(state.Open), luaBool(len(q.Owed) > 0),
			q.CreatedAt.UnixMilli(), keepFor.Milliseconds(), entry, was, now, seq, nonce).StringSlice()
		if err != nil {
			return "", unavailable("save request", err)
		}
		switch answer[0] {
		case "ok":
			return "", nil
		case "conflict":
			return "", approvals.ErrConflict
		case "open":
			return answer[1], approvals.ErrOpen
		}
	}
	return "", approvals.ErrConflict
}

func luaBool(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// LoadRequest implements approvals.Store.
func (r *Redis) LoadRequest(ctx context.Context, id string) (q approvals.Request, err error) {
	body, err := r.client.HGet(ctx, requestKey(id), "body").Bytes()
	if errors.Is(err, redis.Nil) {
		return q, approvals.ErrUnknown
	}
	if err != nil {
		return q, unavailable("load request", err)
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return q, fmt.Errorf("request %s is stored in a form that cannot be read: %w", id, err)
	}
	return q, nil
}

// OpenRequests implements approvals.Store.
func (r *Redis) OpenRequests(ctx context.Context) ([]approvals.Request, error) {
	ids, err := r.client.ZRange(ctx, openKey, 0, -1).Result()
	if err != nil {
		return nil, unavailable("list open requests", err)
	}
	return r.loadRequests(ctx, ids)
}

// OpenRequestsOf implements approvals.Store.
func (r *Redis) OpenRequestsOf(ctx context.Context, devices []string) ([]approvals.Request, error) {
	if len(devices) == 0 {
		return nil, nil
	}
	keys := make([]string, len(devices))
	for i, guid := range devices {
		keys[i] = deviceKey(guid)
	}
	found, err := r.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, unavailable("find the devices' requests", err)
	}
	var ids []string
	for _, id := range found {
		if id, ok := id.(string); ok {
			ids = append(ids, id)
		}
	}
	return r.loadRequests(ctx, ids)
}

// OwingRequests implements approvals.Store.
func (r *Redis) OwingRequests(ctx context.Context) ([]approvals.Request, error) {
	ids, err := r.client.SMembers(ctx, owingKey).Result()
	if err != nil {
		return nil, unavailable("list what is owed", err)
	}
	return r.loadRequests(ctx, ids)
}

// loadRequests loads in one round trip; ids that are gone are left out.
func (r *Redis) loadRequests(ctx context.Context, ids []string) ([]approvals.Request, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	pipe := r.client.Pipeline()
	bodies := make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		bodies[i] = pipe.HGet(ctx, requestKey(id), "body")
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, unavailable("load requests", err)
	}
	out := make([]approvals.Request, 0, len(ids))
	for i, cmd := range bodies {
		body, err := cmd.Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, unavailable("load requests", err)
		}
		var q approvals.Request
		if err := json.Unmarshal(body, &q); err != nil {
			return nil, fmt.Errorf("request %s is stored in a form that cannot be read: %w", ids[i], err)
		}
		out = append(out, q)
	}
	return out, nil
}
