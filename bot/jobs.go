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

// jobs works on what is in the queue, ten at a time.
type jobs struct {
	server   *asynq.Server
	handlers *handlers.Handlers
	effects  *effectDispatch
	metrics  *metrics
	log      *slog.Logger
}

// jobTimes are how often the queue is asked for new jobs, and for those that are due later or again.
type jobTimes struct{ newJobs, delayedJobs time.Duration }

func newJobs(c redis.UniversalClient, times jobTimes, h *handlers.Handlers, e *effectDispatch, m *metrics,
	log *slog.Logger) *jobs {
	return &jobs{
		handlers: h, effects: e, metrics: m, log: log,
		server: asynq.NewServerFromRedisClient(c, asynq.Config{
			Concurrency:              10,
			Queues:                   map[string]int{jobClick: 6, jobEffect: 3, jobDigest: 1},
			TaskCheckInterval:        times.newJobs,
			DelayedTaskCheckInterval: times.delayedJobs,
			ShutdownTimeout:          15 * time.Second,
			RetryDelayFunc: func(n int, _ error, _ *asynq.Task) time.Duration {
				d := min(time.Second<<min(n, 6), time.Minute)
				return d + rand.N(d/4+1)
			},
			Logger: asynqLog{log}, LogLevel: asynq.WarnLevel,
		}),
	}
}

func (j *jobs) startServer() error {
	mux := asynq.NewServeMux()
	for kind, work := range map[string]func(context.Context, []byte) error{
		jobClick: j.handleClick, jobEffect: j.handleEffect, jobDigest: j.handleDigest,
	} {
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

func (j *jobs) stopServer() { j.server.Shutdown() }

func (j *jobs) handleClick(ctx context.Context, payload []byte) error {
	var c handlers.Click
	if err := json.Unmarshal(payload, &c); err != nil {
		return fmt.Errorf("a stored click cannot be read (%w): %w", err, asynq.SkipRetry)
	}
	return j.handlers.AnswerClick(ctx, c)
}

func (j *jobs) handleEffect(ctx context.Context, payload []byte) error {
	var ref effectRef
	if err := json.Unmarshal(payload, &ref); err != nil {
		return fmt.Errorf("a stored effect cannot be read (%w): %w", err, asynq.SkipRetry)
	}
	if err := j.effects.carryOut(ctx, ref); !errors.Is(err, approvals.ErrUnknown) {
		return err
	}
	return nil // a request that is forgotten owes nothing
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
