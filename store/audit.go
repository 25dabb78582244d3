package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"easbot/approvals"

	"github.com/redis/go-redis/v9"
)

// headValue is what the head of the chain is kept as: the newest entry's number and hash.
func headValue(seq int64, hash string) string { return strconv.FormatInt(seq, 10) + " " + hash }

// sealedEntry is an entry at the end of the chain, as the script takes it. The zero value is no entry.
type sealedEntry struct {
	text  string // its JSON
	after string // the head that this holds for
	head  string // the head that it makes
	seq   int64
}

// sealEntry puts an entry at the end of the chain as it is now.
func (r *Redis) sealEntry(ctx context.Context, e *approvals.Entry) (sealedEntry, error) {
	if e == nil {
		return sealedEntry{}, nil
	}
	seq, hash, err := r.AuditHead(ctx)
	if err != nil {
		return sealedEntry{}, err
	}
	chained := e.ChainAfter(seq, hash)
	text, err := json.Marshal(chained)
	if err != nil {
		return sealedEntry{}, err
	}
	sealed := sealedEntry{text: string(text), head: headValue(chained.Seq, chained.Hash), seq: chained.Seq}
	if seq > 0 {
		sealed.after = headValue(seq, hash)
	}
	return sealed, nil
}

// AuditHead implements approvals.Store.
func (r *Redis) AuditHead(ctx context.Context) (seq int64, hash string, err error) {
	was, err := r.client.Get(ctx, headKey).Result()
	if errors.Is(err, redis.Nil) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", markUnavailable("read the audit stream's head", err)
	}
	number, hash, _ := strings.Cut(was, " ")
	if seq, err = strconv.ParseInt(number, 10, 64); err != nil {
		return 0, "", fmt.Errorf("the audit stream's head cannot be read: %w", err)
	}
	return seq, hash, nil
}

// maxHistory bounds one answer of History.
const maxHistory = 10_000

// AuditHistory implements approvals.Store.
func (r *Redis) AuditHistory(ctx context.Context, f approvals.HistoryFilter) ([]approvals.Entry, error) {
	limit := int64(f.Limit)
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, maxHistory)
	if f.MailboxGUID == "" && f.Request == "" {
		messages, err := r.client.XRevRangeN(ctx, auditKey, "+", "-", limit).Result()
		if err != nil {
			return nil, markUnavailable("read the audit stream", err)
		}
		return decodeEntries(messages)
	}
	index := byMailboxKey(f.MailboxGUID)
	if f.Request != "" {
		index = byRequestKey(f.Request)
	}
	ids, err := r.client.ZRevRange(ctx, index, 0, limit-1).Result()
	if err != nil {
		return nil, markUnavailable("read the audit index", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	pipe := r.client.Pipeline()
	found := make([]*redis.XMessageSliceCmd, len(ids))
	for i, id := range ids {
		found[i] = pipe.XRange(ctx, auditKey, id+"-0", id+"-0")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, markUnavailable("read the audit stream", err)
	}
	var out []approvals.Entry
	for _, cmd := range found {
		part, err := decodeEntries(cmd.Val())
		if err != nil {
			return nil, err
		}
		for _, e := range part {
			if f.MailboxGUID == "" || strings.EqualFold(e.Mailbox.GUID, f.MailboxGUID) {
				out = append(out, e)
			}
		}
	}
	return out, nil
}

// AuditEntries implements approvals.Store.
func (r *Redis) AuditEntries(ctx context.Context, from int64, limit int) ([]approvals.Entry, error) {
	messages, err := r.client.XRangeN(ctx, auditKey, strconv.FormatInt(from, 10)+"-0", "+", int64(limit)).Result()
	if err != nil {
		return nil, markUnavailable("read the audit stream", err)
	}
	return decodeEntries(messages)
}

func decodeEntries(messages []redis.XMessage) ([]approvals.Entry, error) {
	out := make([]approvals.Entry, 0, len(messages))
	for _, m := range messages {
		text, ok := m.Values["entry"].(string)
		var e approvals.Entry
		if err := json.Unmarshal([]byte(text), &e); err != nil || !ok {
			return nil, fmt.Errorf("audit entry %s cannot be read", m.ID)
		}
		out = append(out, e)
	}
	return out, nil
}
