package handlers

import (
	"context"
	"errors"
	"fmt"

	"easbot/diag"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// devices answers "/eas devices": one's own phones and the state that Exchange stored for each.
func (h *Handlers) devices(ctx context.Context, c Call) (Message, error) {
	who, _, err := h.lookup(ctx, c.User, true)
	if err != nil {
		return Message{}, err
	}
	report, err := h.Engine.Why(ctx, who, "")
	if errors.Is(err, eas.ErrNotFound) {
		return Message{}, notInDirectory(who, true)
	}
	if err != nil {
		return Message{}, err
	}
	return deviceList(report), nil
}

func deviceList(r diag.Report) Message {
	if len(r.Devices) == 0 {
		if len(r.Unread) > 0 {
			return Text("I could not read your phones from the directory. An administrator can run easbot check.")
		}
		return Text("Exchange knows no phone of yours yet. Add your work account on the phone, then type /eas why here.")
	}
	m := fit(func(limit int) Message {
		blocks := []slack.Block{header(fmt.Sprintf("Your phones (%d)", len(r.Devices)))}
		for i, d := range r.Devices {
			if i == 20 {
				blocks = append(blocks, note(fmt.Sprintf("and %d more.", len(r.Devices)-i)))
				break
			}
			state := line{bold(d.Device.Name() + ": "), words(stateWords(d.State, d.Reason, d.Device.StateKnown))}
			if d.Predicted != nil && d.Predicted.State != d.State {
				state = append(state, words(" Will be "+d.Predicted.State.String()+" when it connects next."))
			}
			about := line{value(d.OS, limit)}
			if !d.Device.FirstSync.IsZero() {
				about = append(about, words(", first seen "), when(d.Device.FirstSync))
			}
			blocks = append(blocks, rich(state, about))
		}
		return Message{Blocks: append(blocks, note("Type /eas why for what to do about one of them. Only you can see this."))}
	})
	return m.headed(fmt.Sprintf("Exchange knows %d of your phones.", len(r.Devices)))
}

// stateWords says an access state in plain words.
func stateWords(s eas.AccessState, reason eas.Reason, known bool) string {
	if !known {
		return "I may not read its state."
	}
	switch s {
	case eas.StateAllowed:
		if reason == eas.ReasonUpgrade {
			return "allowed for now, while the mailbox is being upgraded."
		}
		return "allowed, mail flows."
	case eas.StateBlocked:
		if reason.AutoBlock() {
			return "blocked for a while because it asked too often; this ends by itself."
		}
		return "blocked."
	case eas.StateQuarantined:
		return "waits for approval."
	case eas.StateDiscovery:
		return "being looked at by Exchange; that takes up to 14 minutes."
	default:
		return "not decided yet; it will be when the phone connects next."
	}
}
