package fakeslack

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Wait returns when cond holds, looking again at every change of the workspace, or with the context's error.
// cond may call the workspace's methods.
func (w *Workspace) Wait(ctx context.Context, cond func() bool) error {
	for {
		w.mu.Lock()
		changed, closed := w.changed, w.closed
		w.mu.Unlock()
		if cond() {
			return nil
		}
		if closed {
			return errors.New("workspace is closed")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for the workspace: %w", context.Cause(ctx))
		}
	}
}

// WaitMessage returns the newest message of the channel for which match holds, as soon as there is one. Ephemeral
// messages count as well. For a direct message with the bot give DMChannel(user).
func (w *Workspace) WaitMessage(ctx context.Context, channel string, match func(Message) bool) (Message, error) {
	return waitForNewest(ctx, w, func() []Message { return w.allMessages(channel) }, match)
}

// WaitEphemeral is WaitMessage for what only this user sees, in whichever channel.
func (w *Workspace) WaitEphemeral(ctx context.Context, user string, match func(Message) bool) (Message, error) {
	return waitForNewest(ctx, w, func() []Message { return w.Ephemerals(user) }, match)
}

// WaitView returns the user's top modal, or Home tab, as soon as match holds for it.
func (w *Workspace) WaitView(ctx context.Context, user string, match func(View) bool) (View, error) {
	return waitForNewest(ctx, w, func() []View { return w.Views(user) }, match)
}

// waitForNewest waits until list, whose newest item stands last, holds one that matches.
func waitForNewest[T any](ctx context.Context, w *Workspace, list func() []T, match func(T) bool) (T, error) {
	var found T
	err := w.Wait(ctx, func() bool {
		for _, item := range slices.Backward(list()) {
			if match(item) {
				found = item
				return true
			}
		}
		return false
	})
	return found, err
}
