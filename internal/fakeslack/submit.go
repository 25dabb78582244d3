package fakeslack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ClickView is Click in a modal or on the Home tab.
func (a Actor) ClickView(ctx context.Context, v View, actionID string, value ...string) (Ack, error) {
	w := a.w
	w.mu.Lock()
	now := w.openModal(a.user, v.ID)
	if home := w.homes[a.user]; now == nil && home != nil && home.ID == v.ID {
		now = home
	}
	if now == nil {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("view %s is not open", v.ID)
	}
	action, err := w.clickAction(now.blockList(), actionID, value)
	if err != nil {
		w.mu.Unlock()
		return Ack{}, err
	}
	payload := w.newInteraction("block_actions", a.user)
	payload["actions"] = []any{action}
	payload["container"] = map[string]any{"type": "view", "view_id": now.ID}
	payload["view"] = now.toJSON(nil)
	w.mu.Unlock()
	return w.deliverToBot(ctx, "interactive", payload)
}

func (v *View) blockList() json.RawMessage {
	var body struct {
		Blocks json.RawMessage `json:"blocks"`
	}
	_ = json.Unmarshal(v.JSON, &body) // it was judged when it came
	return body.Blocks
}

// InvalidInput means that the app, or Slack itself, refused what was filled in; the modal stays open and shows why.
type InvalidInput struct{ Errors map[string]string }

// Error names the blocks and what is wrong with them.
func (e *InvalidInput) Error() string {
	var parts []string
	for _, block := range slices.Sorted(maps.Keys(e.Errors)) {
		parts = append(parts, block+": "+e.Errors[block])
	}
	return "invalid input: " + strings.Join(parts, "; ")
}

// Submit fills a modal and submits it. values are by action id (or block id). An *InvalidInput means that the modal
// is still open.
func (a Actor) Submit(ctx context.Context, v View, values map[string]string) (Ack, error) {
	w := a.w
	w.mu.Lock()
	open := w.openModal(a.user, v.ID)
	if open == nil {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("view %s is not open", v.ID)
	}
	state, faults := readInputs(open, values)
	if len(faults) > 0 {
		open.Errors = faults
		w.logEvent(event{kind: modalEvent, user: a.user})
		w.mu.Unlock()
		return Ack{}, &InvalidInput{Errors: faults}
	}
	payload := w.newInteraction("view_submission", a.user)
	payload["view"] = open.toJSON(state)
	payload["response_urls"] = []any{}
	w.mu.Unlock()
	ack, err := w.deliverToBot(ctx, "interactive", payload)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		err = w.applySubmission(open, ack.Payload)
	}
	var invalid *InvalidInput
	if err != nil && !errors.As(err, &invalid) {
		open.Errors = map[string]string{"": "We had some trouble connecting. Try again?"}
		w.logEvent(event{kind: modalEvent, user: a.user})
	}
	return ack, err
}

// readInputs reads the state of all inputs and what Slack itself finds missing or too long.
func readInputs(v *View, values map[string]string) (map[string]map[string]any, map[string]string) {
	var body struct {
		Blocks []struct {
			Type     string         `json:"type"`
			BlockID  string         `json:"block_id"`
			Optional bool           `json:"optional"`
			Element  map[string]any `json:"element"`
		} `json:"blocks"`
	}
	_ = json.Unmarshal(v.JSON, &body) // it was judged when it came
	state, faults := map[string]map[string]any{}, map[string]string{}
	for i, b := range body.Blocks {
		if b.Type != "input" {
			continue
		}
		id := b.BlockID
		if id == "" {
			id = generatedID(i)
		}
		actionID, _ := b.Element["action_id"].(string)
		value, given := values[actionID]
		if !given {
			value, given = values[id]
		}
		if !given {
			value = initialValue(b.Element)
		}
		if value == "" && !b.Optional {
			faults[id] = "Please complete this required field."
		}
		if limit, ok := b.Element["max_length"].(float64); ok && len([]rune(value)) > int(limit) {
			faults[id] = fmt.Sprintf("Please enter at most %d characters.", int(limit))
		}
		if least, ok := b.Element["min_length"].(float64); ok && value != "" && len([]rune(value)) < int(least) {
			faults[id] = fmt.Sprintf("Please enter at least %d characters.", int(least))
		}
		state[id] = map[string]any{actionID: filledState(b.Element, value)}
	}
	return state, faults
}

// initialValue is what an element holds before anybody touches it.
func initialValue(object map[string]any) string {
	if s, ok := object["initial_value"].(string); ok {
		return s
	}
	if o, ok := object["initial_option"].(map[string]any); ok {
		s, _ := o["value"].(string)
		return s
	}
	options, _ := object["initial_options"].([]any)
	var chosen []string
	for _, o := range options {
		if m, ok := o.(map[string]any); ok {
			s, _ := m["value"].(string)
			chosen = append(chosen, s)
		}
	}
	return strings.Join(chosen, ",")
}

// applySubmission carries out the answer to a submission. The caller holds the lock.
func (w *Workspace) applySubmission(v *View, payload json.RawMessage) error {
	var answer struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if payload != nil {
		if err := json.Unmarshal(payload, &answer); err != nil {
			return fmt.Errorf("read the answer to a submission: %w", err)
		}
	}
	switch answer.Action {
	case "":
		w.closeView(v)
	case "clear":
		w.modals[v.User] = nil
		w.logEvent(event{kind: modalEvent, user: v.User})
	case "errors":
		state, _ := readInputs(v, nil)
		for block := range answer.Errors {
			if state[block] == nil {
				return fmt.Errorf("errors name %q, which is no input block", block)
			}
		}
		v.Errors = answer.Errors
		w.logEvent(event{kind: modalEvent, user: v.User})
		return &InvalidInput{Errors: answer.Errors}
	case "update", "push":
		next, err := readView(answer.View, "modal")
		if err != nil {
			return fmt.Errorf("view in the answer to a submission: %w", err)
		}
		if answer.Action == "update" {
			w.replaceView(v, next)
			return nil
		}
		if len(w.modals[v.User]) >= modalStack {
			return errors.New("push_limit_reached")
		}
		w.pushModal(v.User, next)
	default:
		return fmt.Errorf("unknown response_action %q", answer.Action)
	}
	return nil
}

// CloseView dismisses a modal; the app hears of it when it asked to (notify_on_close).
func (a Actor) CloseView(ctx context.Context, v View) (Ack, error) {
	w := a.w
	w.mu.Lock()
	open := w.openModal(a.user, v.ID)
	if open == nil {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("view %s is not open", v.ID)
	}
	w.closeView(open)
	if !open.notifyOnClose {
		w.mu.Unlock()
		return Ack{}, nil
	}
	payload := w.newInteraction("view_closed", a.user)
	delete(payload, "trigger_id")
	payload["view"], payload["is_cleared"] = open.toJSON(nil), false
	w.mu.Unlock()
	return w.deliverToBot(ctx, "interactive", payload)
}
