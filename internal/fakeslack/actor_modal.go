package fakeslack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

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
	var open *View
	ack, err := a.sendInteraction(ctx, "view_submission", func() (map[string]any, error) {
		found, err := w.openModal(a.user, v.ID)
		if err != nil {
			return nil, err
		}
		state, faults := readInputs(found, values)
		if len(faults) > 0 {
			w.showModalFaults(found, faults)
			return nil, &InvalidInput{Errors: faults}
		}
		open = found
		return map[string]any{"view": open.toJSON(state), "response_urls": []any{}}, nil
	})
	if open == nil {
		return ack, err // it was not sent
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		err = w.applySubmission(open, ack.Payload)
	}
	var invalid *InvalidInput
	if err != nil && !errors.As(err, &invalid) {
		w.showModalFaults(open, map[string]string{"": "We had some trouble connecting. Try again?"})
	}
	return ack, err
}

// showModalFaults shows in an open modal what is wrong, by block id; "" is the modal itself. The caller holds the lock.
func (w *Workspace) showModalFaults(v *View, faults map[string]string) {
	v.Errors = faults
	w.logEvent(Event{Kind: ModalEvent, User: v.User})
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
		id := cmp.Or(b.BlockID, GeneratedBlockID(i))
		actionID, _ := b.Element["action_id"].(string)
		value, given := values[actionID]
		if !given {
			value, given = values[id]
		}
		if !given {
			value = initialValue(b.Element)
		}
		if fault := inputFault(b.Element, value, b.Optional); fault != "" {
			faults[id] = fault
		}
		state[id] = map[string]any{actionID: filledState(b.Element, value)}
	}
	return state, faults
}

// inputFault is what Slack itself says about a value before the app is asked; "" when it is good.
func inputFault(element map[string]any, value string, optional bool) string {
	if value == "" {
		if optional {
			return ""
		}
		return "Please complete this required field."
	}
	length := len([]rune(value))
	if limit, ok := element["max_length"].(float64); ok && length > int(limit) {
		return fmt.Sprintf("Please enter at most %d characters.", int(limit))
	}
	if least, ok := element["min_length"].(float64); ok && length < int(least) {
		return fmt.Sprintf("Please enter at least %d characters.", int(least))
	}
	return ""
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
		w.logEvent(Event{Kind: ModalEvent, User: v.User})
	case "errors":
		state, _ := readInputs(v, nil)
		for block := range answer.Errors {
			if state[block] == nil {
				return fmt.Errorf("errors name %q, which is no input block", block)
			}
		}
		w.showModalFaults(v, answer.Errors)
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
	return a.sendInteraction(ctx, "view_closed", func() (map[string]any, error) {
		open, err := a.w.openModal(a.user, v.ID)
		if err != nil {
			return nil, err
		}
		a.w.closeView(open)
		if !open.notifyOnClose {
			return nil, nil
		}
		return map[string]any{"view": open.toJSON(nil), "is_cleared": false}, nil
	})
}
