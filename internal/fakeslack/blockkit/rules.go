package blockkit

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

const inMessage = "message"

// block is the part of a block that the rules below look at.
type block struct {
	Type     string            `json:"type"`
	BlockID  string            `json:"block_id"`
	Text     json.RawMessage   `json:"text"`
	Elements []json.RawMessage `json:"elements"`
	Rows     [][]tableCell     `json:"rows"`
}

type tableCell struct {
	Text     string            `json:"text"`
	Elements []json.RawMessage `json:"elements"`
}

// blockRules checks what a schema cannot say: ids that must differ, limits over several blocks, and which surface a
// block may stand on. The blocks have passed the schema already.
func blockRules(raw json.RawMessage, prefix, surface string) []string {
	var blocks []block
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return []string{problemAt("not a list of blocks", prefix)}
	}
	var faults []string
	fault := func(format, pointer string, args ...any) {
		faults = append(faults, problemAt(format, pointer, args...))
	}
	ids := map[string]bool{}
	markdown, tables := 0, 0
	for i, b := range blocks {
		at := fmt.Sprintf("%s/%d", prefix, i)
		if b.BlockID != "" {
			if ids[b.BlockID] {
				fault("block_id %q is used twice", at+"/block_id", b.BlockID)
			}
			ids[b.BlockID] = true
		}
		actions := map[string]bool{}
		for j, element := range b.Elements {
			var e struct {
				ActionID string `json:"action_id"`
			}
			if json.Unmarshal(element, &e) != nil || e.ActionID == "" {
				continue
			}
			if actions[e.ActionID] {
				fault("action_id %q is used twice in one block", fmt.Sprintf("%s/elements/%d/action_id", at, j), e.ActionID)
			}
			actions[e.ActionID] = true
		}
		switch b.Type {
		case "markdown":
			var text string
			if json.Unmarshal(b.Text, &text) == nil {
				markdown += utf8.RuneCountInString(text)
			}
		case "table":
			tables++
			if n := tableText(b.Rows); n > maxTableText {
				fault("table has %d characters, at most %d are allowed", at+"/rows", n, maxTableText)
			}
			if surface != inMessage {
				fault("a table is for messages only", at+"/type")
			}
		case "alert":
			if surface == inMessage {
				fault("an alert is for modals only", at+"/type")
			}
		}
	}
	if markdown > maxMarkdown {
		fault("markdown blocks have %d characters together, at most %d are allowed", prefix, markdown, maxMarkdown)
	}
	if tables > 1 {
		fault("only one table is allowed", prefix)
	}
	return faults
}

func tableText(rows [][]tableCell) int {
	n := 0
	for _, row := range rows {
		for _, cell := range row {
			n += utf8.RuneCountInString(cell.Text)
			for _, element := range cell.Elements {
				n += richTextLength(element)
			}
		}
	}
	return n
}

func richTextLength(raw json.RawMessage) int {
	var node struct {
		Text     string            `json:"text"`
		Elements []json.RawMessage `json:"elements"`
	}
	if json.Unmarshal(raw, &node) != nil {
		return 0
	}
	n := utf8.RuneCountInString(node.Text)
	for _, child := range node.Elements {
		n += richTextLength(child)
	}
	return n
}

func hasInput(raw json.RawMessage) bool {
	var blocks []block
	if json.Unmarshal(raw, &blocks) != nil {
		return false
	}
	for _, b := range blocks {
		if b.Type == "input" {
			return true
		}
	}
	return false
}
