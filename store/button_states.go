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

// RememberButton keeps data for a while and returns a random id for it, which tells nothing about the data.
func (r *Redis) RememberButton(ctx context.Context, data []byte, ttl time.Duration) (string, error) {
	id := rand.Text()
	return id, markUnavailable("keep what a button stands for", r.client.Set(ctx, buttonStateKey(id), data, ttl).Err())
}

// RecallButton returns what RememberButton kept; eas.ErrNotFound when the id is unknown or its time is over.
func (r *Redis) RecallButton(ctx context.Context, id string) ([]byte, error) {
	data, err := r.client.Get(ctx, buttonStateKey(id)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("what the button stands for: %w", eas.ErrNotFound)
	}
	return data, markUnavailable("read what a button stands for", err)
}
