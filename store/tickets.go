package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"easbot/internal/eas"

	"github.com/redis/go-redis/v9"
)

func ticketKey(id string) string { return prefix + "ticket:" + id }

// PutTicket keeps data for a while and returns a random id for it, which tells nothing about the data.
func (r *Redis) PutTicket(ctx context.Context, data []byte, ttl time.Duration) (string, error) {
	id := rand.Text()
	return id, wrap("keep a ticket", r.client.Set(ctx, ticketKey(id), data, ttl).Err())
}

// Ticket returns what PutTicket kept; eas.ErrNotFound when there is no such ticket or its time is over.
func (r *Redis) Ticket(ctx context.Context, id string) ([]byte, error) {
	data, err := r.client.Get(ctx, ticketKey(id)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("ticket: %w", eas.ErrNotFound)
	}
	return data, wrap("read a ticket", err)
}
