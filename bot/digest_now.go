package bot

import (
	"context"
	"fmt"
	"slices"

	"easbot/handlers"
	"easbot/internal/config"
	"easbot/internal/eas"
)

// DigestResult is what a digest showed, or would show.
type DigestResult struct {
	New     []eas.Waiting // newly in quarantine since the last digest
	Waiting int           // in quarantine and shown before
	Unseen  []eas.Hidden  // what could not be looked at
}

// PostDigestOnce posts a digest now, from a process that does not serve. With dryRun it posts nothing and changes
// nothing. Errors wrap eas.ErrUnavailable when the directory or Redis cannot be reached.
func PostDigestOnce(ctx context.Context, cfg *config.Config, opts Options, dryRun bool) (result DigestResult,
	err error) {
	b, err := New(cfg, opts)
	if err != nil {
		return result, err
	}
	defer b.closeParts()
	quarantine, err := b.directory.Quarantined(ctx)
	if err != nil {
		return result, fmt.Errorf("read what is in quarantine: %w", err)
	}
	seen, err := b.store.SeenDevices(ctx)
	if err != nil {
		return result, fmt.Errorf("read what the last digest showed: %w", err)
	}
	result.Unseen = quarantine.Unseen
	for _, w := range quarantine.Waiting {
		if slices.Contains(seen, w.Device.GUID) {
			result.Waiting++
		} else {
			result.New = append(result.New, w)
		}
	}
	if dryRun {
		return result, nil
	}
	if _, err := b.slack.authTest(ctx); err != nil {
		return result, err
	}
	_, err = b.handlers.PostDigest(ctx, b.digestIDByHand())
	return result, err
}

// digestIDByHand is the id of a digest that somebody asks for beside the day's own.
func (b *Bot) digestIDByHand() string {
	now := b.opts.Now().In(b.schedule.zone)
	return handlers.DigestID(now) + now.Format("+150405.000")
}

// PostDigest queues a digest now, beside the day's own. The bot must be running.
func (b *Bot) PostDigest(ctx context.Context) error {
	return b.queue.enqueueDigest(ctx, b.digestIDByHand())
}
