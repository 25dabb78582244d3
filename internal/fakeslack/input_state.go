package fakeslack

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// element is an interactive element with where it stands.
type element struct {
	BlockID  string
	Type     string
	ActionID string
	Value    string
	Object   map[string]any
}

// interactiveElements lists the interactive elements of blocks; a block without an id gets the one that Slack would
// give it.
func interactiveElements(raw json.RawMessage) []element {
	var blocks []struct {
		Type      string           `json:"type"`
		BlockID   string           `json:"block_id"`
		Accessory map[string]any   `json:"accessory"`
		Element   map[string]any   `json:"element"`
		Elements  []map[string]any `json:"elements"`
	}
	if json.Unmarshal(raw, &blocks) != nil {
		return nil
	}
	var found []element
	for i, b := range blocks {
		id := b.BlockID
		if id == "" {
			id = GeneratedBlockID(i)
		}
		for _, object := range append([]map[string]any{b.Accessory, b.Element}, b.Elements...) {
			e := element{BlockID: id, Object: object}
			e.Type, _ = object["type"].(string)
			e.ActionID, _ = object["action_id"].(string)
			e.Value, _ = object["value"].(string)
			if e.ActionID != "" {
				found = append(found, e)
			}
		}
	}
	return found
}

// GeneratedBlockID is the id that the i-th block gets when the app gave it none.
func GeneratedBlockID(i int) string { return fmt.Sprintf("b%d", i) }

// clickAction builds the entry of a click. The caller holds the lock.
func (w *Workspace) clickAction(blocks json.RawMessage, actionID string, value []string) (map[string]any, error) {
	for _, e := range interactiveElements(blocks) {
		if e.ActionID != actionID {
			continue
		}
		action := map[string]any{"action_id": e.ActionID, "block_id": e.BlockID, "type": e.Type,
			"action_ts": w.newTimestamp()}
		if e.Type == "button" {
			if len(value) > 0 && value[0] != e.Value {
				continue
			}
			action["text"] = e.Object["text"]
			if e.Value != "" {
				action["value"] = e.Value
			}
			return action, nil
		}
		if len(value) == 0 {
			return nil, fmt.Errorf("%s %s needs the value of an option", e.Type, actionID)
		}
		maps.Copy(action, filledState(e.Object, value[0]))
		if action["selected_option"] == nil && action["value"] == nil && action["selected_options"] == nil {
			continue
		}
		return action, nil
	}
	return nil, fmt.Errorf("no element %q %q", actionID, value)
}

// filledState is what an input element holds after somebody has typed or chosen value; several checkboxes are joined by
// a comma.
func filledState(object map[string]any, value string) map[string]any {
	kind, _ := object["type"].(string)
	state := map[string]any{"type": kind}
	option := func(value string) any {
		options, _ := object["options"].([]any)
		for _, o := range options {
			if m, ok := o.(map[string]any); ok && m["value"] == value {
				return m
			}
		}
		return nil
	}
	switch kind {
	case "checkboxes", "multi_static_select":
		chosen := []any{}
		for v := range strings.SplitSeq(value, ",") {
			if o := option(v); o != nil {
				chosen = append(chosen, o)
			}
		}
		state["selected_options"] = chosen
	case "static_select", "radio_buttons", "overflow":
		state["selected_option"] = option(value)
	case "users_select":
		state["selected_user"] = value
	default:
		state["value"] = nil
		if value != "" {
			state["value"] = value
		}
	}
	return state
}
