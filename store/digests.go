package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"easbot/approvals"

	"github.com/redis/go-redis/v9"
)

// saveDigestScript answers 1, or 0 when another version is stored.
var saveDigestScript = redis.NewScript(`
local digest, seen, seenat, last = unpack(KEYS)
local version, body, ttl, done, id, at = unpack(ARGV, 1, 6)
local stored = redis.call('HGET', digest, 'v')
if version == '1' then if stored then return 0 end
elseif not stored or tonumber(stored) ~= tonumber(version) - 1 then return 0 end
redis.call('HSET', digest, 'v', version, 'body', body)
redis.call('PEXPIRE', digest, ttl)
if done == '1' then
  if tonumber(redis.call('GET', seenat) or '0') <= tonumber(at) then
    redis.call('SET', seenat, at)
    redis.call('DEL', seen)
    for i = 7, #ARGV do redis.call('SADD', seen, ARGV[i]) end
  end
  local was = redis.call('GET', last)
  if id ~= '' and (not was or was < id) then redis.call('SET', last, id) end
end
return 1
`)

// SaveDigest implements approvals.Store.
func (r *Redis) SaveDigest(ctx context.Context, d approvals.Digest) error {
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	day := d.ID
	if d.ByHand() {
		day = ""
	}
	args := []any{d.Version, body, keepFor.Milliseconds(), luaBool(d.Done), day, d.At.UnixMilli()}
	for _, s := range d.Seen {
		args = append(args, s)
	}
	ok, err := saveDigestScript.Run(ctx, r.client, []string{digestKey(d.ID), seenKey, seenAtKey, lastKey},
		args...).Bool()
	if err != nil {
		return markUnavailable("save digest", err)
	}
	if !ok {
		return approvals.ErrConflict
	}
	return nil
}

// LoadDigest implements approvals.Store.
func (r *Redis) LoadDigest(ctx context.Context, id string) (d approvals.Digest, err error) {
	body, err := r.client.HGet(ctx, digestKey(id), "body").Bytes()
	if errors.Is(err, redis.Nil) {
		return d, approvals.ErrUnknown
	}
	if err != nil {
		return d, markUnavailable("load digest", err)
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return d, fmt.Errorf("digest %s is stored in a form that cannot be read: %w", id, err)
	}
	return d, nil
}

// LastDigest implements approvals.Store.
func (r *Redis) LastDigest(ctx context.Context) (approvals.Digest, error) {
	id, err := r.client.Get(ctx, lastKey).Result()
	if errors.Is(err, redis.Nil) {
		return approvals.Digest{}, approvals.ErrUnknown
	}
	if err != nil {
		return approvals.Digest{}, markUnavailable("read the last digest", err)
	}
	return r.LoadDigest(ctx, id)
}

// SeenDevices implements approvals.Store.
func (r *Redis) SeenDevices(ctx context.Context) ([]string, error) {
	ids, err := r.client.SMembers(ctx, seenKey).Result()
	return ids, markUnavailable("read what the last digest showed", err)
}
