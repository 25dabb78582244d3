package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"easbot/approvals"
	"easbot/handlers"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// The kinds of jobs.
const (
	jobClick  = "click"
	jobEffect = "effect"
	jobDigest = "digest"
)

// jobTime bounds one job.
const jobTime = 2 * time.Minute

// jobQueue is where durable jobs are put: decisions that were acknowledged, effects that requests owe, and digests. It
// implements approvals.Queue and inbox.
type jobQueue struct{ client *asynq.Client }

func newJobQueue(c redis.UniversalClient) *jobQueue {
	return &jobQueue{asynq.NewClientFromRedisClient(c)}
}

// job is one thing to do. Its id stands for it: while a job with that id waits or runs, another one is the same.
type job struct {
	kind, id  string
	payload   any
	notBefore time.Time
	retries   int
	retention time.Duration // how long the id of a finished one still stands for it
}

// enqueueOnce enqueues a job unless there is one with its id.
func (q *jobQueue) enqueueOnce(ctx context.Context, todo job) error {
	b, err := json.Marshal(todo.payload)
	if err != nil {
		return err
	}
	opts := []asynq.Option{
		asynq.TaskID(todo.kind + ":" + todo.id), asynq.Queue(todo.kind), asynq.MaxRetry(todo.retries),
		asynq.Timeout(jobTime),
	}
	if !todo.notBefore.IsZero() {
		opts = append(opts, asynq.ProcessAt(todo.notBefore))
	}
	if todo.retention > 0 {
		opts = append(opts, asynq.Retention(todo.retention))
	}
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(todo.kind, b), opts...)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("queue %s %s: %w", todo.kind, todo.id, err)
	}
	return nil
}

// enqueueClick implements inbox. A finished click's id is kept for a while, so that a redelivery to another replica is
// known to be one.
func (q *jobQueue) enqueueClick(ctx context.Context, c handlers.Click) error {
	return q.enqueueOnce(ctx, job{kind: jobClick, id: c.ID, payload: c, retries: 5, retention: 15 * time.Minute})
}

// effectRef names an effect of a request.
type effectRef struct {
	Request string `json:"request"`
	Effect  string `json:"effect"`
}

// foreverRetries: an owed effect is never given up; the delay between tries stays below some minutes.
const foreverRetries = 1 << 30

// Enqueue implements approvals.Queue.
func (q *jobQueue) Enqueue(ctx context.Context, request string, e approvals.Effect) error {
	return q.enqueueOnce(ctx, job{kind: jobEffect, id: request + "/" + e.ID, payload: effectRef{request, e.ID},
		notBefore: e.NotBefore, retries: foreverRetries})
}

// enqueueDigest queues the digest of a day.
func (q *jobQueue) enqueueDigest(ctx context.Context, id string) error {
	return q.enqueueOnce(ctx, job{kind: jobDigest, id: id, payload: id, retries: foreverRetries})
}
