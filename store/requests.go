package store

import (
	"context"
	"crypto/rand"
	_ "embed" // the script
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"easbot/approvals"

	"github.com/redis/go-redis/v9"
)

// keepFor is how long an ended request is kept. The audit stream is kept for ever.
const keepFor = 400 * 24 * time.Hour

// saveRequestLua writes a request and its audit entry in one step; its head says what it answers.
//
//go:embed save_request.lua
var saveRequestLua string

var saveRequestScript = redis.NewScript(saveRequestLua)

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

// sealTries bounds how often an entry is sealed anew because others wrote theirs first.
const sealTries = 200

// saveVersion saves a request in place of the version before it. open is the id of the request that stands in the way
// with approvals.ErrOpen.
func (r *Redis) saveVersion(ctx context.Context, q approvals.Request, e *approvals.Entry) (open string, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return "", err
	}
	state := q.State.Info()
	keys := []string{
		requestKey(q.ID), deviceKey(q.Device.GUID), openKey, owingKey, auditKey, headKey, byMailboxKey(q.Mailbox.GUID),
		byRequestKey(q.ID),
	}
	// The client sends a script again when the connection broke before the answer: the first one may have been carried
	// out.
	nonce := rand.Text()
	for range sealTries {
		sealed, err := r.sealEntry(ctx, e)
		if err != nil {
			return "", err
		}
		answer, err := saveRequestScript.Run(ctx, r.client, keys,
			q.ID, q.Version, body, luaBool(state.Unique), luaBool(state.Open), luaBool(len(q.Owed) > 0),
			q.CreatedAt.UnixMilli(),
			keepFor.Milliseconds(), sealed.text, sealed.after, sealed.head, sealed.seq, nonce).StringSlice()
		if err != nil {
			return "", markUnavailable("save request", err)
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
		return q, markUnavailable("load request", err)
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
		return nil, markUnavailable("list open requests", err)
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
		return nil, markUnavailable("find the devices' requests", err)
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
		return nil, markUnavailable("list what is owed", err)
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
		return nil, markUnavailable("load requests", err)
	}
	out := make([]approvals.Request, 0, len(ids))
	for i, cmd := range bodies {
		body, err := cmd.Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, markUnavailable("load requests", err)
		}
		var q approvals.Request
		if err := json.Unmarshal(body, &q); err != nil {
			return nil, fmt.Errorf("request %s is stored in a form that cannot be read: %w", ids[i], err)
		}
		out = append(out, q)
	}
	return out, nil
}
