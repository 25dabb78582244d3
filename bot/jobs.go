package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
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

// jobs works on what is in the queue.
type jobs struct {
	server    *asynq.Server
	handlers  *handlers.Handlers
	approvals *approvals.Service
	metrics   *metrics
	log       *slog.Logger
}

func newJobs(c redis.UniversalClient, h *handlers.Handlers, a *approvals.Service, m *metrics, log *slog.Logger) *jobs {
	return &jobs{
		handlers: h, approvals: a, metrics: m, log: log,
		server: asynq.NewServerFromRedisClient(c, asynq.Config{
			Concurrency:              10,
			Queues:                   map[string]int{jobClick: 6, jobEffect: 3, jobDigest: 1},
			TaskCheckInterval:        100 * time.Millisecond,
			DelayedTaskCheckInterval: time.Second,
			ShutdownTimeout:          15 * time.Second,
			RetryDelayFunc: func(n int, _ error, _ *asynq.Task) time.Duration {
				d := min(time.Second<<min(n, 6), time.Minute)
				return d + rand.N(d/4+1)
			},
			Logger: asynqLog{log}, LogLevel: asynq.WarnLevel,
		}),
	}
}

func (j *jobs) start() error {
	mux := asynq.NewServeMux()
	for kind, work := range map[string]func(context.Context, []byte) error{jobClick: j.handleClick, jobEffect: j.handleEffect, jobDigest: j.handleDigest} {
		mux.HandleFunc(kind, func(ctx context.Context, t *asynq.Task) error {
			err := work(ctx, t.Payload())
			result := "ok"
			if err != nil {
				result = "failed"
				j.log.WarnContext(ctx, "a job failed and will be tried again", "kind", kind, "error", err)
			}
			j.metrics.jobs.WithLabelValues(kind, result).Inc()
			return err
		})
	}
	return j.server.Start(mux)
}

func (j *jobs) stop() { j.server.Shutdown() }

// enqueueOnce enqueues a job once: a job with the same id that still waits or runs stands for this one too. retention keeps the id
// of a finished one for that long.
func (q *jobQueue) enqueueOnce(ctx context.Context, kind, id string, payload any, at time.Time, retries int, retention time.Duration) error {
	b, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	opts := []asynq.Option{asynq.TaskID(kind + ":" + id), asynq.Queue(kind), asynq.MaxRetry(retries), asynq.Timeout(jobTime)}
	if !at.IsZero() {
		opts = append(opts, asynq.ProcessAt(at))
	}
	if retention > 0 {
		opts = append(opts, asynq.Retention(retention))
	}
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(kind, b), opts...)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("queue %s %s: %w", kind, id, err)
	}
	return nil
}

// enqueueClick implements inbox. A finished click's id is kept for a while, so that a redelivery to another replica is
// known to be one.
func (q *jobQueue) enqueueClick(ctx context.Context, c handlers.Click) error {
	return q.enqueueOnce(ctx, jobClick, c.ID, c, time.Time{}, 5, 15*time.Minute)
}

func (j *jobs) handleClick(ctx context.Context, payload []byte) error {
	var c handlers.Click
	if err := json.Unmarshal(payload, &c); err != nil {
		return fmt.Errorf("a stored click cannot be read (%w): %w", err, asynq.SkipRetry)
	}
	return j.handlers.AnswerClick(ctx, c)
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
	return q.enqueueOnce(ctx, jobEffect, request+"/"+e.ID, effectRef{request, e.ID}, e.NotBefore, foreverRetries, 0)
}

func (j *jobs) handleEffect(ctx context.Context, payload []byte) error {
	var o effectRef
	if err := json.Unmarshal(payload, &o); err != nil {
		return fmt.Errorf("a stored effect cannot be read (%w): %w", err, asynq.SkipRetry)
	}
	r, err := j.approvals.Get(ctx, o.Request)
	if errors.Is(err, approvals.ErrUnknown) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range r.Owed {
		if e.ID != o.Effect {
			continue
		}
		if e.Kind != approvals.EffectCard && e.Kind != approvals.EffectTell {
			return j.approvals.Perform(ctx, r.ID, e.ID)
		}
		if err := j.deliver(ctx, r, e); err != nil {
			return err
		}
		return j.approvals.Complete(ctx, r.ID, e.ID)
	}
	return nil // carried out already
}

// deliver sends the message, and sends it again while the request changed under it: of two jobs that redraw one card, the
// later look wins, whichever call reached Slack last.
func (j *jobs) deliver(ctx context.Context, r approvals.Request, e approvals.Effect) error {
	for {
		if e.Kind != approvals.EffectCard {
			return j.handlers.TellRequester(ctx, r, e.About)
		}
		if err := j.handlers.ShowCards(ctx, r); err != nil {
			return err
		}
		now, err := j.approvals.Get(ctx, r.ID)
		if err != nil {
			return err
		}
		if cardFingerprint(now) == cardFingerprint(r) {
			return nil
		}
		r = now
	}
}

// cardFingerprint is what of a request its cards show.
func cardFingerprint(r approvals.Request) string {
	return fmt.Sprint(r.State, len(r.Votes), r.Requester.SlackUser, r.Reason, r.Failure, r.Applied != nil)
}

// enqueueDigest queues the digest of a day.
func (q *jobQueue) enqueueDigest(ctx context.Context, id string) error {
	return q.enqueueOnce(ctx, jobDigest, id, id, time.Time{}, foreverRetries, 0)
}

func (j *jobs) handleDigest(ctx context.Context, payload []byte) error {
	var id string
	if err := json.Unmarshal(payload, &id); err != nil {
		return fmt.Errorf("a stored digest cannot be read (%w): %w", err, asynq.SkipRetry)
	}
	d, err := j.handlers.PostDigest(ctx, id)
	if err != nil {
		return err
	}
	j.log.InfoContext(ctx, "digest posted", "digest", id, "new", d.New, "waiting", d.Waiting, "messages", len(d.Pages))
	return nil
}

// asynqLog hands asynq's lines to the log. Redis that is down makes asynq repeat itself; readiness tells of it already.
type asynqLog struct{ log *slog.Logger }

// Debug implements asynq.Logger.
func (l asynqLog) Debug(args ...any) { l.log.Debug(joinedLine(args)) }

// Info implements asynq.Logger; what asynq calls information is for debugging here.
func (l asynqLog) Info(args ...any) { l.log.Debug(joinedLine(args)) }

// Warn implements asynq.Logger.
func (l asynqLog) Warn(args ...any) { l.log.Warn(joinedLine(args)) }

// Error implements asynq.Logger.
func (l asynqLog) Error(args ...any) { l.log.Error(joinedLine(args)) }

// Fatal is an error here: a library does not end the process.
func (l asynqLog) Fatal(args ...any) { l.log.Error(joinedLine(args)) }

func joinedLine(args []any) string { return "jobs: " + strings.TrimSpace(fmt.Sprintln(args...)) }
