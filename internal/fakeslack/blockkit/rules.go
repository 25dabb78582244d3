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
	ids := map[string]bool{}
	markdown, tables := 0, 0
	for i, b := range blocks {
		at := fmt.Sprintf("%s/%d", prefix, i)
		if b.BlockID != "" && ids[b.BlockID] {
			faults = append(faults, problemAt("block_id %q is used twice", at+"/block_id", b.BlockID))
		}
		ids[b.BlockID] = true
		faults = append(faults, repeatedActions(b, at)...)
		faults = append(faults, surfaceFaults(b, at, surface)...)
		switch b.Type {
		case "markdown":
			var text string
			if json.Unmarshal(b.Text, &text) == nil {
				markdown += utf8.RuneCountInString(text)
			}
		case "table":
			tables++
		}
	}
	if markdown > maxMarkdown {
		faults = append(faults, problemAt("markdown blocks have %d characters together, at most %d are allowed",
			prefix, markdown, maxMarkdown))
	}
	if tables > 1 {
		faults = append(faults, problemAt("only one table is allowed", prefix))
	}
	return faults
}

// repeatedActions finds the action ids that stand twice in one block.
func repeatedActions(b block, at string) []string {
	var faults []string
	actions := map[string]bool{}
	for j, element := range b.Elements {
		var e struct {
			ActionID string `json:"action_id"`
		}
		if json.Unmarshal(element, &e) != nil || e.ActionID == "" {
			continue
		}
		if actions[e.ActionID] {
			pointer := fmt.Sprintf("%s/elements/%d/action_id", at, j)
			faults = append(faults, problemAt("action_id %q is used twice in one block", pointer, e.ActionID))
		}
		actions[e.ActionID] = true
	}
	return faults
}

// surfaceFaults finds what may not be so large, or may not stand on this surface.
func surfaceFaults(b block, at, surface string) []string {
	var faults []string
	switch b.Type {
	case "table":
		if n := tableText(b.Rows); n > maxTableText {
			faults = append(faults,
				problemAt("table has %d characters, at most %d are allowed", at+"/rows", n, maxTableText))
		}
		if surface != inMessage {
			faults = append(faults, problemAt("a table is for messages only", at+"/type"))
		}
	case "alert":
		if surface == inMessage {
			faults = append(faults, problemAt("an alert is for modals only", at+"/type"))
		}
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
